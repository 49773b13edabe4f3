/** The site's routes, in one table, and how they are called. */

import { isAbort } from "../wait";
import type { SiteClock } from "./clock";
import { SiteError, changed, readRefusal } from "./errors";
import { parse } from "../json";

const routes = {
	create: ["POST", "/nextjs-api/stream/create-evaluation"],
	resume: ["GET", "/nextjs-api/stream/resume-video-workflow/{sid}"],
	stop: ["POST", "/nextjs-api/stream/stop/{sid}/messages/{mid}"],
	evaluation: ["GET", "/api/evaluation/{sid}"],
	vote: ["POST", "/api/vote"],
	refresh: ["POST", "/nextjs-api/refresh"],
	signUp: ["POST", "/nextjs-api/sign-up"],
	me: ["GET", "/api/me"],
	catalogue: ["GET", "/nextjs-api/model-catalog"],
} as const;

export type Route = keyof typeof routes;

/** Is it the request that begins a run? The page's own are known by this. */
export function isCreate(method: string, path: string): boolean {
	return method.toUpperCase() === routes.create[0] && path === routes.create[1];
}

export interface CallOptions {
	sid?: string;
	mid?: string;
	/** Sent as JSON in plain text, as the page does. */
	body?: unknown;
	signal?: AbortSignal;
}

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Api {
	/** The answer, when it is one of success; everything else is a SiteError. */
	call(route: Route, options?: CallOptions): Promise<Response>;
	json(route: Route, options?: CallOptions): Promise<unknown>;
	/** Any address of the site's own: its pages, its chunks, its server actions. */
	raw(url: string, init: RequestInit): Promise<Response>;
}

export interface ApiDeps {
	fetch: Fetch;
	clock: SiteClock;
	now: () => number;
}

/** All of an answer's text; one that breaks off is no answer. */
export async function wholeOf(answer: Response): Promise<string> {
	try {
		return await answer.text();
	} catch (e) {
		if (isAbort(e)) throw e;
		throw new SiteError("network", "The site's answer broke off.");
	}
}

/** The routes, however they are called, with what their answers hold. */
export function jsonBy(call: Api["call"]): Api["json"] {
	return async (route, options) => {
		const value = parse(await wholeOf(await call(route, options)));

		if (value === undefined)
			throw changed("The site answered in a way that is not known.");
		return value;
	};
}

async function refusal(answer: Response, now: number): Promise<SiteError> {
	const body = await wholeOf(answer).catch((e: unknown) => {
		if (isAbort(e)) throw e;
		return ""; // its status tells enough
	});

	return readRefusal(
		{
			status: answer.status,
			contentType: answer.headers.get("content-type") ?? "",
			retryAfter: answer.headers.get("retry-after"),
			body: body.slice(0, 20_000),
		},
		now,
	);
}

function pathOf(route: Route, o: CallOptions): string {
	return routes[route][1]
		.replace("{sid}", encodeURIComponent(o.sid ?? ""))
		.replace("{mid}", encodeURIComponent(o.mid ?? ""));
}

export function createApi({ fetch, clock, now }: ApiDeps): Api {
	async function raw(url: string, init: RequestInit): Promise<Response> {
		const sent = now();
		let answer: Response;

		try {
			answer = await fetch(url, { credentials: "include", ...init });
		} catch (e) {
			if (isAbort(e)) throw e;
			throw new SiteError("network", "The site cannot be reached.");
		}
		clock.see(answer.headers.get("date"), sent, now());
		if (!answer.ok) throw await refusal(answer, now());
		return answer;
	}

	async function call(route: Route, o: CallOptions = {}): Promise<Response> {
		const init: RequestInit = { method: routes[route][0], signal: o.signal };

		if (o.body !== undefined) {
			init.body = JSON.stringify(o.body);
			init.headers = { "Content-Type": "text/plain;charset=UTF-8" };
		}
		const answer = await raw(pathOf(route, o), init);

		// a page where data was due: Cloudflare answers 200 too
		if (/html/i.test(answer.headers.get("content-type") ?? ""))
			throw await refusal(answer, now());
		return answer;
	}
	return { call, json: jsonBy(call), raw };
}
