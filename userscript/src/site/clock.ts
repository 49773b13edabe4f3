/** The site's clock, as its Date headers tell it: the time in an id is checked there. */

export interface SiteClock {
	now(): number;
	/** A Date header, and our clock when its request was sent and answered. */
	see(date: string | null, sent: number, answered: number): void;
}

/** A Date header is exact to a second: less than this is no difference. */
const SLACK_MS = 1500;

export function createClock(local: () => number): SiteClock {
	let offset = 0;

	return {
		now: () => Math.round(local() + offset),
		see(date, sent, answered) {
			const said = date ? Date.parse(date) : Number.NaN;

			if (Number.isNaN(said) || answered - sent > 10_000) return;
			// the header cuts the milliseconds off: half a second is what they are on average
			const seen = said + 500 - (sent + answered) / 2;

			if (Math.abs(seen - offset) > SLACK_MS)
				offset = Math.abs(seen) > SLACK_MS ? seen : 0;
		},
	};
}
