/** The gateway's API: requests with the key. All failures are ApiErrors, or AbortError. */

import { ApiError, errorOf, isAbort } from "./errors";
import type {
	Model,
	Page,
	PairingCode,
	StoredFile,
	Video,
	VideoQuery,
	Winner,
	Wish,
	Worker,
} from "./types";

export interface Client {
	models(): Promise<Model[]>;
	list(query?: VideoQuery, signal?: AbortSignal): Promise<Page<Video>>;
	get(id: string): Promise<Video>;
	/** A lost answer is asked for again under the same name `once`: it makes no second video. */
	create(wish: Wish, once?: string): Promise<Video>;
	cancel(id: string): Promise<Video>;
	/** keepalive: it goes on when the page is closed. */
	remove(id: string, keepalive?: boolean): Promise<void>;
	vote(id: string, winner: Winner): Promise<Video>;
	/** sent(): 0 to 1, while it is sent. */
	upload(file: Blob, name: string, sent: (part: number) => void, signal: AbortSignal): Promise<StoredFile>;
	file(id: string): Promise<Blob>;
	workers(): Promise<Worker[]>;
	removeWorker(id: string): Promise<void>;
	pairingCode(): Promise<PairingCode>;
	/** Of all the caller's videos: server-sent events, from after the given one on. */
	events(lastId: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

const TRIES = 4;
const AGAIN_MS = 500;
const MOST_WAIT_MS = 5000;

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));
const passing = (e: unknown) => e instanceof ApiError && [0, 502, 503, 504].includes(e.status);

/** Runs it again after what passes by itself. */
async function patiently<T>(fn: () => Promise<T>): Promise<T> {
	for (let tries = 1; ; tries++) {
		try {
			return await fn();
		} catch (e) {
			if (tries >= TRIES || !passing(e)) throw e;
			const wait = (e as ApiError).waitMs || AGAIN_MS << tries;

			await sleep(Math.min(wait, MOST_WAIT_MS));
		}
	}
}

const one = (id: string) => `/v1/videos/${encodeURIComponent(id)}`;

function searchOf(query: VideoQuery): string {
	const search = new URLSearchParams();

	for (const [name, value] of Object.entries(query))
		if (value !== undefined && value !== "") search.set(name, String(value));
	return search.size ? `?${search}` : "";
}

/** refused(): the key is good no more. */
export function createClient(key: string, refused?: (error: ApiError) => void): Client {
	const authorization = `Bearer ${key}`;

	async function ask(path: string, init: RequestInit = {}): Promise<Response> {
		let answer: Response;

		try {
			answer = await fetch(path, {
				...init,
				credentials: "omit",
				cache: "no-store",
				headers: { ...init.headers, authorization },
			});
		} catch (e) {
			if (isAbort(e)) throw e;
			throw new ApiError(0, "network", String(e));
		}
		if (answer.ok) return answer;
		const error = errorOf(answer.status, answer.headers, await answer.text().catch(() => ""));

		if (error.status === 401) refused?.(error);
		throw error;
	}

	async function json<T>(path: string, init?: RequestInit): Promise<T> {
		return (await ask(path, init)).json() as Promise<T>;
	}

	const post = <T>(path: string, body: unknown, headers: Record<string, string> = {}) =>
		json<T>(path, {
			method: "POST",
			body: JSON.stringify(body),
			headers: { "content-type": "application/json", ...headers },
		});

	return {
		models: async () => (await json<{ data: Model[] }>("/v1/models")).data,
		list: (query = {}, signal) => json(`/v1/videos${searchOf(query)}`, { signal }),
		get: (id) => json(one(id)),
		create({ parent, first_frame, last_frame, ...wish }, once = idempotencyKey()) {
			const path = parent ? `${one(parent)}/remix` : "/v1/videos";
			const body = {
				...wish,
				input_reference: first_frame ? { file_id: first_frame } : undefined,
				last_frame: last_frame ? { file_id: last_frame } : undefined,
			};

			return patiently(() => post<Video>(path, body, { "idempotency-key": once }));
		},
		cancel: (id) => json(`${one(id)}/cancel`, { method: "POST" }),
		async remove(id, keepalive = false) {
			await ask(one(id), { method: "DELETE", keepalive });
		},
		vote: (id, winner) => post(`${one(id)}/vote`, { winner }),
		upload: (file, name, sent, signal) => upload(authorization, file, name, sent, signal),
		file: async (id) =>
			(await ask(`/v1/files/${encodeURIComponent(id)}/content`)).blob(),
		workers: async () => (await json<{ data: Worker[] }>("/v1/workers")).data,
		async removeWorker(id) {
			await ask(`/v1/workers/${encodeURIComponent(id)}`, { method: "DELETE" });
		},
		pairingCode: () => json("/v1/workers/pairing_codes", { method: "POST" }),
		async events(lastId, signal) {
			const answer = await ask("/v1/events", {
				signal,
				headers: {
					accept: "text/event-stream",
					...(lastId ? { "last-event-id": lastId } : {}),
				},
			});

			if (!answer.body) throw new ApiError(0, "network", "no body");
			return answer.body;
		},
	};
}

// crypto.randomUUID needs https or localhost; a gateway in the house network has neither
export function idempotencyKey(): string {
	const bytes = crypto.getRandomValues(new Uint8Array(16));

	return Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
}

/** fetch does not say how much was sent; XMLHttpRequest does. */
function upload(
	authorization: string,
	file: Blob,
	name: string,
	sent: (part: number) => void,
	signal: AbortSignal,
): Promise<StoredFile> {
	const form = new FormData();
	const request = new XMLHttpRequest();

	form.set("purpose", "vision");
	form.set("file", file, name);
	return new Promise<StoredFile>((resolve, reject) => {
		const stop = () => request.abort();

		request.open("POST", "/v1/files");
		request.setRequestHeader("authorization", authorization);
		request.upload.onprogress = (e) => sent(e.total ? e.loaded / e.total : 0);
		request.onload = () => {
			const { status, responseText } = request;

			if (status >= 200 && status < 300)
				return resolve(JSON.parse(responseText) as StoredFile);
			reject(errorOf(status, headersOf(request), responseText));
		};
		request.onerror = () => reject(new ApiError(0, "network", "not sent"));
		request.onabort = () => reject(new DOMException("aborted", "AbortError"));
		if (signal.aborted) return request.onabort(new ProgressEvent("abort"));
		signal.addEventListener("abort", stop, { once: true });
		request.send(form);
	});
}

function headersOf(request: XMLHttpRequest): Headers {
	const headers = new Headers();

	for (const name of ["retry-after", "retry-after-ms", "x-request-id"]) {
		const value = request.getResponseHeader(name);

		if (value) headers.set(name, value);
	}
	return headers;
}
