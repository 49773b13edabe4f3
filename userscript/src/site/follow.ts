/** From a session to its videos: its stream, the stream again, then looks at its record. */

import { growing, isAbort, unlessAborted, type Sleep } from "../wait";
import type { Api } from "./api";
import { blank } from "./blank";
import type { SiteClock } from "./clock";
import { SiteError } from "./errors";
import { bySide, look } from "./evaluation";
import { timeOf } from "./ids";
import { createSides, type Sides } from "./sides";
import { linesOf, readLine, type Side, type StreamItem } from "./stream";

export type RunEvent =
	| { kind: "session"; ref: string }
	| { kind: "progress"; percent: number; stage: string }
	| { kind: "output"; label: Side; url: string; mime: string; name?: string }
	| { kind: "unknown"; line: string }
	| { kind: "end" };

export interface FollowDeps {
	api: Api;
	clock: SiteClock;
	sleep: Sleep;
	random: () => number;
	/** Kinds of frames that were told already: each is told once. */
	unknown: Set<string>;
}

/** A stream that says nothing for so long is dead; it sends heartbeats. */
const SILENCE_MS = 120_000;
/** Both videos are there: what else might the stream say? */
const LAST_WORDS_MS = 3000;
const GIVE_UP_MS = 45 * 60_000;
/** How often a session may be unknown before it is taken for gone: right after its start it may be. */
const GONE_LOOKS = 3;
const RESUMES = 2;
/** Typical runs take 1 to 3 min, some 7 and more: the bar nears its end and never reaches it. */
const TYPICAL_MS = 90_000;

export const progressAfter = (ms: number): number =>
	Math.floor(95 * (1 - Math.exp(-Math.max(0, ms) / TYPICAL_MS)));

const patience = ["network", "platform"];
const absence = ["gone", "changed"];

export function createFollow({ api, clock, sleep, random, unknown }: FollowDeps) {
	/** How far it is; fresh: a side that has just got its video. */
	function* newly(sid: string, sides: Sides, fresh: Side | null): Generator<RunEvent> {
		const there = sides.outputs();
		const output = there.find((one) => one.label === fresh);
		const all = there.length + sides.missing().length;

		if (output) yield { kind: "output", ...output };
		yield {
			kind: "progress",
			percent: progressAfter(clock.now() - timeOf(sid)),
			stage: there.length ? `${there.length} of ${all} videos` : "rendering",
		};
	}

	function* take(
		items: StreamItem[],
		line: string,
		sid: string,
		sides: Sides,
	): Generator<RunEvent> {
		for (const item of items) {
			if (item.kind !== "unknown") {
				const fresh = sides.take(item);

				yield* newly(sid, sides, fresh ? item.side : null);
			} else if (!unknown.has(item.what)) {
				unknown.add(item.what);
				yield { kind: "unknown", line: blank(line).slice(0, 300) };
			}
		}
	}

	/** Reads until there is no more to come. True: it said something. */
	async function* read(
		body: ReadableStream<Uint8Array>,
		sid: string,
		sides: Sides,
		signal?: AbortSignal,
	): AsyncGenerator<RunEvent, boolean> {
		const reader = body.getReader();
		const lines = linesOf(reader);
		let some = false;

		try {
			while (!sides.complete()) {
				const timer = new AbortController();
				const wait = sides.enough() ? LAST_WORDS_MS : SILENCE_MS;
				const quiet = sleep(wait, timer.signal).then(
					() => null,
					() => null,
				);
				const line = await unlessAborted(
					Promise.race([lines.next(), quiet]),
					signal,
				).finally(() => timer.abort());

				if (!line || line.done) break;
				const items = readLine(line.value);

				some ||= items.length > 0;
				yield* take(items, line.value, sid, sides);
			}
		} catch (e) {
			if (isAbort(e)) throw e;
			// a connection that broke: what the session has become is to be found out
		} finally {
			reader.cancel().catch(() => undefined);
		}
		return some;
	}

	async function* attach(
		sid: string,
		sides: Sides,
		signal?: AbortSignal,
	): AsyncGenerator<RunEvent, boolean> {
		let answer: Response;

		try {
			answer = await api.call("resume", { sid, signal });
		} catch (e) {
			if (e instanceof SiteError && [...patience, ...absence].includes(e.kind))
				return false;
			throw e;
		}
		return answer.body ? yield* read(answer.body, sid, sides, signal) : false;
	}

	/** True when the site knows the session. */
	async function* glance(
		sid: string,
		sides: Sides,
		signal?: AbortSignal,
	): AsyncGenerator<RunEvent, boolean> {
		try {
			const found = bySide(await look(api, sid, signal));

			for (const message of Object.values(found)) {
				const fresh = sides.look(message.side, message);

				yield* newly(sid, sides, fresh ? message.side : null);
			}
			return true;
		} catch (e) {
			if (e instanceof SiteError && patience.includes(e.kind)) return true;
			if (e instanceof SiteError && absence.includes(e.kind)) return false;
			throw e;
		}
	}

	/** A session that exists, until its videos do. */
	async function* session(
		sid: string,
		sides: Sides,
		signal?: AbortSignal,
	): AsyncGenerator<RunEvent> {
		let resumes = 0;
		let absent = 0;

		for (let n = 0; !sides.complete(); n++) {
			if (resumes < RESUMES && !(yield* attach(sid, sides, signal))) resumes++;
			if (sides.complete()) break;
			absent = (yield* glance(sid, sides, signal)) ? 0 : absent + 1;
			if (sides.complete()) break;
			if (absent >= GONE_LOOKS)
				throw new SiteError("gone", "The site does not know this session.");
			if (!absent && clock.now() - timeOf(sid) > GIVE_UP_MS)
				throw Object.assign(
					new SiteError(
						"platform",
						"The site did not finish this run.",
					),
					{ final: true },
				);
			await sleep(growing(n, 2000, 1.5, 30_000, random), signal);
		}
		yield* ending(sides);
	}

	function* ending(sides: Sides): Generator<RunEvent> {
		const failure = sides.failure();

		if (failure) {
			failure.final = true;
			throw failure;
		}
		yield { kind: "end" };
	}

	/** The answer to the request that began it. */
	async function* started(
		answer: Response,
		sid: string,
		sides: Sides,
		signal?: AbortSignal,
	): AsyncGenerator<RunEvent> {
		if (answer.body) yield* read(answer.body, sid, sides, signal);
		if (sides.complete() || sides.enough()) yield* ending(sides);
		else yield* session(sid, sides, signal);
	}

	/** Does the site know this session? For who does not know whether a request arrived. */
	async function exists(sid: string, signal?: AbortSignal): Promise<boolean> {
		for (let n = 0; ; n++) {
			try {
				await look(api, sid, signal);
				return true;
			} catch (e) {
				if (!(e instanceof SiteError)) throw e;
				if (absence.includes(e.kind) && n + 1 >= GONE_LOOKS) return false;
				if (n >= 8) throw e;
			}
			await sleep(growing(n, 1500, 2, 20_000, random), signal);
		}
	}
	return { started, session, exists, sides: createSides };
}
