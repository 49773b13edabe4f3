/**
 * The body of a request for a run. When the page has made one by itself, that is the template, and
 * only ids, prompt, attachments and tokens are replaced; else it is built as it is known. Pure.
 */

import { fields, list, parse, text, type Fields } from "../json";

export interface RunIds {
	session: string;
	user: string;
	a: string;
	b: string;
}

export interface RunAttachment {
	name: string;
	contentType: string;
	url: string;
}

export interface RunBody {
	ids: RunIds;
	mode: "battle" | "direct";
	modelId?: string;
	prompt: string;
	attachments: RunAttachment[];
	recaptcha: string;
	/** Only where the template has one. */
	turnstile?: string;
}

const tokenKey = /token/i;

/** What of a request is kept: nothing that is secret, and nothing of what was asked for. */
export function keepTemplate(body: string): Fields | null {
	const seen = fields(parse(body));

	if (!seen || text(seen.modality) !== "video" || !text(seen.id)) return null;
	return blank(seen) as Fields;
}

function blank(v: unknown, key = ""): unknown {
	if (tokenKey.test(key)) return "";
	if (key === "content" || key === "text") return "";
	if (key === "experimental_attachments" || key === "attachments") return [];
	if (Array.isArray(v)) return v.map((one) => blank(one));
	const f = fields(v);

	return f ? Object.fromEntries(Object.entries(f).map(([k, one]) => [k, blank(one, k)])) : v;
}

export function wantsTurnstile(template: Fields | null): boolean {
	return template !== null && "turnstileToken" in template;
}

function plainBody(run: RunBody): Fields {
	const body: Fields = {
		id: run.ids.session,
		mode: run.mode,
		modality: "video",
		userMessageId: run.ids.user,
		modelAMessageId: run.ids.a,
	};

	if (run.mode === "battle") body.modelBMessageId = run.ids.b;
	else body.modelAId = run.modelId;
	body.userMessage = {
		content: run.prompt,
		experimental_attachments: run.attachments,
		metadata: {},
	};
	body.recaptchaV3Token = run.recaptcha;
	return body;
}

/** Old ids to new ones. Messages of the older shape tell by their role whose they are. */
function idMap(template: Fields, ids: RunIds): Map<string, string> {
	const map = new Map<string, string>();
	const put = (old: unknown, fresh: string) => {
		if (text(old)) map.set(text(old), fresh);
	};

	for (const one of list(template.messages).map(fields)) {
		if (!one) continue;
		if (text(one.role) === "user") put(one.id, ids.user);
		else put(one.id, text(one.participantPosition) === "b" ? ids.b : ids.a);
	}
	put(template.id, ids.session);
	put(template.userMessageId, ids.user);
	put(template.modelAMessageId, ids.a);
	put(template.modelBMessageId, ids.b);
	return map;
}

function replaced(v: unknown, map: Map<string, string>): unknown {
	if (typeof v === "string") return map.get(v) ?? v;
	if (Array.isArray(v)) return v.map((one) => replaced(one, map));
	const f = fields(v);

	return f
		? Object.fromEntries(Object.entries(f).map(([k, one]) => [k, replaced(one, map)]))
		: v;
}

function say(message: Fields, run: RunBody) {
	message.content = run.prompt;
	message.experimental_attachments = run.attachments;
}

/** Does the template make what is wanted? One of another mode does not. */
function fits(template: Fields, run: RunBody): boolean {
	return (
		text(template.mode) === run.mode &&
		(fields(template.userMessage) !== null || list(template.messages).length > 0)
	);
}

export function fillBody(template: Fields | null, run: RunBody): Fields {
	if (!template || !fits(template, run)) return plainBody(run);
	const body = replaced(template, idMap(template, run.ids)) as Fields;
	const message = fields(body.userMessage);

	if (message) say(message, run);
	for (const one of list(body.messages).map(fields))
		if (one && text(one.role) === "user") say(one, run);
	for (const key of Object.keys(body)) if (tokenKey.test(key)) delete body[key];
	body.recaptchaV3Token = run.recaptcha;
	if (run.turnstile) body.turnstileToken = run.turnstile;
	if (run.mode === "direct") body.modelAId = run.modelId;
	return body;
}
