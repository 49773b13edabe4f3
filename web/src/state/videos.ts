/**
 * Which videos there are, and what is new about them. Each is a signal of its own, so that progress
 * of one redraws one card.
 */

import { batch, computed, signal, type ReadonlySignal, type Signal } from "@preact/signals";

import type { Client } from "../api/client";
import type { ApiError } from "../api/errors";
import { follow, type Link } from "../api/stream";
import type { Page, Video, VideoQuery } from "../api/types";

export const isOver = (video: Video): boolean =>
	video.status !== "queued" && video.status !== "in_progress";

export interface Videos {
	/** All that are known here, newest first. */
	readonly ids: ReadonlySignal<readonly string[]>;
	readonly running: ReadonlySignal<readonly Video[]>;
	readonly link: ReadonlySignal<Link>;
	/** The last trouble with the gateway; null while it is well. */
	readonly trouble: ReadonlySignal<ApiError | null>;
	/** The latest were asked for at least once. */
	readonly loaded: ReadonlySignal<boolean>;
	/** Older ones may be there. */
	readonly more: ReadonlySignal<boolean>;
	/** null: not known here, or deleted. */
	get(id: string): Video | null;
	of(id: string): ReadonlySignal<Video | null>;
	put(video: Video): void;
	/** It is hidden at once; its deletion itself may come later. */
	hide(id: string): void;
	unhide(video: Video): void;
	/** Asks for a page and takes it in. */
	page(query: VideoQuery, signal?: AbortSignal): Promise<Page<Video>>;
	/** The next older ones. */
	older(): Promise<void>;
	/** Those that are not known here yet; what is gone is left out. */
	ensure(ids: readonly string[]): Promise<void>;
	onChange(fn: (video: Video, before: Video | null) => void): () => void;
	onGone(fn: (id: string) => void): () => void;
	/** Follows changes until the signal aborts. Rejects when the key is good no more. */
	follow(signal: AbortSignal): Promise<void>;
	lastEventId(): string;
}

const PAGE = 50;
/** As the gateway allows. */
const MOST_PAGE = 100;

/** Ids grow with time. */
function insert(ids: readonly string[], id: string): readonly string[] {
	let low = 0;
	let high = ids.length;

	while (low < high) {
		const middle = (low + high) >> 1;

		if (ids[middle]! > id) low = middle + 1;
		else high = middle;
	}
	return ids[low] === id ? ids : [...ids.slice(0, low), id, ...ids.slice(low)];
}

/** Answers overtake each other: is what came older than what is known? */
function stale(known: Video, came: Video): boolean {
	if (isOver(known) && !isOver(came)) return true;
	if (known.attempts !== came.attempts) return came.attempts < known.attempts;
	return known.status === came.status && came.progress < known.progress;
}

export function createVideos(
	client: Client,
	kept: { videos: readonly Video[]; lastEventId: string },
): Videos {
	const all = new Map<string, Signal<Video | null>>();
	const hidden = new Set<string>();
	const ids = signal<readonly string[]>([]);
	const link = signal<Link>("connecting");
	const trouble = signal<ApiError | null>(null);
	const loaded = signal(false);
	const more = signal(false);
	const changed = new Set<(video: Video, before: Video | null) => void>();
	const gone = new Set<(id: string) => void>();
	let lastEventId = kept.lastEventId;
	let oldest: string | null = null;

	function of(id: string): Signal<Video | null> {
		let found = all.get(id);

		if (!found) all.set(id, (found = signal<Video | null>(null)));
		return found;
	}

	function put(video: Video) {
		const cell = of(video.id);
		const before = cell.peek();

		if (hidden.has(video.id) || (before && stale(before, video))) return;
		// a video of an older gateway, or of the cache of an older page
		if (!video.metadata) video = { ...video, metadata: {} };
		if (before && JSON.stringify(before) === JSON.stringify(video)) return;
		batch(() => {
			cell.value = video;
			ids.value = insert(ids.peek(), video.id);
		});
		for (const fn of changed) fn(video, before);
	}

	function forget(id: string) {
		batch(() => {
			ids.value = ids.peek().filter((each) => each !== id);
			const cell = all.get(id);

			if (cell) cell.value = null;
		});
		for (const fn of gone) fn(id);
	}

	async function page(query: VideoQuery, stop?: AbortSignal) {
		const answer = await client.list({ limit: PAGE, ...query }, stop);

		batch(() => answer.data.forEach(put));
		return answer;
	}

	/** What is known here as running, and is not among the latest, may have ended meanwhile. */
	async function latest() {
		const known = ids.peek(); // what is made meanwhile may not be in the answer
		const answer = await page({});
		const seen = new Set(answer.data.map((video) => video.id));
		const end = answer.data.at(-1)?.id ?? "";

		// within the latest page only what was deleted elsewhere can be missing
		for (const id of known)
			if (!seen.has(id) && (id > end || !answer.has_more)) forget(id);
		oldest ??= answer.last_id;
		more.value ||= answer.has_more && !loaded.peek();
		loaded.value = true;
		await ensure(
			running.peek().filter((video) => !seen.has(video.id)).map((video) => video.id),
			true,
		);
	}

	async function ensure(wanted: readonly string[], again = false) {
		const asked = wanted.filter((id) => again || !all.get(id)?.peek());

		await Promise.all(
			asked.map(async (id) => {
				try {
					put(await client.get(id));
				} catch (e) {
					if ((e as ApiError).status === 404) forget(id);
					else if (!again) throw e;
				}
			}),
		);
	}

	const running = computed(() =>
		ids.value
			.map((id) => of(id).value)
			.filter((video): video is Video => video !== null && !isOver(video)),
	);

	batch(() => kept.videos.forEach(put));
	return {
		ids,
		running,
		link,
		trouble,
		loaded,
		more,
		get: (id) => all.get(id)?.peek() ?? null,
		of,
		put,
		hide(id) {
			hidden.add(id);
			forget(id);
		},
		unhide(video) {
			hidden.delete(video.id);
			put(video);
		},
		page,
		async older() {
			const answer = await page({ after: oldest ?? undefined, limit: MOST_PAGE });

			oldest = answer.last_id ?? oldest;
			more.value = answer.has_more;
		},
		ensure,
		onChange(fn) {
			changed.add(fn);
			return () => changed.delete(fn);
		},
		onGone(fn) {
			gone.add(fn);
			return () => gone.delete(fn);
		},
		follow: (stop) =>
			follow(
				{
					client,
					lastId: lastEventId,
					changed(video, id) {
						lastEventId = id;
						put(video);
					},
					deleted(id, last) {
						lastEventId = last;
						forget(id);
					},
					link(now, error) {
						const before = link.peek();

						link.value = now;
						trouble.value = error;
						// also what no event told: it was cut off, or its place is too old
						if (now === "live" && before !== "live")
							latest().catch(() => undefined);
					},
				},
				stop,
			),
		lastEventId: () => lastEventId,
	};
}
