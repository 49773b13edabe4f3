/** What the browser's tab says: who is wanted, how far it is, what is done. */

import { effect, type ReadonlySignal } from "@preact/signals";

import type { Video } from "../api/types";
import type { Studio } from "./studio";

const NAME = "Arena video";

export interface Telling {
	/** Workers that want a human. */
	wanting: number;
	/** Videos that were done while nobody looked. */
	done: number;
	running: readonly Pick<Video, "status" | "progress">[];
}

export function titleOf({ wanting, done, running }: Telling): string {
	const made = running.filter((video) => video.status === "in_progress");
	const sum = made.reduce((all, video) => all + video.progress, 0);
	const parts = [
		wanting > 0 && "⚠",
		done > 0 && (done > 1 ? `✓ ${done}` : "✓"),
		made.length > 0 && `${Math.floor(sum / made.length)} %`,
	].filter(Boolean);

	return parts.length ? `${parts.join(" ")} · ${NAME}` : NAME;
}

export function followTitle(
	{ videos, workers, signal: stop }: Studio,
	unseen: ReadonlySignal<readonly Video[]>,
) {
	const end = effect(() => {
		document.title = titleOf({
			wanting: workers.wanting.value.length,
			done: unseen.value.length,
			running: videos.running.value,
		});
	});

	stop.addEventListener("abort", () => {
		end();
		document.title = NAME;
	});
}
