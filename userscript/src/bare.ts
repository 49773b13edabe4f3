/**
 * Without a manager, in the page's world alone: the page's own requests, as far as its policy lets
 * them, and the tab's storage. That one is gone with the tab, and other sites never see it.
 */

import type { Manager } from "./gm";

const KEY = "arena-video.";

type Details = Parameters<NonNullable<Manager["GM_xmlhttpRequest"]>>[0];

async function answer(page: Manager["page"], details: Details, signal: AbortSignal) {
	const { method, url, headers, data, responseType } = details;
	// the policy of who may ask counts these headers; requests are not kept anyway
	const { "Cache-Control": _, ...rest } = headers;
	const got = await page.fetch(url, {
		method,
		headers: rest,
		body: data,
		signal,
		cache: "no-store",
		credentials: "omit",
	});
	const responseHeaders = [...got.headers]
		.map(([name, value]) => `${name}: ${value}`)
		.join("\n");

	return responseType === "blob"
		? { status: got.status, responseHeaders, response: await got.blob() }
		: { status: got.status, responseHeaders, responseText: await got.text() };
}

export function bareManager(page: Manager["page"]): Manager {
	return {
		page,
		GM_xmlhttpRequest(details) {
			const abort = new AbortController();
			const timer = details.timeout
				? setTimeout(() => abort.abort(), details.timeout)
				: undefined;

			answer(page, details, abort.signal)
				.then(details.onload, (e: unknown) =>
					details.onerror({ status: 0, error: String(e) }),
				)
				.finally(() => clearTimeout(timer));
			return { abort: () => abort.abort() };
		},
		GM_getValue: (key) => page.sessionStorage.getItem(KEY + key),
		GM_setValue: (key, value) => page.sessionStorage.setItem(KEY + key, value),
		GM_deleteValue: (key) => page.sessionStorage.removeItem(KEY + key),
	};
}
