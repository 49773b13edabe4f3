/**
 * The bridge by plain requests of the manager: frames are pushed in numbered batches, and fetched
 * by a poll that the server holds. A request that got no answer is made again as it was: the number
 * of a batch and the acknowledgement of a poll make that harmless.
 */

import type { Gm, GmAnswer, GmRequest } from "../gm";
import { fields, list, parse, text, type Fields } from "../json";
import { UploadRefused, type UploadGoFrame, type WorkerFrame } from "../types";
import { growing, isAbort, sleep as realSleep, type Sleep } from "../wait";
import { isFrame, type Channel, type ChannelEvents, type End } from "./channel";

export interface PollDeps {
	request: Gm["request"];
	server: string;
	token: string;
	sleep?: Sleep;
	random?: () => number;
}

const PLAIN_MS = 15_000;
/** Beyond the time for which the server holds a poll. */
const POLL_SLACK_MS = 15_000;
const UPLOAD_MS = 120_000;
/** Of a request that gets no answer. */
const TRIES = 4;
const BATCH = 32;
const PART = 2 << 20;

/** The channel is over, and `end` says why. */
class Over extends Error {
	constructor(
		readonly end: End,
		words: string,
	) {
		super(words);
	}
}

const bodyOf = (answer: GmAnswer): Fields => fields(parse(answer.text)) ?? {};

function errorOf(body: Fields): { code: string; message: string } {
	const error = fields(body.error);

	return { code: text(error?.code), message: text(error?.message) };
}

const ends: Record<number, End> = { 401: "unauthorized", 429: "busy", 503: "busy" };

const passing = (status: number) => status >= 500 && status !== 503;

export function openPoll(deps: PollDeps, events: ChannelEvents): Channel {
	const { request, server, token, sleep = realSleep, random = Math.random } = deps;
	const life = new AbortController();
	const waiting: WorkerFrame[] = [];
	let session = "";
	let pushing = false;
	let seq = 0;

	function end(e: unknown) {
		if (life.signal.aborted) return;
		life.abort();
		if (e instanceof Over) events.ended(e.end, e.message);
		else events.ended("lost", e instanceof Error ? e.message : "");
	}

	/** The same request until it is answered; what cannot be mended ends the channel. */
	async function ask(
		path: string,
		what: Partial<GmRequest>,
		signal = life.signal,
	): Promise<GmAnswer> {
		for (let n = 0; ; n++) {
			try {
				const answer = await request({
					method: "POST",
					timeout: PLAIN_MS,
					...what,
					url: `${server}/worker/${path}`,
					headers: {
						Authorization: `Bearer ${token}`,
						...what.headers,
					},
					signal,
				});

				if (!passing(answer.status) || n + 1 >= TRIES) return answer;
			} catch (e) {
				if (isAbort(e) || n + 1 >= TRIES) throw e;
			}
			await sleep(growing(n, 250, 3, 5000, random), signal);
		}
	}

	async function answered(path: string, what: Partial<GmRequest>): Promise<Fields> {
		const answer = await ask(path, what);
		const body = bodyOf(answer);

		if (answer.status === 200) return body;
		throw new Over(ends[answer.status] ?? "lost", errorOf(body).message);
	}

	async function push() {
		if (pushing) return;
		pushing = true;
		try {
			while (waiting.length && !life.signal.aborted) {
				const batch = waiting.splice(0, BATCH);

				await answered(`push?session=${session}&seq=${++seq}`, {
					headers: { "Content-Type": "application/json" },
					body: JSON.stringify(batch),
				});
			}
		} finally {
			pushing = false;
		}
	}

	async function poll(pollMs: number) {
		for (let ack = 0; !life.signal.aborted;) {
			const body = await answered(`poll?session=${session}&ack=${ack}`, {
				timeout: pollMs + POLL_SLACK_MS,
			});

			if (typeof body.seq === "number") ack = body.seq;
			for (const frame of list(body.frames))
				if (isFrame(frame) && !life.signal.aborted) events.frame(frame);
		}
	}

	async function run() {
		const body = await answered("open", {});

		if (typeof body.session !== "string") throw new Over("lost", "");
		session = encodeURIComponent(body.session);
		events.opened();
		await poll(typeof body.poll_ms === "number" ? body.poll_ms : 25_000);
	}

	async function part(go: UploadGoFrame, at: number, bytes: Blob, signal: AbortSignal) {
		const place = `upload=${encodeURIComponent(go.upload)}&job=${encodeURIComponent(go.job)}`;
		const answer = await ask(
			`upload?session=${session}&${place}&offset=${at}`,
			{
				headers: { "Content-Type": "application/octet-stream" },
				body: bytes.slice(at, at + PART),
				timeout: UPLOAD_MS,
			},
			signal,
		);
		const body = bodyOf(answer);
		const error = errorOf(body);

		if (answer.status === 200 && typeof body.offset === "number") return body.offset;
		// no word about the upload: it goes on over the next connection
		if (
			ends[answer.status] ||
			answer.status >= 500 ||
			error.code === "unknown_session"
		) {
			end(new Over(ends[answer.status] ?? "lost", error.message));
			signal.throwIfAborted();
		}
		throw new UploadRefused(error.code || "storage_failed", error.message);
	}

	run().catch(end);
	return {
		transport: "http",
		send(frame) {
			waiting.push(frame);
			push().catch(end);
		},
		async write(go, bytes, signal) {
			for (let at = go.offset; at < bytes.size;) {
				const next = await part(go, at, bytes, signal);

				// an offset that does not grow would go on for ever
				if (next <= at) throw new UploadRefused("bad_offset", "");
				at = next;
			}
		},
		limits: () => undefined,
		close() {
			const was = session;

			life.abort();
			if (was)
				request({
					method: "POST",
					url: `${server}/worker/close?session=${was}`,
					headers: { Authorization: `Bearer ${token}` },
					timeout: PLAIN_MS,
				}).catch(() => undefined);
		},
	};
}
