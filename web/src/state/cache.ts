/**
 * What was seen last, so that the page opens at once and can be read while the gateway is away.
 * Bounded, and written anew under a full quota with less in it.
 */

import { effect } from "@preact/signals";

import type { Model, Video } from "../api/types";
import type { Studio } from "./studio";
import { read, write } from "./storage";

export interface Cache {
	/** Names under which other parts may keep what belongs to this key. */
	name(part: string): string;
	readonly videos: readonly Video[];
	readonly models: readonly Model[];
	readonly lastEventId: string;
	/** Writes what changes, a little later. */
	follow(studio: Studio, stop: AbortSignal): void;
}

/** Of what is kept: another version is not read. */
const VERSION = 1;
const MOST = 400;
const LEAST = 20;
const LATER_MS = 800;

interface Kept {
	version: number;
	videos: Video[];
	models: Model[];
	lastEventId: string;
}

/** A short name for a key, from which it cannot be told (FNV-1a, 32 bits). */
export function fingerprint(key: string): string {
	let hash = 0x811c9dc5;

	for (let i = 0; i < key.length; i++)
		hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0;
	return hash.toString(36);
}

export function parseKept(text: string | null): Kept {
	const none: Kept = { version: VERSION, videos: [], models: [], lastEventId: "" };

	try {
		const kept = JSON.parse(text ?? "null") as Kept | null;
		const sound =
			kept?.version === VERSION &&
			Array.isArray(kept.videos) &&
			kept.videos.every((video) => typeof video?.id === "string") &&
			Array.isArray(kept.models);

		return sound ? { ...kept, lastEventId: String(kept.lastEventId ?? "") } : none;
	} catch {
		return none;
	}
}

/** As much as there is room for, the newest first. */
export function writeKept(kept: Kept, put: (text: string) => boolean): boolean {
	for (let n = Math.min(kept.videos.length, MOST); ; n = Math.floor(n / 2)) {
		if (put(JSON.stringify({ ...kept, videos: kept.videos.slice(0, n) }))) return true;
		if (n < LEAST) return false;
	}
}

export function createCache(key: string): Cache {
	const name = (part: string) => `cache.${fingerprint(key)}.${part}`;
	const kept = parseKept(read(name("seen")));

	return {
		name,
		videos: kept.videos,
		models: kept.models,
		lastEventId: kept.lastEventId,
		follow({ videos, models }, stop) {
			let timer: ReturnType<typeof setTimeout> | null = null;

			function save() {
				timer = null;
				if (stop.aborted) return;
				const seen: Kept = {
					version: VERSION,
					videos: videos.ids
						.peek()
						.slice(0, MOST)
						.map((id) => videos.get(id))
						.filter((video): video is Video => video !== null),
					models: [...models.all.peek()],
					lastEventId: videos.lastEventId(),
				};

				writeKept(seen, (text) => write(name("seen"), text));
			}
			function later() {
				timer ??= setTimeout(save, LATER_MS);
			}
			const away = [
				videos.onChange(later),
				videos.onGone(later),
				effect(() => void (models.all.value, later())),
			];

			addEventListener("pagehide", save, { signal: stop });
			stop.addEventListener("abort", () => {
				if (timer) clearTimeout(timer);
				for (const fn of away) fn();
			});
		},
	};
}
