/** Keeps one run that the human makes by hand, for a report that the site has changed. */

import { isCreate } from "./api";
import { blank } from "./blank";
import type { Hook, PageRequest } from "./hook";
import { linesOf } from "./stream";

interface Exchange {
	method: string;
	path: string;
	request: string;
	status: number;
	contentType: string;
	lines: string[];
}

export type RecorderState = "off" | "waiting" | "recording" | "done";

export interface Recorder {
	readonly state: RecorderState;
	start(): void;
	stop(): void;
	/** What was recorded, as JSON; nothing secret is in it. */
	text(): string;
	on(fn: (state: RecorderState) => void): () => void;
}

/** More would be no help, and might be much. */
const MOST_EXCHANGES = 50;
const MOST_LINES = 2000;
const MOST_CHARS = 4000;

const wanted = /^\/(nextjs-api|api)\//;

export function createRecorder(hook: Hook, version: string, now: () => number): Recorder {
	const listeners = new Set<(state: RecorderState) => void>();
	let state: RecorderState = "off";
	let exchanges: Exchange[] = [];
	let began = 0;
	let unhook: (() => void) | null = null;

	function become(next: RecorderState) {
		if (state === next) return;
		state = next;
		for (const fn of listeners) fn(next);
	}

	async function keep(request: PageRequest) {
		if (exchanges.length >= MOST_EXCHANGES || !wanted.test(request.path)) return;
		const run = isCreate(request.method, request.path);
		const one: Exchange = {
			method: request.method,
			path: request.path,
			request: blank(request.body).slice(0, MOST_CHARS),
			status: 0,
			contentType: "",
			lines: [],
		};

		exchanges.push(one);
		if (run) become("recording");
		const answer = await request.answer;

		one.status = answer.status;
		one.contentType = answer.headers.get("content-type") ?? "";
		const reader = answer.body?.getReader();

		if (!reader) return;
		for await (const line of linesOf(reader)) {
			if (one.lines.length >= MOST_LINES || state === "done") break;
			one.lines.push(blank(line).slice(0, MOST_CHARS));
		}
		await reader.cancel();
	}

	function stop() {
		unhook?.();
		unhook = null;
		if (state !== "off") become("done");
	}

	return {
		get state() {
			return state;
		},
		start() {
			stop();
			exchanges = [];
			began = now();
			unhook = hook.on((request) => {
				keep(request).catch(() => undefined);
			});
			become("waiting");
		},
		stop,
		text: () =>
			JSON.stringify(
				{
					format: 1,
					version,
					began: new Date(began).toISOString(),
					exchanges,
				},
				null,
				2,
			),
		on(fn) {
			listeners.add(fn);
			return () => listeners.delete(fn);
		},
	};
}
