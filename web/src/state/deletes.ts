/**
 * Deletion with a way back: a video is hidden at once and deleted a little later. What was not carried
 * out when the page was closed or the reader signed out is carried out then, or when it is opened again.
 */

import type { Client } from "../api/client";
import { ApiError, wordsOf } from "../api/errors";
import type { Video } from "../api/types";
import { t } from "../i18n/index";
import type { Cache } from "./cache";
import type { Favourites } from "./favourites";
import { isTexts, readJson, writeJson } from "./storage";
import { say } from "./toasts";
import type { Videos } from "./videos";

export interface Deletes {
	/** Hides them, offers the way back, and then deletes them. */
	remove(videos: readonly Video[]): void;
}

export function createDeletes(
	{ client, cache, videos, favourites }: { client: Client; cache: Cache; videos: Videos; favourites: Favourites },
	stop: AbortSignal,
): Deletes {
	const name = cache.name("deletes");
	const waiting = new Map<string, Video | null>();

	const keep = () => writeJson(name, [...waiting.keys()]);

	/** null: it is of an earlier opening, and there is nothing to bring back here. */
	async function carryOut(id: string, video: Video | null, keepalive = false) {
		const error = await client.remove(id, keepalive).then(() => null, (e: ApiError) => e);

		if (stop.aborted) return;
		if (!video && error?.unreachable) return; // asked for again at the next opening
		waiting.delete(id);
		keep();
		if (!error || error.status === 404) return favourites.drop(id);
		if (!video) return;
		videos.unhide(video);
		say({
			kind: "bad",
			text: t("delete_failed", { why: wordsOf(error) }),
			requestId: error.requestId,
		});
	}

	function remove(list: readonly Video[]) {
		for (const video of list) {
			waiting.set(video.id, video);
			videos.hide(video.id);
		}
		keep();
		say({
			kind: "info",
			text: t("deleted", { n: list.length }),
			action: {
				label: t("undo"),
				run() {
					for (const video of list) {
						waiting.delete(video.id);
						videos.unhide(video);
					}
					keep();
				},
			},
			ended() {
				for (const video of list)
					if (!stop.aborted) void carryOut(video.id, video);
			},
		});
	}

	function carryOutAll() {
		for (const [id, video] of waiting) void carryOut(id, video, true);
	}

	addEventListener("pagehide", carryOutAll, { signal: stop });
	stop.addEventListener("abort", carryOutAll); // signed out: nobody can undo it any more
	for (const id of readJson(name, isTexts) ?? []) {
		waiting.set(id, null);
		videos.hide(id);
		void carryOut(id, null);
	}
	return { remove };
}
