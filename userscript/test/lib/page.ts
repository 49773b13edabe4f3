/** A page of the stand-in site (tests/arena-site) without a browser: enough of a window for createSite. */

import https from "node:https";
import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { createSite, type RunEvent, type Site, type SitePage } from "../../src/site/index";
import type { Fields } from "../../src/json";
import { abortError, type Sleep } from "../../src/wait";

declare const REPOSITORY: string;

export interface StandIn {
	knobs: Record<string, unknown>;
	seen: {
		evaluations: { status: number; refused?: string; body: Fields }[];
		tokens: { kind: string; uses: number }[];
		stops: unknown[];
		votes: { value: string }[];
		uploads: { size: number; type: string }[];
		violations: string[];
		resumes: unknown[];
		signUps: unknown[];
		[name: string]: unknown[];
	};
	tokens: { issue(kind: string, key: string, action?: string): string | undefined };
	port(): number;
	stop(): Promise<void>;
}

interface ServerModule {
	startSite(options: { knobs: Record<string, unknown> }): Promise<StandIn>;
}

const ORIGIN = "https://arena.ai";

function answerOf(res: IncomingMessage): Response {
	const headers = new Headers();

	for (const [name, value] of Object.entries(res.headers)) headers.set(name, String(value));
	res.on("error", () => undefined);
	return new Response(Readable.toWeb(res) as ReadableStream, {
		status: res.statusCode,
		headers,
	});
}

function fetchFrom(standIn: StandIn) {
	return async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
		const url = new URL(String(input), `${ORIGIN}/video`);
		const body =
			init.body instanceof Blob
				? Buffer.from(await init.body.arrayBuffer())
				: init.body;

		return new Promise((resolve, reject) => {
			const request = https.request(
				{
					host: "127.0.0.1",
					port: standIn.port(),
					rejectUnauthorized: false,
					agent: false,
					method: init.method ?? "GET",
					path: url.pathname + url.search,
					headers: {
						host: url.host,
						cookie: "arena-auth=test",
						...(init.headers as object),
					},
				},
				(res) => resolve(answerOf(res)),
			);
			const stop = () => request.destroy(abortError());

			init.signal?.addEventListener("abort", stop);
			request.on("error", (e) =>
				reject(
					init.signal?.aborted
						? abortError()
						: new TypeError(e.message),
				),
			);
			request.end(body as string | undefined);
		});
	};
}

interface FakeScript {
	src: string;
	textContent: string;
}

function scriptsIn(html: string): FakeScript[] {
	return [...html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)].map(
		([, attributes, text]) => {
			const src = /src="([^"]*)"/.exec(attributes!)?.[1];

			return {
				src: src ? new URL(src, `${ORIGIN}/video`).href : "",
				textContent: text!,
			};
		},
	);
}

function documentOf(scripts: FakeScript[], standIn: StandIn) {
	return {
		title: "Arena",
		body: { append() {} },
		createElement: () => ({ style: {}, remove() {} }),
		querySelectorAll(query: string): object[] {
			if (query.includes("recaptcha"))
				return scripts.filter((s) =>
					s.src.includes("recaptcha/enterprise.js"),
				);
			if (query === "script[src]") return scripts.filter((s) => s.src);
			if (query.startsWith("script:not")) return scripts.filter((s) => !s.src);
			if (query === "[data-sitekey]")
				return [{ dataset: { sitekey: standIn.knobs.turnstileKey } }];
			return [];
		},
	};
}

/** The pauses between looks are short; a deadline stays one. */
const quick: Sleep = (ms, signal) =>
	new Promise((resolve, reject) => {
		const timer = setTimeout(resolve, ms > 100_000 ? ms : ms / 30);

		signal?.addEventListener("abort", () => {
			clearTimeout(timer);
			reject(abortError());
		});
	});

export interface OnSite {
	site: Site;
	standIn: StandIn;
	page: SitePage;
	template: () => Fields | null;
}

async function pageOf(standIn: StandIn): Promise<SitePage> {
	const fetch = fetchFrom(standIn);
	const scripts = scriptsIn(await (await fetch("/video")).text());
	const page = {
		document: documentOf(scripts, standIn),
		fetch,
		location: { href: `${ORIGIN}/video` },
		innerWidth: 1000,
		innerHeight: 800,
		getComputedStyle: () => ({}),
		MutationObserver: class {
			observe() {}
			disconnect() {}
		},
		grecaptcha: {
			enterprise: {
				ready: (fn: () => void) => queueMicrotask(fn),
				async execute(key: string, { action }: { action: string }) {
					const token = standIn.tokens.issue("v3", key, action);

					if (!token) throw new Error("Invalid site key");
					return token;
				},
			},
		},
		turnstile: {
			render(_: unknown, o: { sitekey: string; callback(token?: string): void }) {
				queueMicrotask(() =>
					o.callback(standIn.tokens.issue("turnstile", o.sitekey)),
				);
				return "widget";
			},
			remove() {},
		},
	};

	return page as unknown as SitePage;
}

/** The stand-in is not bundled: it reads its own files. */
export async function onSite(
	knobs: Record<string, unknown>,
	fn: (on: OnSite) => Promise<void>,
): Promise<void> {
	const path = `${REPOSITORY}/tests/arena-site/server.mjs`;
	const { startSite } = (await import(path)) as ServerModule;
	const standIn = await startSite({ knobs });
	let template: Fields | null = null;

	try {
		const page = await pageOf(standIn);
		const site = createSite({
			page,
			version: "0",
			template: { get: () => template, set: (next) => (template = next) },
			log: () => undefined,
			sleep: quick,
			random: () => 0.5,
		});

		await fn({ site, standIn, page, template: () => template });
	} finally {
		await standIn.stop();
	}
}

export async function all(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
	const out: RunEvent[] = [];

	for await (const event of events) out.push(event);
	return out;
}

/** What came, without the progress between. */
export const brief = (events: RunEvent[]): string =>
	events
		.filter((e) => e.kind !== "progress")
		.map((e) => e.kind + (e.kind === "output" ? ` ${e.label}` : ""))
		.join(", ");
