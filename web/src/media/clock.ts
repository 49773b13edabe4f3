/**
 * When a video may be done, between what the gateway says of it: ticks by itself, does not jump for
 * small corrections, and says nothing where nobody knows.
 */

export interface Clock {
	/** The gateway said: so many seconds; null: it does not know. attempt: the try that it is about. */
	tell(eta: number | null, attempt: number, nowMs: number): void;
	/** Seconds; 0: at any moment; null: nobody knows. */
	left(nowMs: number): number | null;
	/** How much of the time from the first word to the end is over, 0 to 1; grows within one try. */
	part(nowMs: number): number;
}

/** A later end is believed when it is later by so much: below that it is noise. */
const NOISE_MS = 10_000;
const NOISE_PART = 0.25;
/** What is not done yet is not shown as done. */
const MOST = 0.97;

export function createClock(): Clock {
	let attempt = -1;
	let ends: number | null = null;
	let began = 0;
	let reached = 0;

	return {
		tell(eta, which, nowMs) {
			if (which !== attempt) {
				attempt = which;
				ends = null;
				reached = 0;
				began = nowMs;
			}
			if (eta === null) return;
			const end = nowMs + eta * 1000;
			const noise = Math.max(NOISE_MS, eta * 1000 * NOISE_PART);

			if (ends === null || end < ends || end > ends + noise) ends = end;
		},
		left: (nowMs) => (ends === null ? null : Math.max(0, Math.ceil((ends - nowMs) / 1000))),
		part(nowMs) {
			if (ends === null || ends <= began) return reached;
			const now = Math.min(MOST, Math.max(0, (nowMs - began) / (ends - began)));

			reached = Math.max(reached, now);
			return reached;
		},
	};
}
