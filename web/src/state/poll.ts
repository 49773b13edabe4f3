/** Asks again and again: often while the page is looked at, seldom while it is not. */

import { signal, type ReadonlySignal, type Signal } from "@preact/signals";

import { pause } from "../api/stream";

export interface Polled<T> {
	readonly all: Signal<readonly T[]>;
	/** It was asked for at least once. */
	readonly loaded: ReadonlySignal<boolean>;
	/** Asks now, besides. */
	refresh(): void;
}

const HIDDEN = 6;

function poll(ask: () => Promise<void>, everyMs: number, stop: AbortSignal): () => void {
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
	return () => wake.abort();
}

/** A list that is asked for; it changes only when something in it is new. first: until the answer comes. */
export function polled<T>(
	ask: () => Promise<T[]>,
	everyMs: number,
	stop: AbortSignal,
	first: readonly T[] = [],
): Polled<T> {
	const all = signal(first);
	const loaded = signal(false);

	const refresh = poll(
		async () => {
			const list = await ask();

			if (JSON.stringify(list) !== JSON.stringify(all.peek())) all.value = list;
			loaded.value = true;
		},
		everyMs,
		stop,
	);

	return { all, loaded, refresh };
}
