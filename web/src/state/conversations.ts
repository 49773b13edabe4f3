/**
 * Requests that belong together. A video says itself which conversation it is of; what a reader
 * called a conversation is kept on this device.
 */

import { computed, signal, type ReadonlySignal } from "@preact/signals";

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
	videos: readonly Video[];
}

export interface Conversations {
	/** The one that was last added to first. */
	readonly all: ReadonlySignal<readonly Conversation[]>;
	rename(id: string, title: string): void;
}

const TITLE = 80;

type Titles = Record<string, string>;

const isTitles = (value: unknown): value is Titles =>
	typeof value === "object" &&
	value !== null &&
	Object.values(value).every((each) => typeof each === "string");

export function createConversations(cache: Cache, videos: Videos): Conversations {
	const name = cache.name("titles");
	const titles = signal<Titles>(readJson(name, isTitles) ?? {});

	onWritten(name, () => {
		titles.value = readJson(name, isTitles) ?? {};
	});

	const all = computed(() => {
		const found = new Map<string, Video[]>();

		for (const id of videos.ids.value) {
			const video = videos.of(id).value;
			const { conversation } = video ? notesOf(video) : {};

			if (!video || !conversation) continue;
			const list = found.get(conversation);

			if (list) list.push(video);
			else found.set(conversation, [video]);
		}
		return [...found].map(([id, list]): Conversation => {
			const first = list.at(-1)!;

			return {
				id,
				title: titles.value[id] ?? (first.prompt ?? "").slice(0, TITLE),
				updated: list[0]!.created_at,
				videos: list,
			};
		});
	});

	return {
		all,
		rename(id, title) {
			titles.value = { ...titles.value, [id]: title.trim().slice(0, TITLE) };
			writeJson(name, titles.value);
		},
	};
}
