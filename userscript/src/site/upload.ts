/** An image to the site, in its three steps. The actions' ids change with every deployment. */

import { wholeOf, type Api } from "./api";
import { SiteError, changed } from "./errors";
import { fields, parse, text } from "../json";
import type { RunAttachment } from "./template";

export interface UploadDeps {
	api: Api;
	/** Addresses of the page's chunks, in the order of the page. */
	chunks: () => string[];
	/** The page's own address: actions are posted there. */
	page: () => string;
	/** To the store of the site, which is another host: no cookies. */
	put: (url: string, init: RequestInit) => Promise<Response>;
}

export interface Uploader {
	upload(
		image: Blob,
		name: string,
		mime: string,
		signal?: AbortSignal,
	): Promise<RunAttachment>;
}

const reference =
	/createServerReference\)?\s*\(\s*"([0-9a-f]{8,128})"(?:(?!createServerReference)[^;]){0,200}?"(\w+)"\s*\)/g;

/** The server actions of a chunk: name to id. */
export function actionsIn(chunk: string): Map<string, string> {
	return new Map([...chunk.matchAll(reference)].map(([, id, name]) => [name!, id!]));
}

/** The line that begins `1:` of an answer in text/x-component. */
export function answerIn(body: string): Record<string, unknown> {
	for (const line of body.split("\n")) {
		const value = line.startsWith("1:") ? fields(parse(line.slice(2))) : null;

		if (!value) continue;
		if (value.success === false)
			throw new SiteError(
				"content",
				text(value.error) || "The site refused the image.",
			);
		return fields(value.data) ?? value;
	}
	throw otherWay();
}

const otherWay = () => changed("The site's way to upload an image has changed.");

export function createUploader({ api, chunks, page, put }: UploadDeps): Uploader {
	let known = new Map<string, string>();
	const searched = new Set<string>();

	async function find(name: string, signal?: AbortSignal): Promise<string> {
		for (const url of chunks().reverse()) {
			if (known.has(name)) break;
			if (searched.has(url)) continue;
			const answer = await api.raw(url, { signal }).catch((e: unknown) => {
				// of an earlier deployment
				if (e instanceof SiteError && e.kind === "changed") return null;
				throw e;
			});

			if (answer) {
				searched.add(url);
				known = new Map([...known, ...actionsIn(await wholeOf(answer))]);
			}
		}
		const id = known.get(name);

		if (!id) throw otherWay();
		return id;
	}

	async function act(name: string, args: string[], signal?: AbortSignal) {
		const answer = await api
			.raw(page(), {
				method: "POST",
				headers: {
					"Next-Action": await find(name, signal),
					Accept: "text/x-component",
					"Content-Type": "text/plain;charset=UTF-8",
				},
				body: JSON.stringify(args),
				signal,
			})
			.catch((e: unknown) => {
				// an id of an earlier deployment: look for it again the next time
				if (e instanceof SiteError && e.kind === "changed") {
					known = new Map();
					searched.clear();
				}
				throw e;
			});

		return answerIn(await wholeOf(answer));
	}

	async function send(url: string, image: Blob, mime: string, signal?: AbortSignal) {
		let answer: Response;

		try {
			answer = await put(url, {
				method: "PUT",
				body: image,
				headers: { "Content-Type": mime },
				credentials: "omit",
				signal,
			});
		} catch (e) {
			if (signal?.aborted) throw e;
			throw new SiteError(
				"network",
				"The image could not be uploaded to the site.",
			);
		}
		if (answer.status === 413)
			throw new SiteError("too_large", "The image is too large for the site.");
		if (!answer.ok)
			throw new SiteError("platform", "The site's store did not take the image.");
	}

	return {
		async upload(image, name, mime, signal) {
			const place = await act("generateUploadUrl", [name, mime], signal);
			const key = text(place.key);

			if (!key || !text(place.uploadUrl)) throw otherWay();
			await send(text(place.uploadUrl), image, mime, signal);
			const signed = await act("getSignedUrl", [key], signal);

			if (!text(signed.url)) throw otherWay();
			return { name: key, contentType: mime, url: text(signed.url) };
		},
	};
}
