/**
 * One job, from its frame to the bridge's answer. Each step is kept before it is taken, so that it
 * can go on after a reload, and the site is not asked for a run that it is making already.
 */

import { SiteError, type RunEvent, type RunRequest, type Site } from "../site/index";
import type { JobRecord } from "../store";
import type { FailedFrame, JobInput, ReleaseFrame, ResultFrame } from "../types";
import { growing, isAbort, sleep as realSleep, type Sleep } from "../wait";
import type { AttentionBoard } from "./attention";
import { fateOf, passes } from "./failures";
import { hostOf, type Answer } from "./hand";
import type { Records } from "./records";
import type { Rest } from "./rest";

export interface JobDeps {
	site: Site;
	records: Records;
	rest: Rest;
	attention: AttentionBoard;
	input: (input: JobInput, signal: AbortSignal) => Promise<Blob>;
	result: (record: JobRecord, signal: AbortSignal) => Promise<ResultFrame>;
	/** Says it until the bridge has answered, over lost connections. */
	tell: (
		frame: ResultFrame | FailedFrame | ReleaseFrame,
		signal: AbortSignal,
	) => Promise<Answer>;
	progress: (record: JobRecord, stage: string) => void;
	/** No new run: say so before a job is given back, or it comes here again. */
	availability: () => void;
	models: () => void;
	log: (level: "info" | "warn" | "error", message: string) => void;
	now: () => number;
	sleep?: Sleep;
	random: () => number;
}

/** Given back for another worker: after that it may come here again. */
const BACK_MS = 5000;
/** A run goes on at the site while a human is waited for; then another try may find it. */
const HOLD_MS = 10 * 60_000;
const UNREACHED = 3;
const PATIENCE = 12;

/** A human, or the site's limit, stands in the way of a new run: the job goes back as it came. */
class Hindered extends SiteError {}

const types: Record<string, string> = {
	"image/png": "png",
	"image/jpeg": "jpg",
	"image/webp": "webp",
};

export function createJob(deps: JobDeps) {
	const { site, records, rest, attention, now, random, log, sleep = realSleep } = deps;

	async function requestOf(record: JobRecord, signal: AbortSignal): Promise<RunRequest> {
		const { prompt, inputs, job } = record.frame;
		const input = inputs?.[0];
		const run: RunRequest = { prompt, mode: record.mode, modelId: record.modelId };

		if (!input) return run;
		const end = types[input.mime];

		if (!end)
			throw new SiteError("content", "The site takes PNG, JPEG and WebP images.");
		const bytes = await deps.input(input, signal).catch((e: unknown) => {
			if (isAbort(e)) throw e;
			throw new SiteError(
				"network",
				"The image of the job could not be fetched.",
			);
		});

		return { ...run, image: { bytes, name: `${job}.${end}`, mime: input.mime } };
	}

	/** The session is written down, here and at the bridge, before the site hears of it. */
	async function begins(record: JobRecord, ref: string) {
		record.ref = ref;
		record.phase = "asking";
		record.outputs = [];
		await records.keep(record);
		await records.remember(ref, { job: record.frame.job, at: now() });
		await rest.began();
		deps.progress(record, "asking");
		deps.availability();
	}

	async function goesOn(record: JobRecord, percent: number, stage: string) {
		record.percent = Math.max(record.percent, percent);
		if (record.phase !== "making") {
			record.phase = "making";
			rest.accepted();
			attention.calm();
			await records.keep(record);
		}
		deps.progress(record, stage);
	}

	async function take(record: JobRecord, event: RunEvent) {
		if (event.kind === "session") await begins(record, event.ref);
		else if (event.kind === "progress")
			await goesOn(record, event.percent, event.stage);
		else if (event.kind === "unknown") log("info", `not understood: ${event.line}`);
		else if (event.kind === "output") {
			const { label, url, mime, name } = event;
			const others = record.outputs.filter((o) => o.label !== label);

			record.outputs = [
				...others,
				{ label, url, mime, ...(name ? { name } : {}) },
			].sort((a, b) => (a.label < b.label ? -1 : 1));
			await records.keep(record);
		}
	}

	/** Nothing more is to be had of its session. */
	async function forget(record: JobRecord) {
		if (record.ref) await records.remember(record.ref, { dead: true });
		record.ref = null;
		record.inherited = false;
		record.phase = "taken";
		record.outputs = [];
		await records.keep(record);
	}

	/** A session of another account: whoever is logged in here cannot reach it. */
	async function foreign(record: JobRecord, e: SiteError): Promise<boolean> {
		if (e.kind !== "login" || !record.inherited) return false;
		return (await site.whoami().catch(() => null)) !== null;
	}

	/** What goes by itself, or by a human's hand, while the site makes the video. */
	async function pass(e: SiteError, n: number, signal: AbortSignal) {
		const fate = fateOf(e);

		if (fate.attention) {
			attention.told(fate.attention, e.message);
			const timer = new AbortController();
			const late = sleep(HOLD_MS, timer.signal).catch(() => undefined);

			await Promise.race([attention.over(signal), late]);
			timer.abort();
			signal.throwIfAborted();
			if (attention.current()) throw e;
		} else if (fate.rest) {
			await rest.told(fate.rest, e);
			deps.availability();
			await sleep(Math.min(e.retryAfterMs ?? 30_000, 5 * 60_000), signal);
		} else {
			await sleep(growing(n, 2000, 2, 60_000, random), signal);
		}
	}

	/** After a failure: go on (true), or is that how it ends? */
	async function again(record: JobRecord, e: SiteError, n: number, signal: AbortSignal) {
		const unreached = e.kind === "network" || e.kind === "platform";

		if (record.ref && (record.phase === "making" || record.inherited) && passes(e)) {
			if (await foreign(record, e)) await forget(record);
			else await pass(e, n, signal);
			return n < PATIENCE;
		}
		if (record.ref && (e.kind === "gone" || (record.inherited && e.final))) {
			await forget(record);
			return n < UNREACHED;
		}
		if (!unreached || e.final || n >= UNREACHED) return false;
		// the site was looked at: it has not heard of this session
		await forget(record);
		await sleep(growing(n, 2000, 3, 60_000, random), signal);
		return true;
	}

	function hindered(): Hindered | null {
		const wanted = attention.current();
		const until = rest.limitUntil();

		if (wanted)
			return new Hindered("challenge", wanted.message, undefined, wanted.reason);
		return until ? new Hindered("limit", rest.now().message, until - now()) : null;
	}

	/** The pace lets a run begin, and nothing stands in its way, also not since. */
	async function turn(signal: AbortSignal) {
		for (;;) {
			const why = hindered();
			const wait = rest.until() - now();

			if (why) throw why;
			if (wait <= 0) return;
			await sleep(wait, signal);
		}
	}

	async function make(record: JobRecord, signal: AbortSignal) {
		for (let n = 0; ; n++) {
			try {
				const { ref, mode } = record;

				if (!ref) await turn(signal);
				const events = ref
					? site.resume(ref, mode, signal)
					: site.start(await requestOf(record, signal), signal);

				for await (const event of events) await take(record, event);
				return;
			} catch (e) {
				if (
					!(e instanceof SiteError) ||
					!(await again(record, e, n, signal))
				)
					throw e;
				log("info", `again: ${e.message}`);
			}
		}
	}

	/** The links of a video are good for an hour: the record of the session has fresh ones. */
	async function handOver(record: JobRecord, signal: AbortSignal): Promise<ResultFrame> {
		try {
			return await deps.result(record, signal);
		} catch (e) {
			if (!(e instanceof SiteError) || e.kind !== "network" || !record.ref)
				throw e;
			record.outputs = [];
			await make(record, signal);
			return deps.result(record, signal);
		}
	}

	async function hand(record: JobRecord, signal: AbortSignal) {
		record.phase = "handing";
		record.percent = Math.max(record.percent, 96);
		await records.keep(record);
		deps.progress(record, "uploading");
		const answer = await deps.tell(await handOver(record, signal), signal);

		if (answer.refused === "fetch_failed")
			for (const output of record.outputs)
				await records.closed(hostOf(output.url));
		else if (answer.refused && record.ref)
			await records.remember(record.ref, { dead: true });
		if (answer.refused)
			log("warn", `the result was refused: ${answer.message ?? answer.refused}`);
	}

	function finalOf(record: JobRecord, e: SiteError): FailedFrame | ReleaseFrame {
		const { job, lease } = record.frame;
		const fate = fateOf(e);
		const message = e.message.slice(0, 1000);
		const made = record.phase === "making" && !e.final && record.ref;

		if (fate.do === "fail")
			return {
				type: "failed",
				job,
				lease,
				code: fate.code,
				message,
				retryable: fate.retryable === true,
			};
		return {
			type: "release",
			job,
			lease,
			reason: fate.code,
			message,
			not_before: now() + BACK_MS,
			...(made ? { upstream_ref: record.ref! } : {}),
		};
	}

	/** What the site has said is remembered, and told to whom it concerns. */
	async function note(record: JobRecord, e: SiteError) {
		const fate = fateOf(e);

		if (fate.attention) attention.told(fate.attention, e.message);
		if (fate.models) deps.models();
		log(fate.do === "fail" ? "error" : "warn", e.message);
		if (fate.rest) await rest.told(fate.rest, e);
		if (record.ref && (e.final || record.phase !== "making"))
			await records.remember(record.ref, { dead: true });
	}

	async function conclude(record: JobRecord, e: SiteError, signal: AbortSignal) {
		record.final = finalOf(record, e);
		try {
			if (!(e instanceof Hindered)) await note(record, e);
			await records.keep(record);
		} catch (why) {
			// the bridge is told all the same
			log("error", `not kept: ${String(why)}`);
		}
		deps.availability();
		await deps.tell(record.final, signal);
	}

	function known(e: unknown): SiteError {
		if (e instanceof SiteError) return e;
		log("error", `unexpected: ${e instanceof Error ? e.message : String(e)}`);
		return new SiteError("platform", "The script met something unexpected.");
	}

	/** Resolves when the job is over here, however; rejects with AbortError when it was stopped. */
	return async function run(record: JobRecord, signal: AbortSignal): Promise<void> {
		if (record.final) {
			await deps.tell(record.final, signal);
			return;
		}
		try {
			if (record.phase !== "handing") await make(record, signal);
			await hand(record, signal);
		} catch (e) {
			if (isAbort(e)) throw e;
			await conclude(record, known(e), signal);
		}
	};
}
