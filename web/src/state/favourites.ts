/** Videos that the reader marked; kept on this device, newest marks first. */

import { signal } from "@preact/signals";

import type { Cache } from "./cache";
import { isTexts, onWritten, readJson, writeJson } from "./storage";

export interface Favourites {
	/** Read inside a component it follows by itself. */
	has(id: string): boolean;
	readonly ids: { readonly value: readonly string[] };
	toggle(id: string): void;
	drop(id: string): void;
}

const MOST = 2000;

export function createFavourites(cache: Cache, stop: AbortSignal): Favourites {
	const name = cache.name("favourites");
	const load = () => readJson(name, isTexts) ?? [];
	const ids = signal<readonly string[]>(load());

	function set(next: readonly string[]) {
		ids.value = next.slice(0, MOST);
		writeJson(name, ids.value);
	}

	stop.addEventListener(
		"abort",
		onWritten(name, () => {
			ids.value = load();
		}),
	);
	return {
		has: (id) => ids.value.includes(id),
		ids,
		toggle(id) {
			const others = ids.value.filter((each) => each !== id);

			set(others.length < ids.value.length ? others : [id, ...others]);
		},
		drop(id) {
			if (ids.peek().includes(id)) set(ids.peek().filter((each) => each !== id));
		},
	};
}
