/**
 * Deletion with a way back: a video is hidden at once and deleted a little later. What was not carried
 * out when the page was closed is carried out then, or when it is opened again.
 */

import type { Client } from "../api/client";
import { ApiError, wordsOf } from "../api/errors";
import type { Video } from "../api/types";
import { t } from "../i18n/index";
import type { Cache } from "./cache";
import type { Favourites } from "./favourites";
import { readJson, writeJson } from "./storage";
import { say } from "./toasts";
import type { Videos } from "./videos";

export interface Deletes {
	/** Hides them, offers the way back, and then deletes them. */
	remove(videos: readonly Video[]): void;
}

const isIds = (value: unknown): value is string[] =>
	Array.isArray(value) && value.every((each) => typeof each === "string");

export function createDeletes(
	{ client, cache, videos, favourites }: { client: Client; cache: Cache; videos: Videos; favourites: Favourites },
	stop: AbortSignal,
): Deletes {
	const name = cache.name("deletes");
	const waiting = new Map<string, Video | null>();

	const keep = () => writeJson(name, [...waiting.keys()]);

	/** null: it is of an earlier opening, and there is nothing to bring back here. */
	async function carryOut(id: string, video: Video | null, keepalive = false) {
		try {
			await client.remove(id, keepalive);
		} catch (e) {
			const gone = e instanceof ApiError && e.status === 404;

			if (!gone && video) {
				videos.unhide(video);
				say({
					kind: "bad",
					text: t("delete_failed", { why: wordsOf(e) }),
					requestId: e instanceof ApiError ? e.requestId : undefined,
				});
			}
			// asked for again at the next opening
			if (e instanceof ApiError && e.unreachable && !video) return;
		}
		favourites.drop(id);
		waiting.delete(id);
		keep();
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

	addEventListener(
		"pagehide",
		() => {
			for (const [id, video] of waiting) void carryOut(id, video, true);
		},
		{ signal: stop },
	);
	for (const id of readJson(name, isIds) ?? []) {
		waiting.set(id, null);
		videos.hide(id);
		void carryOut(id, null);
	}
	return { remove };
}
