/** A vote on the two videos of a battle, and the names that it reveals. */

import type { Winner } from "../types";
import { growing, sleep as realSleep, type Sleep } from "../wait";
import type { Api } from "./api";
import { SiteError } from "./errors";
import { bySide, look, type Evaluation } from "./evaluation";
import { fields, text } from "../json";
import type { Tokens } from "./tokens";

const values: Record<Winner, string> = {
	a: "model_a",
	b: "model_b",
	tie: "tie",
	both_bad: "both_bad",
};

export interface VoteDeps {
	api: Api;
	tokens: Tokens;
	/** The name of a model by its id, where the catalogue has it; else what it was asked. */
	nameOf: (id: string) => string;
	sleep?: Sleep;
	random?: () => number;
}

const LOOKS = 5;

/** The two names in the answer to a vote, however it puts them. */
export function namesInAnswer(value: unknown): string[] {
	const answer = fields(value);
	const one = (side: "A" | "B") => {
		const inner = fields(answer?.[`model${side}`]);

		return (
			text(answer?.[`model${side}Name`]) ||
			text(answer?.[`model${side}`]) ||
			text(inner?.publicName) ||
			text(inner?.displayName) ||
			text(inner?.name) ||
			text(answer?.[`model${side}Id`])
		).trim();
	};

	return [one("A"), one("B")];
}

function namesIn(e: Evaluation): string[] {
	const sides = bySide(e);

	return [sides.a?.name ?? "", sides.b?.name ?? ""];
}

const told = (names: string[]) => names.every((name) => name !== "");

export function createVote(deps: VoteDeps) {
	const { api, tokens, nameOf, sleep = realSleep, random = Math.random } = deps;

	async function revealed(
		sid: string,
		first: string[],
		signal?: AbortSignal,
	): Promise<string[]> {
		let names = first;

		for (let n = 0; !told(names) && n < LOOKS; n++) {
			if (n > 0) await sleep(growing(n - 1, 1000, 2, 8000, random), signal);
			names = namesIn(await look(api, sid, signal));
		}
		return names.map(nameOf);
	}

	return async function vote(
		sid: string,
		winner: Winner,
		signal?: AbortSignal,
	): Promise<string[]> {
		const record = await look(api, sid, signal);
		const { a, b } = bySide(record);

		if (!a?.id || !b?.id)
			throw new SiteError(
				"content",
				"This run has not two videos to choose from.",
			);
		// the names are there already: it was voted on, here or by hand
		if (told(namesIn(record))) return namesIn(record).map(nameOf);
		const body = {
			value: values[winner],
			messageAId: a.id,
			messageBId: b.id,
			evaluationSessionId: sid,
			recaptchaV3Token: await tokens.recaptcha("chat_submit", signal),
		};
		const answer = await api.call("vote", { body, signal });
		const said: unknown = await answer.json().catch(() => null);

		return revealed(sid, namesInAnswer(said), signal);
	};
}
