/** What the site refuses, and in which words: one table, from status and wording to a kind. */

import type { AttentionReason } from "../types";
import { fields, parse, text } from "../json";

export type SiteErrorKind =
	| "content" // the prompt or the image: no other try will help
	| "login"
	| "challenge" // something on the page wants a human
	| "verification" // the site did not believe a token: rest, no storm of tries
	| "limit"
	| "model"
	| "too_large"
	| "network"
	| "platform"
	| "changed" // not as we know it
	| "gone" // no such session
	| "clock"; // an id's time was not believed

export class SiteError extends Error {
	/** The run itself has ended with it: nothing more comes of its session. */
	final = false;

	constructor(
		readonly kind: SiteErrorKind,
		message: string,
		readonly retryAfterMs?: number,
		/** Where a human is wanted, why. */
		readonly attention: AttentionReason = "challenge",
	) {
		super(message);
		this.name = "SiteError";
	}
}

/** The site is not as this script knows it. */
export const changed = (message: string) =>
	new SiteError("changed", message, undefined, "changed");

/** An answer that is not what was asked for. */
export interface Refusal {
	status: number;
	contentType: string;
	retryAfter: string | null;
	body: string;
}

interface Row {
	/** Absent: any. */
	status?: (status: number) => boolean;
	words?: RegExp;
	html?: boolean;
	kind: SiteErrorKind;
	attention?: AttentionReason;
	/** When the site said nothing that people can read. */
	message: string;
}

const is =
	(...wanted: number[]) =>
	(status: number) =>
		wanted.includes(status);

/** The first row that fits counts. */
const rows: Row[] = [
	{
		status: is(429),
		words: /prompt failed/i,
		kind: "content",
		message: "The site refused the prompt.",
	},
	{
		words: /rate limit|too many requests|try again in\b.*\b(day|hour|minute|second)/is,
		kind: "limit",
		message: "The site's limit is reached.",
	},
	{ status: is(429), kind: "limit", message: "The site's limit is reached." },
	{
		html: true,
		words: /_cf_chl_opt|just a moment|attention required/i,
		kind: "challenge",
		attention: "blocked",
		message: "Cloudflare wants to see a human on the site's page.",
	},
	{
		html: true,
		status: is(403, 503),
		kind: "challenge",
		attention: "blocked",
		message: "The site answered with a page that wants a human.",
	},
	{
		words: /LOGIN_GATE|does not have access to evaluation session/i,
		kind: "login",
		message: "The site wants a login.",
	},
	{ status: is(401), kind: "login", message: "The site wants a login." },
	{
		words: /recaptcha|verification failed|turnstile/i,
		status: is(400, 403),
		kind: "verification",
		attention: "verification",
		message: "The site did not accept the page's verification.",
	},
	{
		words: /seems spoofed|offset too big/i,
		kind: "clock",
		message: "The site did not accept the time of an id.",
	},
	{
		words: /session not found/i,
		kind: "gone",
		message: "The site does not know this session.",
	},
	{
		words: /models?(\(s\))? not found/i,
		kind: "model",
		message: "The site does not know this model.",
	},
	{
		words: /mode is not allowed/i,
		kind: "model",
		message: "The site does not let a model be chosen.",
	},
	{
		words: /no longer exists|server action .* not found|failed to find server action/i,
		kind: "changed",
		attention: "changed",
		message: "The site has changed since this page was loaded: reload it.",
	},
	{ status: is(409), kind: "content", message: "The site has this already." },
	{ status: is(413), kind: "too_large", message: "The image is too large for the site." },
	{ status: is(400, 422), kind: "content", message: "The site refused the request." },
	{
		status: is(403),
		kind: "challenge",
		attention: "blocked",
		message: "The site refused this browser.",
	},
	{
		status: is(404, 405, 410),
		kind: "changed",
		attention: "changed",
		message: "The site has changed: a route is gone.",
	},
	{
		status: (s) => s >= 500 || s === 408,
		kind: "platform",
		message: "The site has a problem.",
	},
	{
		html: true,
		kind: "challenge",
		attention: "blocked",
		message: "The site answered with a page where data was due.",
	},
];

const units: Record<string, number> = {
	second: 1000,
	sec: 1000,
	s: 1000,
	minute: 60_000,
	min: 60_000,
	m: 60_000,
	hour: 3_600_000,
	hr: 3_600_000,
	h: 3_600_000,
	day: 86_400_000,
	d: 86_400_000,
};

const span =
	/(\d+(?:\.\d+)?|\ban?\b|\bone\b)\s*(days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b/gi;

/** "try again in 1 hour and 20 minutes": in ms; undefined when no time is said. */
export function waitInWords(words: string): number | undefined {
	const at = words.search(/\b(try again|retry|wait|available|resets?)\b/i);
	let sum = 0;

	if (at < 0) return undefined;
	for (const [, many, unit] of words.slice(at).matchAll(span)) {
		const n = /^\d/.test(many!) ? Number(many) : 1;
		const name = unit!.toLowerCase();

		sum += n * (units[name] ?? units[name.replace(/s$/, "")] ?? 0);
	}
	return sum > 0 ? sum : undefined;
}

/** Of `retry-after`: seconds or a date. */
export function waitInHeader(header: string | null, now: number): number | undefined {
	if (!header?.trim()) return undefined;
	if (/^\d+(\.\d+)?$/.test(header.trim())) return Math.ceil(Number(header) * 1000);
	const at = Date.parse(header);

	return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** The words for people in a body, "" when there are none. */
export function wordsOf(body: string): string {
	const value = parse(body);
	const object = fields(value);
	const inner = fields(object?.error);
	const error = text(inner?.message) || text(object?.error);
	const message = text(object?.message);
	// an error may be a name for programs, with the words beside it
	const words = text(value) || (message && /^[A-Z_]*$/.test(error) ? message : error);

	return words.trim().slice(0, 500);
}

const isHtml = (r: Refusal) => /html/i.test(r.contentType) || /^\s*<(!doctype|html)/i.test(r.body);

/** What a refusal means. `now`: for a date in retry-after. */
export function readRefusal(r: Refusal, now: number): SiteError {
	const html = isHtml(r);
	const words = html
		? ""
		: wordsOf(r.body) || (fields(parse(r.body)) ? "" : r.body.trim().slice(0, 500));
	const row = rows.find(
		(one) =>
			(one.html ?? html) === html &&
			(!one.status || one.status(r.status)) &&
			(!one.words || one.words.test(r.body)),
	);

	if (!row) return new SiteError("platform", words || `The site answered ${r.status}.`);
	const wait = waitInHeader(r.retryAfter, now) ?? waitInWords(words);

	return new SiteError(row.kind, words || row.message, wait, row.attention);
}

/** What an error inside a stream or a record means: only its words tell. */
export function readWords(words: string, otherwise: SiteErrorKind = "platform"): SiteError {
	const told = words.trim().slice(0, 500);

	if (/prompt failed|moderat|content.?(policy|filter)|flagged|unsafe|safety/i.test(told))
		return new SiteError("content", told);
	const row = rows.find(
		(one) => one.words && !one.status && !one.html && one.words.test(told),
	);

	return new SiteError(
		row?.kind ?? otherwise,
		told || "The site has a problem.",
		waitInWords(told),
		row?.attention,
	);
}
