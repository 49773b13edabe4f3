/** A gentle pace: between two runs, and in a window of time. Pure; `starts` is when runs began. */

import type { PaceSettings } from "../types";

export const GENTLE: PaceSettings = { gapMs: 45_000, most: 6, windowMs: 15 * 60_000 };

/** When the next run may begin; `now` or before: at once. */
export function nextStart(starts: number[], pace: PaceSettings): number {
	const sorted = [...starts].sort((a, b) => a - b);
	const last = sorted.at(-1);
	const nth = sorted.at(-pace.most);

	return Math.max(
		last === undefined ? 0 : last + pace.gapMs,
		nth === undefined || sorted.length < pace.most ? 0 : nth + pace.windowMs,
	);
}

/** One began now. Those that no longer count are forgotten. */
export function started(starts: number[], pace: PaceSettings, now: number): number[] {
	const since = now - Math.max(pace.windowMs, pace.gapMs);

	// a clock that was set back must not hold runs up until it is where it was
	return [...starts.filter((at) => at > since && at <= now), now];
}

const between = (v: number, least: number, most: number, otherwise: number) =>
	Number.isFinite(v) ? Math.min(Math.max(Math.round(v), least), most) : otherwise;

/** What people may set, kept within reason. */
export function soundPace(pace: PaceSettings): PaceSettings {
	return {
		gapMs: between(pace.gapMs, 0, 3_600_000, GENTLE.gapMs),
		most: between(pace.most, 1, 100, GENTLE.most),
		windowMs: between(pace.windowMs, 1000, 24 * 3_600_000, GENTLE.windowMs),
	};
}
