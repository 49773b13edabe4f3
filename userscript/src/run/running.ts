/** The jobs under way here, by lease, and what the bridge is told of each until it has answered. */

import type { JobRecord } from "../store";
import type { Connection, FailedFrame, ReleaseFrame, ResultFrame, RunState } from "../types";
import { abortError, isAbort } from "../wait";
import type { Answer } from "./hand";
import type { Records } from "./records";

type Ending = ResultFrame | FailedFrame | ReleaseFrame;

interface One {
	record: JobRecord;
	stopper: AbortController;
	stage: string;
	saidAt: number;
	said: string;
	/** What the bridge has not answered yet. */
	telling: { frame: Ending; resolve(answer: Answer): void } | null;
}

export interface RunningDeps {
	connection: Pick<Connection, "send">;
	records: Records;
	/** One job; rejects with AbortError when it was stopped. */
	drive: (record: JobRecord, signal: AbortSignal) => Promise<void>;
	/** A job began or is over. */
	changed: () => void;
	/** One went on. */
	moved: () => void;
	/** It ended in a way that it must not. */
	broke: (e: unknown) => void;
	/** Another tab goes on: what stops then stays on record. */
	signal: AbortSignal;
	now: () => number;
}

export interface Running {
	size(): number;
	has(lease: string): boolean;
	shown(): RunState[];
	begin(record: JobRecord): void;
	/** Nothing more is told of it. */
	end(lease: string): void;
	endAll(): void;
	progress(record: JobRecord, stage: string): void;
	/** Resolves to the bridge's answer, over lost connections. */
	tell(frame: Ending, signal: AbortSignal): Promise<Answer>;
	/** After a welcome: once more what the bridge may not have heard. */
	sayAgain(lease: string): void;
	answered(job: string | undefined, lease: string | undefined, answer: Answer): void;
}

const PROGRESS_MS = 500;

const begun = (record: JobRecord): One => ({
	record,
	stopper: new AbortController(),
	stage: "",
	saidAt: 0,
	said: "",
	telling: null,
});

const shownOf = ({ record, stage }: One): RunState => ({
	job: record.frame.job,
	model: record.frame.model,
	prompt: record.frame.prompt,
	percent: record.percent,
	stage,
	since: record.since,
});

export function createRunning(deps: RunningDeps): Running {
	const { connection, records, now } = deps;
	const all = new Map<string, One>();

	async function run(one: One) {
		const { record } = one;
		const { lease } = record.frame;

		all.set(lease, one);
		deps.changed();
		try {
			await deps.drive(record, one.stopper.signal);
		} catch (e) {
			if (!isAbort(e)) deps.broke(e);
			else if (deps.signal.aborted) return; // kept for the tab that goes on
		}
		if (all.get(lease) === one) all.delete(lease);
		deps.changed();
		await records.drop(record);
	}

	function end(lease: string) {
		all.get(lease)?.stopper.abort();
		all.delete(lease);
	}

	function progress(record: JobRecord, stage: string) {
		const { job, lease } = record.frame;
		const one = all.get(lease);
		const key = `${record.percent} ${stage} ${record.ref}`;
		const news = !one || one.stage !== stage || !one.said.endsWith(` ${record.ref}`);

		if (!one || one.said === key || (!news && now() - one.saidAt < PROGRESS_MS)) return;
		Object.assign(one, { stage, said: key, saidAt: now() });
		connection.send({
			type: "progress",
			job,
			lease,
			percent: record.percent,
			stage,
			...(record.ref ? { upstream_ref: record.ref } : {}),
		});
		deps.moved();
	}

	function tell(frame: Ending, signal: AbortSignal) {
		const one = all.get(frame.lease);

		return new Promise<Answer>((resolve, reject) => {
			if (!one || signal.aborted) return reject(abortError());
			signal.addEventListener("abort", () => reject(abortError()), {
				once: true,
			});
			one.telling = { frame, resolve };
			connection.send(frame);
		});
	}

	return {
		size: () => all.size,
		has: (lease) => all.has(lease),
		shown: () => [...all.values()].map(shownOf),
		begin(record) {
			run(begun(record)).catch(deps.broke);
		},
		end,
		endAll() {
			for (const one of all.values()) one.stopper.abort();
		},
		progress,
		tell,
		sayAgain(lease) {
			const one = all.get(lease);

			if (!one) return;
			if (one.telling) return connection.send(one.telling.frame);
			one.said = "";
			progress(one.record, one.stage || "asking");
		},
		answered(job, lease, answer) {
			const one = lease ? all.get(lease) : undefined;

			if (!one?.telling || one.record.frame.job !== job) return;
			one.telling.resolve(answer);
			one.telling = null;
		},
	};
}
