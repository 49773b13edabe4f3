/** Looking into texts and values of which nothing is known. */

export type Fields = Record<string, unknown>;

export function fields(v: unknown): Fields | null {
	return typeof v === "object" && v !== null && !Array.isArray(v) ? (v as Fields) : null;
}

export function list(v: unknown): unknown[] {
	return Array.isArray(v) ? v : [];
}

export function text(v: unknown): string {
	return typeof v === "string" ? v : "";
}

/** undefined: it is no JSON. */
export function parse(s: string): unknown {
	try {
		return JSON.parse(s);
	} catch {
		return undefined;
	}
}
