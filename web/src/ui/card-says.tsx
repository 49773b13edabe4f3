/** What a screen reader says of a video that is made: each change of state, and each quarter. */

import { useRef } from "preact/hooks";

import type { Video } from "../api/types";
import { t } from "../i18n/index";
import { isOver } from "../state/videos";
import { wordOf } from "./card-waiting";

const QUARTER = 25;

export function Says({ video }: { video: Video }) {
	const seen = useRef(!isOver(video));
	const quarter = Math.floor(video.progress / QUARTER) * QUARTER;
	const going = video.status === "in_progress" && quarter > 0;

	// what was over when it was first shown is no news
	if (!seen.current) return null;
	return (
		<p class="visually-hidden" role="status">
			{wordOf(video)}
			{going && `. ${t("says_made", { n: quarter })}`}
		</p>
	);
}
