/**
 * The request of a video as code that can be pasted: curl, Python and JavaScript. The key is not in
 * it; each reads it from the environment.
 */

import { notesOf } from "../state/notes";
import type { Video } from "./types";

export type SnippetKind = "curl" | "python" | "javascript";

export const snippetKinds: readonly SnippetKind[] = ["curl", "python", "javascript"];

type Fields = Record<string, unknown>;

/** What was asked for, as a body. */
export function fieldsOf(video: Video): Fields {
	const { first, last } = notesOf(video);
	const fields: Fields = {
		model: video.model,
		prompt: video.prompt ?? "",
		size: video.size,
		seconds: video.seconds,
		seed: video.seed,
		negative_prompt: video.negative_prompt,
		fps: video.fps,
		input_reference: first ? { file_id: first } : null,
		last_frame: last ? { file_id: last } : null,
	};

	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));
}

/**
 * What reads otherwise than it is written: controls, what turns the direction of text, what is not
 * seen, and the line ends that JSON has and JavaScript once had not.
 */
const SLY = /[\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

const escaped = (character: string) =>
	`\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** A literal of JSON, and so of Python and JavaScript: their strings know its escapes. */
export function literal(value: unknown, indent = 0): string {
	return JSON.stringify(value, null, indent).replace(SLY, escaped);
}

/** One word of a POSIX shell: nothing between single quotes means anything. */
export const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

interface Asked {
	origin: string;
	fields: Fields;
	/** The video that it changes. */
	parent: string | null;
}

function curl({ origin, fields, parent }: Asked): string {
	const path = parent ? `/v1/videos/${encodeURIComponent(parent)}/remix` : "/v1/videos";

	return [
		`curl ${shellWord(origin + path)} \\`,
		`  -H "Authorization: Bearer $ARENA_API_KEY" \\`,
		`  -H "Content-Type: application/json" \\`,
		`  -d ${shellWord(literal(fields, 2))}`,
	].join("\n");
}

/** What the openai package has names for, to make a video and to change one; the rest goes beside. */
const MAKES = ["model", "prompt", "size", "seconds"];
const CHANGES = ["prompt"];

function python({ origin, fields, parent }: Asked): string {
	const names = parent ? CHANGES : MAKES;
	const own = Object.entries(fields).filter(([name]) => names.includes(name));
	const beside = Object.entries(fields).filter(([name]) => !names.includes(name));
	const given = own.map(([name, value]) => `    ${name}=${literal(value)},`);

	if (beside.length) given.push(`    extra_body=${literal(Object.fromEntries(beside))},`);
	return [
		"import os",
		"from openai import OpenAI",
		"",
		`client = OpenAI(base_url=${literal(`${origin}/v1`)}, api_key=os.environ["ARENA_API_KEY"])`,
		"",
		`video = client.videos.${parent ? "remix" : "create_and_poll"}(`,
		...(parent ? [`    ${literal(parent)},`] : []),
		...given,
		")",
		...(parent ? ["video = client.videos.poll(video.id)"] : []),
		'if video.status == "completed":',
		'    client.videos.download_content(video.id).write_to_file("video.mp4")',
	].join("\n");
}

function javascript({ origin, fields, parent }: Asked): string {
	const given = Object.entries(fields).map(([name, value]) => `  ${name}: ${literal(value)},`);

	return [
		'import { writeFile } from "node:fs/promises";',
		'import OpenAI from "openai";',
		"",
		"const client = new OpenAI({",
		`  baseURL: ${literal(`${origin}/v1`)},`,
		"  apiKey: process.env.ARENA_API_KEY,",
		"});",
		"",
		`let video = await client.videos.${parent ? `remix(${literal(parent)}, ` : "create("}{`,
		...given,
		"});",
		'while (video.status === "queued" || video.status === "in_progress") {',
		"  await new Promise((done) => setTimeout(done, 2000));",
		"  video = await client.videos.retrieve(video.id);",
		"}",
		'if (video.status === "completed") {',
		"  const file = await client.videos.downloadContent(video.id);",
		'  await writeFile("video.mp4", Buffer.from(await file.arrayBuffer()));',
		"}",
	].join("\n");
}

const makers = { curl, python, javascript };

export const snippet = (kind: SnippetKind, origin: string, video: Video): string =>
	makers[kind]({ origin, fields: fieldsOf(video), parent: video.remixed_from_video_id });

/** av_…wxyz: enough to tell one's keys apart. */
export const masked = (key: string): string => `${key.slice(0, 3)}…${key.slice(-4)}`;
