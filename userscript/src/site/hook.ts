/**
 * Sees the requests that the page itself makes, in the page's world, and changes nothing. Our own
 * go past it: `fetch` is the page's as it was.
 */

import type { Fetch } from "./api";

export interface PageRequest {
	method: string;
	path: string;
	/** "" when it was no text. */
	body: string;
	/** A copy of the answer, the listener's own. */
	answer: Promise<Response>;
}

export type PageListener = (request: PageRequest) => void;

export interface Hook {
	fetch: Fetch;
	on(fn: PageListener): () => void;
}

type PageFetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

/** The parts of a window that are used here. */
export interface HookedPage {
	fetch: PageFetch;
	location: { href: string };
	Request?: typeof Request;
}

async function bodyOf(input: RequestInfo | URL, init?: RequestInit): Promise<string> {
	if (typeof init?.body === "string") return init.body;
	if (init?.body) return "";
	if (typeof input === "object" && "clone" in input)
		return input
			.clone()
			.text()
			.catch(() => "");
	return "";
}

export function hookFetch(page: HookedPage): Hook {
	const original = page.fetch;
	const plain: PageFetch = (input, init) => original.call(page, input, init);
	const listeners = new Set<PageListener>();

	async function tell(
		input: RequestInfo | URL,
		init: RequestInit | undefined,
		answer: Promise<Response>,
	) {
		const request = typeof input === "object" && "url" in input ? input : null;
		const url = new URL(request?.url ?? String(input), page.location.href);

		if (url.origin !== new URL(page.location.href).origin) return;
		// one each, made before the page reads: who leaves its own alone leaves the others'
		const told = [...listeners].map((fn) => ({ fn, copy: answer.then((a) => a.clone()) }));

		for (const { copy } of told) copy.catch(() => undefined);
		const body = await bodyOf(input, init);
		const method = (init?.method ?? request?.method ?? "GET").toUpperCase();

		for (const { fn, copy } of told)
			fn({ method, path: url.pathname, body, answer: copy });
	}

	page.fetch = (input, init) => {
		if (!listeners.size) return plain(input, init);
		// the body of a Request can be read once: our copy is made before the page's is used
		const kept = typeof input === "object" && "clone" in input ? input.clone() : input;
		const answer = plain(input, init);

		tell(kept, init, answer).catch(() => undefined);
		return answer;
	};
	return {
		fetch: (url, init) => plain(url, init),
		on(fn) {
			listeners.add(fn);
			return () => listeners.delete(fn);
		},
	};
}
