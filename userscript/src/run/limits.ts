/** The site's limits, remembered: until when no run may begin, and in which words. Pure. */

export interface Limits {
	until: number;
	reason: "limit" | "verification" | null;
	message: string;
	/** In a row: of limits without a time, and of verifications that failed. */
	hits: number;
	strikes: number;
	at: number;
}

export const NO_LIMITS: Limits = {
	until: 0,
	reason: null,
	message: "",
	hits: 0,
	strikes: 0,
	at: 0,
};

const MIN = 60_000;
const HOUR = 60 * MIN;
/** Said no time: so long, doubling. */
const UNSAID = 5 * MIN;
const VERIFICATION = 20 * MIN;
const MOST = 2 * HOUR;
/** No site means more than this. */
const SANE = 48 * HOUR;
/** What is older says nothing about now. */
const OLD = 24 * HOUR;

const doubling = (first: number, n: number) => Math.min(first * 2 ** n, MOST);

function later(
	l: Limits,
	until: number,
	reason: "limit" | "verification",
	message: string,
): Limits {
	return until > l.until ? { ...l, until, reason, message } : l;
}

const recent = (l: Limits, now: number): Limits =>
	now - l.at > OLD ? { ...l, hits: 0, strikes: 0 } : l;

/** A 429 or a quota; waitMs undefined: it said no time. */
export function limited(
	before: Limits,
	now: number,
	waitMs: number | undefined,
	message: string,
): Limits {
	const l = recent(before, now);
	const wait =
		waitMs === undefined
			? doubling(UNSAID, l.hits)
			: Math.min(Math.max(waitMs, 0), SANE);

	return later({ ...l, hits: l.hits + 1, at: now }, now + wait, "limit", message);
}

/** The site did not believe a token: more tries would make it worse. */
export function unverified(before: Limits, now: number, message: string): Limits {
	const l = recent(before, now);
	const wait = doubling(VERIFICATION, l.strikes);

	return later(
		{ ...l, strikes: l.strikes + 1, at: now },
		now + wait,
		"verification",
		message,
	);
}

/** The site took a run: what was before is over. */
export function accepted(l: Limits): Limits {
	return l.hits || l.strikes ? { ...l, hits: 0, strikes: 0 } : l;
}

/** A human has made a run by hand, and the site took it: it believes this page again. */
export const verified = (l: Limits): Limits =>
	l.reason === "verification" ? { ...l, until: 0, reason: null, message: "" } : l;

export const restsUntil = (l: Limits, now: number): number => (l.until > now ? l.until : 0);

/** Has the site refused anything lately? Then nobody new is to come in its place. */
export const troubled = (l: Limits, now: number): boolean =>
	l.until > now || ((l.hits > 0 || l.strikes > 0) && now - l.at < OLD);
