/** The one or two videos of a run, put together from streams and from looks at its record. Pure. */

import { SiteError, readWords } from "./errors";
import type { Side, StreamItem } from "./stream";

export interface SideOutput {
	url: string;
	mime: string;
	name?: string;
}

interface SideState {
	output: SideOutput | null;
	finished: boolean;
	failure: SiteError | null;
}

/** What the record of a session says of a side. */
export interface SideRecord {
	status: string;
	output: SideOutput | null;
	failure: string;
}

const content = /content.?filter/i;

export interface Sides {
	/** True when the item brought its side a video, or another one. */
	take(item: StreamItem): boolean;
	/** The same of a record. */
	look(side: Side, record: SideRecord): boolean;
	/** Every side has a video or has failed, and nothing more is to come. */
	complete(): boolean;
	/** As `complete`, but a stream might still say more. */
	enough(): boolean;
	/** When the stream is over: sides with nothing to show. */
	missing(): Side[];
	outputs(): ({ label: Side } & SideOutput)[];
	/** Why there is no video, when all sides have failed. */
	failure(): SiteError | null;
}

/** The same file, however its link was signed. */
const sameFile = (a: string, b: string) => a.split("?")[0] === b.split("?")[0];

const failures: Record<string, (words: string) => SiteError> = {
	failed: (words) => readWords(words),
	flagged: (words) => new SiteError("content", words || "The site's moderation refused it."),
	stopped: () => new SiteError("content", "The run was stopped on the site."),
};

export function createSides(wanted: Side[]): Sides {
	const states = new Map<Side, SideState>();

	for (const side of wanted)
		states.set(side, { output: null, finished: false, failure: null });
	const all = () => [...states.values()];

	function put(state: SideState, output: SideOutput): boolean {
		const fresh = !state.output || !sameFile(state.output.url, output.url);

		state.output = { ...state.output, ...output };
		return fresh;
	}

	function finish(state: SideState, reason: string) {
		state.finished = true;
		if (content.test(reason) && !state.output)
			state.failure = new SiteError(
				"content",
				"The model refused to make this video.",
			);
		else if (reason === "error" && !state.output)
			state.failure ??= new SiteError("platform", "The model failed.");
	}

	return {
		take(item) {
			const state = states.get(item.side);

			if (!state) return false;
			if (item.kind === "output")
				return put(state, { url: item.url, mime: item.mime });
			if (item.kind === "finish") finish(state, item.reason);
			if (item.kind === "error") state.failure = readWords(item.message);
			return false;
		},
		look(side, record) {
			const state = states.get(side);
			const failed = failures[record.status];

			if (!state) return false;
			if (failed && !record.output) state.failure = failed(record.failure);
			if (failed || record.status === "success") state.finished = true;
			return record.output ? put(state, record.output) : false;
		},
		complete: () => all().every((s) => (s.output ? s.finished : s.failure !== null)),
		enough: () => all().every((s) => s.output || s.failure),
		missing: () =>
			wanted.filter(
				(side) => !states.get(side)?.output && !states.get(side)?.failure,
			),
		outputs: () =>
			[...states].flatMap(([label, s]) =>
				s.output ? [{ label, ...s.output }] : [],
			),
		failure() {
			const errors = all().flatMap((s) => (s.failure ? [s.failure] : []));

			if (all().some((s) => s.output) || errors.length < states.size) return null;
			// what only waiting or a human helps against says more than that a model failed
			return errors.find((e) => e.kind !== "platform") ?? errors[0] ?? null;
		},
	};
}
