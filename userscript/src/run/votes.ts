/** Votes that the bridge asks for: done once each, whatever is lost on the way. */

import { SiteError, type Site } from "../site/index";
import type { VoteFrame, VotedFrame } from "../types";
import { growing, isAbort, type Sleep } from "../wait";
import type { AttentionBoard } from "./attention";
import { fateOf } from "./failures";
import type { Records } from "./records";
import type { Rest } from "./rest";

export interface VoteDeps {
	site: Site;
	records: Records;
	attention: AttentionBoard;
	rest: Rest;
	/** Where a human is wanted, or until when it rests. */
	changed: () => void;
	send: (frame: VotedFrame) => void;
	now: () => number;
	sleep: Sleep;
	random: () => number;
}

const TRIES = 4;
/** A human may end a rest before its time. */
const LOOK_MS = 60_000;
const passing = ["network", "platform", "login", "challenge"];

export function createVotes(deps: VoteDeps) {
	const { site, records, attention, rest, changed, send, now, sleep, random } = deps;
	const underWay = new Set<string>();

	/** The site did not believe the last token: one more would make it worse. */
	async function believed(signal: AbortSignal) {
		for (let until = rest.unverifiedUntil(); until; until = rest.unverifiedUntil())
			await sleep(Math.min(until - now(), LOOK_MS), signal);
	}

	async function note(e: SiteError) {
		const fate = fateOf(e);

		if (fate.attention) attention.told(fate.attention, e.message);
		if (fate.rest) await rest.told(fate.rest, e);
		changed();
	}

	async function cast(vote: VoteFrame, signal: AbortSignal): Promise<string[]> {
		for (let n = 0; ; n++) {
			await believed(signal);
			try {
				return await site.vote(vote.upstream_ref, vote.winner, signal);
			} catch (e) {
				if (!(e instanceof SiteError)) throw e;
				await note(e);
				if (!passing.includes(e.kind) || n + 1 >= TRIES) throw e;
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
