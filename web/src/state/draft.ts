/**
 * What is being written, for each conversation its own. Kept on this device, so that neither a
 * reload nor a request that failed loses it.
 */

import { effect, signal, type Signal } from "@preact/signals";

import type { Client } from "../api/client";
import { keptPicture, type Picture, type Role } from "./images";
import type { Order } from "./order";
import { readJson, writeJson } from "./storage";

/** Why it was not sent, or not all of it. */
export interface Wrong {
	words: string;
	/** Before this the gateway will not take it, in ms since 1970; 0: nothing is known. */
	until: number;
	requestId: string;
	/** The same can be sent again. */
	again: boolean;
}

export interface Draft {
	readonly prompt: Signal<string>;
	readonly pictures: Readonly<Record<Role, Signal<Picture | null>>>;
	/** Of the video that is remixed. */
	readonly parent: Signal<string | null>;
	/** On its way. */
	readonly sending: Signal<Order | null>;
	readonly wrong: Signal<Wrong | null>;
	/** What could not be sent, or not all of it: the same again goes on with it. */
	unsent: Order | null;
}

export interface Drafts {
	/** null: of the conversation that begins next. */
	of(conversation: string | null): Draft;
}

/** As it is kept. */
export interface Kept {
	prompt: string;
	first?: string;
	last?: string;
	parent?: string;
	/** ms since 1970. */
	at: number;
}

const MOST = 40;
const PROMPT_MOST = 32_000;
const LATER_MS = 300;
const NEW = "new";

const isKept = (value: unknown): value is Kept =>
	typeof value === "object" &&
	value !== null &&
	typeof (value as Kept).prompt === "string" &&
	typeof (value as Kept).at === "number";

export const isDrafts = (value: unknown): value is Record<string, Kept> =>
	typeof value === "object" && value !== null && Object.values(value).every(isKept);

/** With this one in it, or without it when nothing is written; the oldest go. */
export function withDraft(
	all: Readonly<Record<string, Kept>>,
	id: string,
	kept: Kept,
): Record<string, Kept> {
	const { [id]: _, ...others } = all;
	const empty = !kept.prompt && !kept.first && !kept.last && !kept.parent;
	const list = Object.entries(others).sort(([, a], [, b]) => b.at - a.at);

	if (!empty) list.unshift([id, { ...kept, prompt: kept.prompt.slice(0, PROMPT_MOST) }]);
	return Object.fromEntries(list.slice(0, MOST));
}

const fileOf = (picture: Picture | null): string | undefined =>
	picture?.sent.value.at === "ready" ? picture.sent.value.id : undefined;

/** What is on its way counts as written, until it has arrived. */
function keptOf({ prompt, pictures, parent, sending }: Draft): Kept {
	const order = sending.value;

	return {
		prompt: [order?.prompt, prompt.value].filter(Boolean).join("\n\n"),
		first: fileOf(pictures.first.value ?? order?.pictures.first ?? null),
		last: fileOf(pictures.last.value ?? order?.pictures.last ?? null),
		parent: parent.value ?? order?.parent ?? undefined,
		at: Date.now(),
	};
}

export function createDrafts(name: string, client: Client, stop: AbortSignal): Drafts {
	const drafts = new Map<string, Draft>();
	const kept = () => readJson(name, isDrafts) ?? {};

	function make(id: string): Draft {
		const old: Kept = kept()[id] ?? { prompt: "", at: 0 };
		const picture = (file: string | undefined) =>
			signal(file ? keptPicture(client, file, "") : null);

		return {
			prompt: signal(old.prompt),
			pictures: { first: picture(old.first), last: picture(old.last) },
			parent: signal(old.parent ?? null),
			sending: signal(null),
			wrong: signal(null),
			unsent: null,
		};
	}

	/** Other tabs write other drafts: only its own is changed. */
	function keep(id: string, draft: Draft) {
		let timer: ReturnType<typeof setTimeout> | undefined;
		let now: Kept | null = null;
		let first = true; // what was just read is not written

		function save() {
			clearTimeout(timer);
			if (now && !stop.aborted) writeJson(name, withDraft(kept(), id, now));
			now = null;
		}
		const away = effect(() => {
			const next = keptOf(draft);

			if (first) return void (first = false);
			now = next;
			clearTimeout(timer);
			timer = setTimeout(save, LATER_MS);
		});

		addEventListener("pagehide", save, { signal: stop });
		stop.addEventListener("abort", away);
	}

	return {
		of(conversation) {
			const id = conversation ?? NEW;
			let draft = drafts.get(id);

			if (!draft) {
				drafts.set(id, (draft = make(id)));
				keep(id, draft);
			}
			return draft;
		},
	};
}
