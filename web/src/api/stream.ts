/**
 * Follows the changes of all videos: server-sent events, gone on with where they were cut off; while
 * there is no stream, the list is asked for instead.
 */

import { EventSourceParserStream } from "eventsource-parser/stream";

import type { Client } from "./client";
import { ApiError, isAbort } from "./errors";
import type { Video } from "./types";

export type Link = "connecting" | "live" | "polling" | "offline";

interface StreamDeps {
	client: Pick<Client, "events" | "list">;
	/** Where the cache ends, so that what happened since is told; "": from now on. */
	lastId: string;
	changed: (video: Video, lastId: string) => void;
	deleted: (id: string, lastId: string) => void;
	link: (link: Link, error: ApiError | null) => void;
	sleep?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The gateway sends a comment every 15 s. */
const SILENCE_MS = 40_000;
const POLL_MS = 2500;
const MOST_MS = 20_000;
const LATEST = 50;

export function pause(ms: number, signal: AbortSignal): Promise<void> {
	return new Promise((done) => {
		const timer = setTimeout(done, ms);

		signal.addEventListener(
			"abort",
			() => {
				clearTimeout(timer);
				done();
			},
			{ once: true },
		);
	});
}

/** Ends with the signal, or with an error that no patience will mend (401, 403). */
export async function follow(deps: StreamDeps, signal: AbortSignal): Promise<void> {
	const { client, changed, deleted, link, sleep = pause } = deps;
	let { lastId } = deps;
	let failures = 0;

	function take(event: string | undefined, data: string, id: string | undefined) {
		if (id) lastId = id;
		if (event === "video") changed(JSON.parse(data) as Video, lastId);
		else if (event === "video.deleted")
			deleted((JSON.parse(data) as { id: string }).id, lastId);
	}

	async function stream() {
		const stop = new AbortController();
		const any = () => stop.abort();
		let timer = setTimeout(any, SILENCE_MS);

		signal.addEventListener("abort", any, { once: true });
		try {
			const body = await client.events(lastId, stop.signal);
			const alive = new TransformStream<Uint8Array, Uint8Array>({
				transform(chunk, to) {
					clearTimeout(timer);
					timer = setTimeout(any, SILENCE_MS);
					to.enqueue(chunk);
				},
			});
			const events = body
				.pipeThrough(alive)
				.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
				.pipeThrough(new EventSourceParserStream())
				.getReader();

			link("live", null);
			failures = 0;
			for (;;) {
				const { value, done } = await events.read();

				if (done) return;
				take(value.event, value.data, value.id);
			}
		} finally {
			clearTimeout(timer);
			signal.removeEventListener("abort", any);
		}
	}

	/** One look at the latest. */
	async function poll() {
		const page = await client.list({ limit: LATEST }, signal);

		for (const video of page.data.reverse()) changed(video, lastId);
	}

	while (!signal.aborted) {
		let error: unknown = null;

		try {
			await stream();
		} catch (e) {
			error = e;
		}
		if (signal.aborted) return;
		try {
			await poll();
			link("polling", error instanceof ApiError ? error : null);
		} catch (e) {
			if (signal.aborted) return;
			if (!isAbort(e)) error = e;
			link("offline", e instanceof ApiError ? e : null);
		}
		if (error instanceof ApiError && [401, 403].includes(error.status)) throw error;
		const wait = error instanceof ApiError ? error.waitMs : 0;

		await sleep(Math.max(wait, Math.min(POLL_MS << Math.min(failures++, 3), MOST_MS)), signal);
	}
}
