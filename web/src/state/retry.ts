/** The same wish once more. */

import type { Video, Wish } from "../api/types";
import { metadataOf, notesOf } from "./notes";

/** It stands in the same turn, in the place of the one that it tries again. */
export function wishAgain(video: Video): Wish {
	const { first, last, ...notes } = notesOf(video);

	return {
		prompt: video.prompt ?? "",
		parent: video.remixed_from_video_id ?? undefined,
		model: video.model,
		size: video.size,
		seconds: Number(video.seconds),
		seed: video.seed ?? undefined,
		negative_prompt: video.negative_prompt ?? undefined,
		fps: video.fps ?? undefined,
		first_frame: first,
		last_frame: last,
		metadata: metadataOf({
			...notes,
			first,
			last,
			group: notes.group ?? video.id,
			retries: video.id,
		}),
	};
}

/** Without those that were tried again. */
export function lasting(videos: readonly Video[]): Video[] {
	const replaced = new Set(videos.map((video) => notesOf(video).retries));

	return videos.filter((video) => !replaced.has(video.id));
}
