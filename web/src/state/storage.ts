/**
 * What the browser keeps for us. It may refuse (private windows, a full quota): then the page goes on
 * without, for nothing that matters is kept only there.
 */

const PREFIX = "arena-video.";

export type Where = "device" | "session";

function place(where: Where): Storage | null {
	try {
		return where === "device" ? localStorage : sessionStorage;
	} catch {
		return null; // blocked by the browser's settings
	}
}

export function read(name: string, where: Where = "device"): string | null {
	try {
		return place(where)?.getItem(PREFIX + name) ?? null;
	} catch {
		return null;
	}
}

/** false: it was not kept. */
export function write(name: string, value: string | null, where: Where = "device"): boolean {
	try {
		const storage = place(where);

		if (value === null) storage?.removeItem(PREFIX + name);
		else storage?.setItem(PREFIX + name, value);
		return storage !== null;
	} catch {
		return false;
	}
}

/** null when there is none, or none that can be read. */
export function readJson<T>(name: string, sound: (value: unknown) => value is T): T | null {
	const text = read(name);

	if (text === null) return null;
	try {
		const value: unknown = JSON.parse(text);

		return sound(value) ? value : null;
	} catch {
		return null;
	}
}

export const isTexts = (value: unknown): value is string[] =>
	Array.isArray(value) && value.every((each) => typeof each === "string");

export const writeJson = (name: string, value: unknown): boolean =>
	write(name, JSON.stringify(value));

/** Another tab has written it. Returns the way out. */
export function onWritten(name: string, fn: () => void): () => void {
	const heard = (e: StorageEvent) => {
		if (e.key === PREFIX + name || e.key === null) fn();
	};

	addEventListener("storage", heard);
	return () => removeEventListener("storage", heard);
}

/** Names that begin so are removed. */
export function clear(begin: string) {
	const storage = place("device");

	if (!storage) return;
	for (const name of Object.keys(storage))
		if (name.startsWith(PREFIX + begin)) storage.removeItem(name);
}
