/** The record of a session: its messages, what became of them, and, after a vote, who made them. */

import type { Api } from "./api";
import { fields, list, text, type Fields } from "../json";
import type { SideRecord } from "./sides";
import { isVideoUrl, type Side } from "./stream";

export interface Message extends SideRecord {
	id: string;
	side: Side;
	name: string;
}

export interface Evaluation {
	/** "battle", "direct", ...; "" when it is not told. */
	mode: string;
	messages: Message[];
}

function attachment(message: Fields) {
	const all = [...list(message.experimental_attachments), ...list(message.attachments)].map(
		fields,
	);
	const video = all.find(
		(a) => text(a?.contentType).startsWith("video/") || isVideoUrl(a?.url),
	);
	const url = text(video?.url);

	return url ? { url, mime: text(video?.contentType) || "video/mp4" } : null;
}

/** The name of the model, where the record tells it. */
function nameIn(message: Fields): string {
	const model = fields(message.model);

	return (
		text(message.modelName) ||
		text(message.modelPublicName) ||
		text(message.publicName) ||
		text(model?.publicName) ||
		text(model?.displayName) ||
		text(model?.name) ||
		text(message.modelId)
	).trim();
}

function failureIn(message: Fields): string {
	const reason = message.failureReason ?? message.error;

	return text(reason) || text(fields(reason)?.message);
}

function sideOf(message: Fields, record: Fields, nth: number): Side {
	const position = text(message.participantPosition).toLowerCase();
	const id = text(message.id);

	if (position === "a" || position === "b") return position;
	if (id && id === record.modelBMessageId) return "b";
	if (id && id === record.modelAMessageId) return "a";
	return nth % 2 === 0 ? "a" : "b";
}

export function readEvaluation(value: unknown): Evaluation {
	const outer = fields(value) ?? {};
	const record = fields(outer.evaluation) ?? fields(outer.session) ?? outer;
	const answers = list(record.messages)
		.map(fields)
		.filter((m): m is Fields => m !== null && text(m.role) !== "user");

	return {
		mode: text(record.mode),
		messages: answers.map((m, i) => ({
			id: text(m.id),
			side: sideOf(m, record, i),
			status: text(m.status) || "pending",
			output: attachment(m),
			failure: failureIn(m),
			name: nameIn(m),
		})),
	};
}

export async function look(api: Api, sid: string, signal?: AbortSignal): Promise<Evaluation> {
	return readEvaluation(await api.json("evaluation", { sid, signal }));
}

/** The last answer of each side: a conversation that went on has several. */
export function bySide(e: Evaluation): Partial<Record<Side, Message>> {
	const found: Partial<Record<Side, Message>> = {};

	for (const m of e.messages) found[m.side] = m;
	return found;
}
