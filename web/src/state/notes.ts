/**
 * What the page notes on the videos that it asks for, in their metadata: so it is there on every
 * device. Videos that other programs asked for have none.
 */

import type { Video } from "../api/types";

/** How several videos of one request belong together. */
export type GroupKind = "variations" | "compare";

export interface Notes {
	conversation?: string;
	/** The videos of one request. */
	group?: string;
	kind?: GroupKind;
	/** Ids of the files that were its images. */
	first?: string;
	last?: string;
	/** The video in whose place it stands, which did not work. */
	retries?: string;
}

export const notesOf = (video: Video): Notes => video.metadata ?? {};

export function metadataOf(notes: Notes): Record<string, string> {
	return Object.fromEntries(
		Object.entries(notes).filter((pair): pair is [string, string] => Boolean(pair[1])),
	);
}

/** Ids that sort by time and are not to be guessed at. */
export function newId(nowMs = Date.now()): string {
	const random = crypto.getRandomValues(new Uint8Array(6));

	return nowMs.toString(36) + Array.from(random, (b) => (b % 36).toString(36)).join("");
}

/** When an id of newId() was made, in seconds since 1970; 0 for ids of others. */
export function bornOf(id: string): number {
	const ms = /^[0-9a-z]{14}$/.test(id) ? parseInt(id.slice(0, 8), 36) : 0;

	return ms / 1000;
}

/** One request, as it stands in a conversation: its videos, oldest first. */
export interface Turn {
	id: string;
	kind: GroupKind | "single";
	videos: Video[];
}

/** Oldest first, as they are read. */
export function turnsOf(videos: readonly Video[]): Turn[] {
	const turns = new Map<string, Turn>();

	for (const video of [...videos].sort((a, b) => (a.id < b.id ? -1 : 1))) {
		const { group, kind } = notesOf(video);
		const id = group ?? video.id;
		const turn = turns.get(id);

		if (turn) turn.videos.push(video);
		else turns.set(id, { id, kind: group && kind ? kind : "single", videos: [video] });
	}
	return [...turns.values()];
}
