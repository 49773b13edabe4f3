/** "Show as code": what is fetched when it is asked for stands in code-view.tsx. */

import { signal } from "@preact/signals";

import type { Video } from "../api/types";
import { later } from "./later";

const View = later(async () => (await import("./code-view")).CodeView, true);

/** Whose request is shown. */
const shown = signal<Video | null>(null);

export const openCode = (video: Video) => void (shown.value = video);

export function Code() {
	return shown.value && <View video={shown.value} close={() => (shown.value = null)} />;
}
