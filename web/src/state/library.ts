/**
 * A list of videos that a filter lets through, as long as it is scrolled: asked of the gateway page by
 * page, and of what is known here while the gateway is away.
 */

import { batch, computed, signal, type ReadonlySignal } from "@preact/signals";

import { ApiError, isAbort } from "../api/errors";
import type { Status, Video } from "../api/types";
import type { Favourites } from "./favourites";
import { matches, wordsIn } from "./search";
import type { Videos } from "./videos";

export interface Filter {
	q: string;
	status: Status | "";
	model: string;
	favourites: boolean;
	oldest: boolean;
}

export const NO_FILTER: Filter = { q: "", status: "", model: "", favourites: false, oldest: false };

export interface Library {
	/** In the order that is wanted. */
	readonly ids: ReadonlySignal<readonly string[]>;
	readonly busy: ReadonlySignal<boolean>;
	/** There may be more. */
	readonly more: ReadonlySignal<boolean>;
	/** The last page did not come. */
	readonly trouble: ReadonlySignal<ApiError | null>;
	/** Asks for the next page, unless one is on its way. */
	next(): Promise<void>;
	stop(): void;
}

const PAGE = 60;

/** words: those of the filter's q. */
export function fits(
	video: Video,
	filter: Filter,
	words: readonly string[],
	favourites: Pick<Favourites, "has">,
): boolean {
	return (
		(!filter.status || video.status === filter.status) &&
		(!filter.model || video.model === filter.model) &&
		(!filter.favourites || favourites.has(video.id)) &&
		matches(words, [video.prompt ?? ""])
	);
}

export function createLibrary(
	{ videos, favourites }: { videos: Videos; favourites: Favourites },
	filter: Filter,
): Library {
	const busy = signal(false);
	const more = signal(true);
	const trouble = signal<ApiError | null>(null);
	const stopper = new AbortController();
	/** Beyond it nothing was asked for yet: what is known from there on would leave holes. */
	const edge = signal<string | null>(null);
	const words = wordsIn(filter.q);
	let after: string | undefined;

	const ids = computed(() => {
		const found = videos.ids.value.filter((id) => {
			const video = videos.of(id).value;

			return video !== null && fits(video, filter, words, favourites);
		});

		if (filter.oldest) found.reverse();
		// while the gateway is away all that is known is shown, holes or not
		if (!more.value || trouble.value) return found;
		const end = edge.value;

		if (end === null) return filter.oldest ? [] : found.slice(0, PAGE);
		return found.filter((id) => (filter.oldest ? id <= end : id >= end));
	});

	async function favouritesOnly() {
		await videos.ensure(favourites.ids.value);
		more.value = false;
	}

	async function page() {
		const answer = await videos.page(
			{
				after,
				limit: PAGE,
				q: filter.q.trim(),
				status: filter.status || undefined,
				model: filter.model,
				...(filter.oldest ? { order: "asc" as const } : {}),
			},
			stopper.signal,
		);

		after = answer.last_id ?? after;
		batch(() => {
			edge.value = after ?? null;
			more.value = answer.has_more;
		});
	}

	return {
		ids,
		busy,
		more,
		trouble,
		async next() {
			if (busy.peek() || !more.peek() || stopper.signal.aborted) return;
			busy.value = true;
			try {
				await (filter.favourites ? favouritesOnly() : page());
				trouble.value = null;
			} catch (e) {
				if (e instanceof ApiError) trouble.value = e;
				else if (!isAbort(e)) throw e;
			} finally {
				busy.value = false;
			}
		},
		stop: () => stopper.abort(),
	};
}
