/** Asks again and again: often while the page is looked at, seldom while it is not. */

import { pause } from "../api/stream";

export interface Poll {
	/** Asks now, besides. */
	now(): void;
}

const HIDDEN = 6;

export function poll(ask: () => Promise<void>, everyMs: number, stop: AbortSignal): Poll {
	let wake = new AbortController();

	async function run() {
		while (!stop.aborted) {
			await ask().catch(() => undefined); // what is wrong with the gateway, the stream tells
			wake = new AbortController();
			await pause(
				document.hidden ? HIDDEN * everyMs : everyMs,
				AbortSignal.any([wake.signal, stop]),
			);
		}
	}

	document.addEventListener("visibilitychange", () => !document.hidden && wake.abort(), {
		signal: stop,
	});
	void run();
	return { now: () => wake.abort() };
}
