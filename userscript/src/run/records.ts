/** The jobs that are held, and what is remembered of the sessions of earlier ones. */

import type { JobRecord, RefNote, Store } from "../store";
import type { HeldJob, JobRef } from "../types";

/** Longer than a job waits, and than a vote is wanted. */
const REMEMBER_MS = 48 * 3_600_000;

export interface Records {
	all(): JobRecord[];
	find(ref: JobRef): JobRecord | undefined;
	/** As it is now, on disk when it resolves. */
	keep(record: JobRecord): Promise<void>;
	drop(record: JobRecord): Promise<void>;
	held(): HeldJob[];
	note(ref: string): RefNote | undefined;
	remember(ref: string, note: Partial<RefNote>): Promise<void>;
	/** The bridge does not fetch from there. */
	isClosed(host: string): boolean;
	closed(host: string): Promise<void>;
}

const CLOSED_MS = 24 * 3_600_000;

export function createRecords(store: Store, now: () => number): Records {
	const jobs = () => store.get("jobs");

	function fresh<T>(all: Record<string, T>, at: (one: T) => number, age: number) {
		return Object.fromEntries(
			Object.entries(all).filter(([, one]) => now() - at(one) < age),
		);
	}

	return {
		all: () => Object.values(jobs()),
		find: ({ job, lease }) =>
			jobs()[lease]?.frame.job === job ? jobs()[lease] : undefined,
		keep: (record) => store.put("jobs", { ...jobs(), [record.frame.lease]: record }),
		drop(record) {
			const { [record.frame.lease]: gone, ...rest } = jobs();

			return gone ? store.put("jobs", rest) : Promise.resolve();
		},
		held: () =>
			Object.values(jobs()).map((r) => ({
				job: r.frame.job,
				lease: r.frame.lease,
				progress: r.percent,
				...(r.ref ? { upstream_ref: r.ref } : {}),
			})),
		note: (ref) => store.get("refs")[ref],
		remember(ref, note) {
			const all = fresh(store.get("refs"), (one) => one.at, REMEMBER_MS);
			const old = all[ref] ?? { job: "", at: now() };

			return store.put("refs", { ...all, [ref]: { ...old, ...note } });
		},
		isClosed: (host) => now() - (store.get("closed")[host] ?? 0) < CLOSED_MS,
		closed: (host) =>
			store.put("closed", {
				...fresh(store.get("closed"), (at) => at, CLOSED_MS),
				[host]: now(),
			}),
	};
}
