/** Bytes that a run needs: inputs from the server, finished videos from where the site keeps them. */

import type { Gm } from "./gm";
import where from "./site/where.json";
import type { JobInput } from "./types";

export interface Files {
	input(input: JobInput, signal: AbortSignal): Promise<Blob>;
	download(url: string, signal: AbortSignal): Promise<Blob>;
}

const INPUT_MS = 60_000;
const DOWNLOAD_MS = 5 * 60_000;

function whole(blob: Blob | undefined, status: number, length: string | null): Blob {
	if (status !== 200 || !blob) throw new Error(`it was answered with ${status}`);
	if (!blob.size || (length !== null && Number(length) !== blob.size))
		throw new Error("not all of it came");
	return blob;
}

/** The manager asks the human before it connects elsewhere: only there, where @connect lets it. */
const connects = (url: string) => {
	const { hostname } = new URL(url);

	return where.files.some((host) => hostname === host || hostname.endsWith(`.${host}`));
};

export function createFiles(gm: Gm, server: string): Files {
	const { page, request } = gm;
	const fetchPage = page.fetch.bind(page);

	async function byPage(url: string, signal: AbortSignal) {
		const answer = await fetchPage(url, { signal, credentials: "omit" });

		return whole(await answer.blob(), answer.status, null);
	}

	async function byManager(url: string, timeout: number, signal: AbortSignal) {
		const { status, blob, headers } = await request({
			url,
			timeout,
			signal,
			blob: true,
		});
		const coded = headers.has("content-encoding");

		return whole(blob, status, coded ? null : headers.get("content-length"));
	}

	return {
		input: ({ url }, signal) =>
			byManager(new URL(url, `${server}/`).href, INPUT_MS, signal),
		async download(url, signal) {
			try {
				return await byPage(url, signal);
			} catch (e) {
				if (signal.aborted || !connects(url)) throw e;
				return byManager(url, DOWNLOAD_MS, signal);
			}
		},
	};
}
