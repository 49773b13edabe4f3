/** Votes that the bridge asks for: done once each, whatever is lost on the way. */

import { SiteError, type Site } from "../site/index";
import type { VoteFrame, VotedFrame } from "../types";
import { growing, isAbort, type Sleep } from "../wait";
import type { AttentionBoard } from "./attention";
import { fateOf } from "./failures";
import type { Records } from "./records";

export interface VoteDeps {
	site: Site;
	records: Records;
	attention: AttentionBoard;
	send: (frame: VotedFrame) => void;
	sleep: Sleep;
	random: () => number;
}

const TRIES = 4;
const passing = ["network", "platform", "login", "challenge"];

export function createVotes({ site, records, attention, send, sleep, random }: VoteDeps) {
	const underWay = new Set<string>();

	async function cast(vote: VoteFrame, signal: AbortSignal): Promise<string[]> {
		for (let n = 0; ; n++) {
			try {
				return await site.vote(vote.upstream_ref, vote.winner, signal);
			} catch (e) {
				if (
					!(e instanceof SiteError) ||
					!passing.includes(e.kind) ||
					n + 1 >= TRIES
				)
					throw e;
				const wanted = fateOf(e).attention;

				if (wanted) attention.told(wanted, e.message);
			}
			await attention.over(signal);
			await sleep(growing(n, 1000, 3, 20_000, random), signal);
		}
	}

	return async function onVote(vote: VoteFrame, signal: AbortSignal): Promise<void> {
		const { job, upstream_ref: ref } = vote;

		if (underWay.has(ref)) return;
		underWay.add(ref);
		try {
			const names = records.note(ref)?.names ?? (await cast(vote, signal));

			await records.remember(ref, { job, names });
			send({ type: "voted", job, ok: true, message: "", names });
		} catch (e) {
			if (isAbort(e)) return;
			const message = e instanceof Error ? e.message : "The vote failed.";

			send({
				type: "voted",
				job,
				ok: false,
				message: message.slice(0, 500),
				names: [],
			});
		} finally {
			underWay.delete(ref);
		}
	};
}
