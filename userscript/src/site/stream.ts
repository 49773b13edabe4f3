/** The site's stream: lines `<a|b><code>:<json>`, at times with `data: ` before them. */

import { fields, list, parse, text } from "../json";

export type Side = "a" | "b";

export type StreamItem = { side: Side } & (
	| { kind: "alive" } // text, reasoning, a heartbeat, a message's id: the site is at work
	| { kind: "output"; url: string; mime: string }
	| { kind: "finish"; reason: string }
	| { kind: "error"; message: string; by: "provider" | "platform" }
	| { kind: "unknown"; what: string }
);

/** Splits on newlines over a streaming decoder: no character is ever cut in two. */
export function createLines() {
	const decoder = new TextDecoder();
	let rest = "";

	const split = (more: string): string[] => {
		const lines = (rest + more).split(/\r?\n/);

		rest = lines.pop() ?? "";
		return lines;
	};
	return {
		push: (bytes: Uint8Array): string[] =>
			split(decoder.decode(bytes, { stream: true })),
		/** What is left when the stream is over; a line that was cut is a line too. */
		end: (): string[] => split(`${decoder.decode()}\n`),
	};
}

const videoEnd = /\.(mp4|webm)$/i;

/** Does the path of this address end like that of a video? */
export function isVideoUrl(v: unknown): v is string {
	if (typeof v !== "string" || !/^https?:\/\//i.test(v)) return false;
	try {
		return videoEnd.test(new URL(v).pathname);
	} catch {
		return false;
	}
}

function isUrl(v: unknown): v is string {
	return typeof v === "string" && /^https?:\/\/\S+$/i.test(v);
}

function mimeOf(url: string, said: unknown): string {
	if (typeof said === "string" && said.startsWith("video/")) return said;
	return /\.webm(\?|#|$)/i.test(url) ? "video/webm" : "video/mp4";
}

/** The video in an item of a `2` frame, however it is put: none of it was ever written down. */
export function videoIn(item: unknown): { url: string; mime: string } | null {
	if (isVideoUrl(item)) return { url: item, mime: mimeOf(item, null) };
	const f = fields(item);

	if (!f) return null;
	const mime = f.mimeType ?? f.contentType ?? f.mime;
	const isVideo = f.type === "video" || text(mime).startsWith("video/");
	const inner = fields(f.video);
	const named = [f.video, f.videoUrl, inner?.url, f.url];
	const url =
		named.find(isVideoUrl) ??
		[f.video, f.videoUrl, inner?.url].find(isUrl) ??
		(isVideo ? [f.url, f.src, f.data].find(isUrl) : undefined) ??
		Object.values(f).find(isVideoUrl);

	return url === undefined ? null : { url, mime: mimeOf(url, mime ?? inner?.mimeType) };
}

/** Items that say nothing about a video, and are known. */
const plain = new Set(["heartbeat", "image", "routed_model"]);

function itemOf(side: Side, item: unknown): StreamItem {
	const video = videoIn(item);

	if (video && fields(item)?.type !== "image") return { side, kind: "output", ...video };
	const type = text(fields(item)?.type);

	if (plain.has(type)) return { side, kind: "alive" };
	return { side, kind: "unknown", what: `2 ${type || typeof item}` };
}

const words = (v: unknown): string => {
	const f = fields(v);

	return text(v) || text(f?.message) || text(f?.error) || text(fields(f?.error)?.message);
};

type Reader = (side: Side, value: unknown) => StreamItem[];

const alive: Reader = (side) => [{ side, kind: "alive" }];

const codes: Record<string, Reader> = {
	"0": (side, v) =>
		text(v).includes("hasArenaError")
			? [{ side, kind: "error", message: "", by: "platform" }]
			: [{ side, kind: "alive" }],
	g: alive,
	"2": (side, v) => (Array.isArray(v) ? v : [v]).map((item) => itemOf(side, item)),
	"3": (side, v) => [{ side, kind: "error", message: words(v), by: "provider" }],
	d: (side, v) => [
		{ side, kind: "finish", reason: text(fields(v)?.finishReason) || "unknown" },
	],
	// a finish step has a reason as well: the run goes on after it
	e: (side, v) =>
		fields(v)?.finishReason !== undefined && !words(v)
			? [{ side, kind: "alive" }]
			: [{ side, kind: "error", message: words(v), by: "platform" }],
	f: alive,
};

const frame = /^(?:data:\s*)?([ab])([0-9a-z]+):(.*)$/s;

/** Of server-sent events, which some of the site's streams are wrapped in. */
const noise = /^\s*$|^:|^(event|id|retry):|^data:\s*(\[DONE\])?\s*$/;

/** What a line says. Never throws: what is not understood is an item too. */
export function readLine(line: string): StreamItem[] {
	if (noise.test(line)) return [];
	const [, side, code, json] = frame.exec(line) ?? [];

	if (!side || !code || json === undefined)
		return [{ side: "a", kind: "unknown", what: `line ${line.slice(0, 12)}` }];
	const value = parse(json);
	const read = codes[code];

	if (!read || value === undefined)
		return [
			{
				side: side as Side,
				kind: "unknown",
				what: `${code}${read ? " broken" : ""}`,
			},
		];
	const items = read(side as Side, value);

	return items.length || list(value).length === 0 ? items : alive(side as Side, value);
}

/** The lines of a body as they come. Cancelling the reader ends them; a broken connection throws. */
export async function* linesOf(
	reader: ReadableStreamDefaultReader<Uint8Array>,
): AsyncGenerator<string> {
	const lines = createLines();

	for (;;) {
		const { done, value } = await reader.read();

		if (done) break;
		yield* lines.push(value);
	}
	yield* lines.end();
}
