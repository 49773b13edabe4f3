/**
 * Requests that belong together. A video says itself which conversation it is of; what a reader
 * called a conversation is kept on this device.
 */

import { computed, signal, type ReadonlySignal } from "@preact/signals";

import type { Video } from "../api/types";
import { t } from "../i18n/index";
import type { Cache } from "./cache";
import { bornOf, notesOf } from "./notes";
import { onWritten, readJson, writeJson } from "./storage";
import type { Videos } from "./videos";

export interface Conversation {
	id: string;
	title: string;
	/** Seconds since 1970, of its newest video. */
	updated: number;
	/** Of its videos, newest first. */
	ids: readonly string[];
	/** What was asked for in it, for search. */
	prompts: readonly string[];
}

/** The id of what no conversation has: made by other programs. */
export const OTHERS = "api";

export interface Conversations {
	/** The one that was last added to first. */
	readonly all: ReadonlySignal<readonly Conversation[]>;
	rename(id: string, title: string): void;
	/** Ids of all its videos, also of those that were not known here yet. */
	whole(id: string): Promise<readonly string[]>;
	/** What was made by other programs; null: nothing. */
	readonly others: ReadonlySignal<Conversation | null>;
	/** Read inside a component it follows by itself. */
	find(id: string): Conversation | null;
}

/** What does not change while a video is made. */
interface Fact {
	conversation: string | undefined;
	prompt: string;
	created: number;
}

type Titles = Record<string, string>;

const TITLE = 80;

const isTitles = (value: unknown): value is Titles =>
	typeof value === "object" &&
	value !== null &&
	Object.values(value).every((each) => typeof each === "string");

const factOf = (video: Video): Fact => ({
	conversation: notesOf(video).conversation,
	prompt: video.prompt ?? "",
	created: video.created_at,
});

/** "A boat\nat dusk..." on one line, not too long. */
export function titleOf(prompt: string): string {
	const line = prompt.replace(/\s+/g, " ").trim();

	return line.length > TITLE ? `${[...line].slice(0, TITLE - 1).join("")}…` : line;
}

export function createConversations(
	cache: Cache,
	videos: Videos,
	stop: AbortSignal,
): Conversations {
	const name = cache.name("titles");
	const load = () => readJson(name, isTitles) ?? {};
	const titles = signal<Titles>(load());
	const facts = new Map<string, Fact>();

	stop.addEventListener(
		"abort",
		onWritten(name, () => {
			titles.value = load();
		}),
	);

	/** Only when a video comes or goes, not at each percent of one. */
	const known = computed(() =>
		videos.ids.value.map((id): [string, Fact] => {
			let fact = facts.get(id);

			if (!fact) {
				const video = videos.get(id);

				fact = video ? factOf(video) : { conversation: undefined, prompt: "", created: 0 };
				if (video) facts.set(id, fact);
			}
			return [id, fact];
		}),
	);

	/** Of one conversation; entries: newest first. */
	function made(id: string, entries: readonly [string, Fact][]): Conversation {
		return {
			id,
			title: titles.value[id] || titleOf(entries.at(-1)![1].prompt),
			updated: entries[0]![1].created,
			ids: entries.map(([video]) => video),
			prompts: entries.map(([, fact]) => fact.prompt),
		};
	}

	const parts = computed(() => {
		const found = new Map<string, [string, Fact][]>();

		for (const entry of known.value) {
			const id = entry[1].conversation ?? OTHERS;
			const list = found.get(id);

			if (list) list.push(entry);
			else found.set(id, [entry]);
		}
		return found;
	});
	const all = computed(() =>
		[...parts.value].filter(([id]) => id !== OTHERS).map(([id, entries]) => made(id, entries)),
	);
	const others = computed(() => {
		const entries = parts.value.get(OTHERS);

		return entries ? { ...made(OTHERS, entries), title: t("made_elsewhere") } : null;
	});

	return {
		all,
		others,
		find: (id) =>
			(id === OTHERS ? others.value : all.value.find((each) => each.id === id)) ?? null,
		async whole(id) {
			const born = bornOf(id);
			const oldest = () => videos.get(videos.ids.peek().at(-1) ?? "")?.created_at ?? born;

			while (videos.more.peek() && oldest() >= born && !stop.aborted) await videos.older();
			return parts.peek().get(id)?.map(([video]) => video) ?? [];
		},
		rename(id, title) {
			titles.value = { ...titles.value, [id]: titleOf(title) };
			writeJson(name, titles.value);
		},
	};
}
