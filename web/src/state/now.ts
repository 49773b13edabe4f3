/** The time, for what is shown ticking: runs only while somebody reads it. */

import { signal } from "@preact/signals";

const EVERY_MS = 1000;
let timer: ReturnType<typeof setInterval> | undefined;

/** Milliseconds since 1970, by the second. */
export const now = signal(Date.now(), {
	watched() {
		now.value = Date.now();
		timer = setInterval(() => (now.value = Date.now()), EVERY_MS);
	},
	unwatched() {
		clearInterval(timer);
	},
});
