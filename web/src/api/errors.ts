/** What went wrong with a request: as the gateway says it, and in the reader's language. */

import { known, t } from "../i18n/index";

export class ApiError extends Error {
	constructor(
		/** Of HTTP; 0: the gateway was not reached. */
		readonly status: number,
		/** One of the gateway's codes, or "". */
		readonly code: string,
		message: string,
		/** When it may be asked again; 0: nothing is known. */
		readonly waitMs = 0,
		/** To be quoted to the operator. */
		readonly requestId = "",
		readonly param: string | null = null,
	) {
		super(message);
		this.name = "ApiError";
	}

	get unreachable(): boolean {
		return this.status === 0;
	}
}

interface Told {
	error?: { message?: string; code?: string; param?: string | null };
}

/** Of an answer that is no 2xx. */
export function errorOf(status: number, headers: Headers, body: string): ApiError {
	let told: Told["error"];

	try {
		told = (JSON.parse(body) as Told).error;
	} catch {
		// not from the gateway itself
	}
	const wait =
		Number(headers.get("retry-after-ms")) ||
		Number(headers.get("retry-after")) * 1000 ||
		0;

	return new ApiError(
		status,
		told?.code ?? "",
		told?.message ?? `HTTP ${status}`,
		wait,
		headers.get("x-request-id") ?? "",
		told?.param ?? null,
	);
}

/** The reader's language where we have words, else the gateway's own. */
export function wordsOf(error: unknown): string {
	if (error instanceof ApiError) {
		if (error.unreachable) return t("e_network");
		const key = `e_${error.code}`;

		// our words are general; where a parameter is named the gateway's say more
		if (known(key) && !error.param) return t(key);
	}
	return error instanceof Error ? error.message : String(error);
}

export const isAbort = (e: unknown): boolean => e instanceof Error && e.name === "AbortError";
