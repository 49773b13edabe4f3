/** What the bridge says of jobs: one to make, one to stop, which of those that are held are ours. */

import type { Site } from "../site/index";
import type { JobRecord } from "../store";
import type { CancelFrame, Connection, JobFrame, WelcomeFrame } from "../types";
import type { Choice, Mapped } from "./models";
import type { Records } from "./records";
import type { Running } from "./running";

export interface OrdersDeps {
	connection: Pick<Connection, "send">;
	site: Pick<Site, "stop">;
	records: Records;
	running: Running;
	choose: Mapped["choose"];
	/** A slot is in use. */
	took: () => void;
	changed: () => void;
	warn: (message: string) => void;
	now: () => number;
}

export interface Orders {
	job(frame: JobFrame): Promise<void>;
	cancel(frame: CancelFrame): Promise<void>;
	welcome(frame: WelcomeFrame): void;
}

/** After these nobody wants what the site makes; a lost lease goes on elsewhere. */
const CANCEL_ON_SITE = new Set(["cancelled", "deleted", "expired"]);

/** As it begins; ref: a session that is there already. choice null: nobody can make it here. */
function recordOf(
	frame: JobFrame,
	choice: Choice | null,
	ref: string | null,
	now: number,
): JobRecord {
	const { job, lease, model } = frame;
	const message = `The site does not offer the model ${model} for this.`;

	return {
		frame,
		mode: choice?.mode ?? "battle",
		modelId: choice?.modelId,
		ref,
		inherited: ref !== null,
		phase: ref ? "making" : "taken",
		outputs: [],
		percent: 0,
		since: now,
		final: choice
			? null
			: {
					type: "failed",
					job,
					lease,
					code: "unsupported",
					message,
					retryable: false,
				},
	};
}

export function createOrders(deps: OrdersDeps): Orders {
	const { connection, site, records, running } = deps;

	/** An older lease of the same job is over; its session is not. */
	function earlier(job: string): string | null {
		let ref: string | null = null;

		for (const record of records.all().filter((r) => r.frame.job === job)) {
			ref = record.ref ?? ref;
			running.end(record.frame.lease);
			void records.drop(record);
		}
		return ref;
	}

	return {
		async job(frame) {
			const { job, lease, model } = frame;

			if (running.has(lease))
				return connection.send({ type: "accepted", job, lease });
			deps.took();
			const left = earlier(job) ?? frame.upstream_ref ?? null;
			const ref = left && !records.note(left)?.dead ? left : null;
			const choice = deps.choose(model, Boolean(frame.inputs?.length));
			const record = recordOf(frame, choice, ref, deps.now());

			await records.keep(record);
			connection.send({ type: "accepted", job, lease });
			running.begin(record);
		},

		async cancel({ job, lease, reason }) {
			const record = records.find({ job, lease });

			running.end(lease);
			if (record) await records.drop(record);
			connection.send({ type: "stopped", job, lease });
			deps.changed();
			if (!record?.ref || !CANCEL_ON_SITE.has(reason)) return;
			await records.remember(record.ref, { dead: true });
			await site
				.stop(record.ref)
				.catch(() => deps.warn("the run could not be stopped on the site"));
		},

		welcome(frame) {
			const mine = new Set(
				frame.jobs.filter((j) => j.state === "yours").map((j) => j.lease),
			);

			for (const record of records.all()) {
				const { lease } = record.frame;

				if (!mine.has(lease)) {
					running.end(lease);
					void records.drop(record);
				} else if (running.has(lease)) running.sayAgain(lease);
				else running.begin(record);
			}
		},
	};
}
