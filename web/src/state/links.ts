/** The gateway's links are whole addresses, as clients elsewhere need them; the page stays where it is. */

import type { Output, Video } from "../api/types";

/** The same file, from where the page came. */
export function here(link: string, origin = location.origin): string {
	const { pathname, search } = new URL(link, origin);

	return pathname + search;
}

/** To be kept under its own name. */
export function toKeep(link: string, origin = location.origin): string {
	const url = new URL(link, origin);

	url.searchParams.set("download", "1");
	return url.pathname + url.search;
}

const EXTENSION: Record<string, string> = { "video/webm": "webm" };

/** "a-red-fox-in-the-snow-b.mp4" */
export function fileName(video: Video, output: Output): string {
	const words = (video.prompt ?? "")
		.normalize("NFKD")
		.replace(/\p{M}/gu, "")
		.toLowerCase()
		.match(/[\p{L}\p{N}]+/gu);
	const begin = [...(words ?? []).slice(0, 8).join("-")].slice(0, 60).join("");
	const side = output.label ? `-${output.label}` : "";

	return `${begin || video.id}${side}.${EXTENSION[output.mime_type] ?? "mp4"}`;
}
