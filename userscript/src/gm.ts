/**
 * The userscript manager: its requests, which no policy of the page holds back, and its storage,
 * which all tabs share. Managers name these GM_name or GM.name; here they are one.
 */

export interface GmRequest {
	method?: "GET" | "POST";
	url: string;
	headers?: Record<string, string>;
	body?: string | Blob;
	timeout?: number;
	signal?: AbortSignal;
	/** `text` is empty and `blob` is there instead. */
	blob?: boolean;
}

export interface GmAnswer {
	status: number;
	headers: Headers;
	text: string;
	blob?: Blob;
}

export interface Gm {
	/** Rejects with NetworkError, or AbortError when the signal says so. */
	request(request: GmRequest): Promise<GmAnswer>;
	getValue(key: string): Promise<string | null>;
	setValue(key: string, value: string): Promise<void>;
	deleteValue(key: string): Promise<void>;
	/** `remote`: another tab changed it. Without this a manager tells of no changes. */
	addValueChangeListener(
		key: string,
		fn: (value: string | null, remote: boolean) => void,
	): void;
	page: Window & typeof globalThis;
}

/** No answer came. */
export class NetworkError extends Error {
	constructor(message: string) {
		super(message);
		this.name = "NetworkError";
	}
}

interface ManagerResponse {
	status: number;
	responseHeaders?: string;
	responseText?: string;
	response?: unknown;
	error?: string;
}

interface ManagerDetails {
	method: string;
	url: string;
	headers: Record<string, string>;
	data?: string | Blob;
	timeout?: number;
	anonymous: boolean;
	responseType?: "blob";
	onload(response: ManagerResponse): void;
	onerror(response?: ManagerResponse): void;
	ontimeout(): void;
	onabort(): void;
}

type ManagerRequest = (details: ManagerDetails) => { abort?: () => void } | undefined;
type Changed = (key: string, old: unknown, value: unknown, remote: boolean) => void;

/** What a manager puts in the script's scope. */
export interface Manager {
	GM_xmlhttpRequest?: ManagerRequest;
	GM_getValue?: (key: string, otherwise: null) => unknown;
	GM_setValue?: (key: string, value: string) => void;
	GM_deleteValue?: (key: string) => void;
	GM_addValueChangeListener?: (key: string, fn: Changed) => unknown;
	GM?: {
		xmlHttpRequest?: ManagerRequest;
		getValue?: (key: string, otherwise: null) => Promise<unknown>;
		setValue?: (key: string, value: string) => Promise<void>;
		deleteValue?: (key: string) => Promise<void>;
		addValueChangeListener?: (key: string, fn: Changed) => unknown;
	};
	page: Window & typeof globalThis;
}

export class NoManager extends Error {}

function headersOf(text: string | undefined): Headers {
	const headers = new Headers();

	for (const line of (text ?? "").split(/\r?\n/)) {
		const at = line.indexOf(":");

		// a manager's odd line is no reason to lose the others
		if (at > 0 && /^[\w-]+$/.test(line.slice(0, at)))
			headers.append(line.slice(0, at), line.slice(at + 1).trim());
	}
	return headers;
}

function answerOf(response: ManagerResponse): GmAnswer {
	const { status, responseHeaders, response: body, responseText } = response;
	const headers = headersOf(responseHeaders);

	return body instanceof Blob
		? { status, headers, text: "", blob: body }
		: { status, headers, text: responseText ?? "" };
}

function requester(ask: ManagerRequest): Gm["request"] {
	return ({ method = "GET", url, headers = {}, body, timeout, signal, blob }) =>
		new Promise((resolve, reject) => {
			const aborted = () => new DOMException("stopped", "AbortError");

			if (signal?.aborted) return reject(aborted());
			const stop = () => {
				reject(aborted());
				handle?.abort?.();
			};
			const failed = (words: string) => {
				signal?.removeEventListener("abort", stop);
				reject(new NetworkError(words));
			};
			const handle = ask({
				method,
				url,
				headers: { "Cache-Control": "no-store", ...headers },
				// the token is what counts: no cookies go along
				anonymous: true,
				...(body === undefined ? {} : { data: body }),
				...(timeout ? { timeout } : {}),
				...(blob ? { responseType: "blob" } : {}),
				onload(response) {
					signal?.removeEventListener("abort", stop);
					if (response.status) resolve(answerOf(response));
					else reject(new NetworkError("no answer"));
				},
				onerror: (response) => failed(response?.error || "no answer"),
				ontimeout: () => failed("no answer in time"),
				onabort: () => failed("stopped"),
			});

			signal?.addEventListener("abort", stop, { once: true });
		});
}

const textOf = (value: unknown) => (typeof value === "string" ? value : null);

/** Throws NoManager when what is needed is not there. */
export function openGm(manager: Manager): Gm {
	const { GM, page } = manager;
	const ask = manager.GM_xmlhttpRequest ?? GM?.xmlHttpRequest?.bind(GM);
	const get = manager.GM_getValue ?? GM?.getValue?.bind(GM);
	const set = manager.GM_setValue ?? GM?.setValue?.bind(GM);
	const remove = manager.GM_deleteValue ?? GM?.deleteValue?.bind(GM);
	const listen = manager.GM_addValueChangeListener ?? GM?.addValueChangeListener?.bind(GM);

	if (!ask || !get || !set || !remove)
		throw new NoManager("The script needs a userscript manager.");
	return {
		request: requester(ask),
		getValue: async (key) => textOf(await get(key, null)),
		setValue: async (key, value) => set(key, value),
		deleteValue: async (key) => remove(key),
		addValueChangeListener(key, fn) {
			listen?.(key, (_key, _old, value, remote) => fn(textOf(value), remote));
		},
		page,
	};
}
