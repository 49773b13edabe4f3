/**
 * Requests that belong together. A video says itself which conversation it is of; what a reader
 * called a conversation is kept on this device.
 */

import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";

import type { Video } from "../api/types";
import type { Cache } from "./cache";
import { notesOf } from "./notes";
import { onWritten, readJson, writeJson } from "./storage";
import type { Videos } from "./videos";

export interface Conversation {
	id: string;
	title: string;
	/** Seconds since 1970, of its newest video. */
	updated: number;
	/** Of its videos, newest first. */
	ids: readonly string[];
}

export interface Conversations {
	/** The one that was last added to first. */
	readonly all: ReadonlySignal<readonly Conversation[]>;
	rename(id: string, title: string): void;
	/** Those that were made by other programs, newest first. */
	readonly others: ReadonlySignal<readonly string[]>;
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

	const all = computed(() => {
		const found = new Map<string, { ids: string[]; first: Fact; last: Fact }>();

		for (const [id, fact] of known.value) {
			if (!fact.conversation) continue;
			const entry = found.get(fact.conversation);

			if (entry) {
				entry.ids.push(id);
				entry.first = fact;
			} else found.set(fact.conversation, { ids: [id], first: fact, last: fact });
		}
		return [...found].map(
			([id, { ids, first, last }]): Conversation => ({
				id,
				title: titles.value[id] || titleOf(first.prompt),
				updated: last.created,
				ids,
			}),
		);
	});

	return {
		all,
		others: computed(() =>
			known.value.filter(([, fact]) => !fact.conversation).map(([id]) => id),
		),
		rename(id, title) {
			batch(() => {
				titles.value = { ...titles.value, [id]: titleOf(title) };
			});
			writeJson(name, titles.value);
		},
	};
}
