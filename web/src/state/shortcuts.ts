/**
 * Keys that do something: this table is what `?` shows, and what is run. A part of the page that can
 * do one of them says so with onShortcut(). Those of no run here are handled where they belong, such
 * as in the player that has the focus.
 */

import { signal } from "@preact/signals";

export interface Shortcut {
	/** Names it; its words are k_ID. */
	id: string;
	/** As KeyboardEvent.key says it; several when any will do. */
	keys: readonly string[];
	group: "everywhere" | "writing" | "player" | "gallery";
}

export const shortcuts: readonly Shortcut[] = [
	{ id: "new", keys: ["n"], group: "everywhere" },
	{ id: "search", keys: ["/"], group: "everywhere" },
	{ id: "gallery", keys: ["g"], group: "everywhere" },
	{ id: "settings", keys: ["s"], group: "everywhere" },
	{ id: "help", keys: ["?"], group: "everywhere" },
	{ id: "escape", keys: ["Escape"], group: "everywhere" },
	{ id: "send", keys: ["Enter"], group: "writing" },
	{ id: "line", keys: ["Shift+Enter"], group: "writing" },
	{ id: "play", keys: ["Space", "k"], group: "player" },
	{ id: "seek", keys: ["←", "→"], group: "player" },
	{ id: "ends", keys: ["Home", "End"], group: "player" },
	{ id: "step", keys: [",", "."], group: "player" },
	{ id: "speed", keys: ["<", ">"], group: "player" },
	{ id: "full", keys: ["f"], group: "player" },
	{ id: "loop", keys: ["l"], group: "player" },
	{ id: "mute", keys: ["m"], group: "player" },
	{ id: "move", keys: ["←", "→", "↑", "↓"], group: "gallery" },
];

/** They are shown. */
export const keysOpen = signal(false);

const handlers = new Map<string, Set<() => void>>();

/** The one that came last is run. Returns the way out. */
export function onShortcut(id: string, run: () => void): () => void {
	const known = handlers.get(id) ?? new Set();

	handlers.set(id, known.add(run));
	return () => known.delete(run);
}

interface Pressed {
	key: string;
	ctrlKey: boolean;
	metaKey: boolean;
	altKey: boolean;
}

/** Whose key it is, of those that are run from everywhere. */
export function shortcutOf({ key, ctrlKey, metaKey, altKey }: Pressed): string | null {
	if (ctrlKey || metaKey || altKey) return null;
	const found = shortcuts.find(
		(each) => each.group === "everywhere" && each.keys.includes(key),
	);

	return found?.id ?? null;
}

/** Letters belong to who writes, and everything to a dialog that is open. */
function elsewhere(target: EventTarget | null): boolean {
	const at = target instanceof Element ? target : null;
	const writes = at?.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable]");

	return Boolean(writes || document.querySelector("dialog[open], [popover]:popover-open"));
}

export function listenForShortcuts(stop: AbortSignal) {
	addEventListener(
		"keydown",
		(e) => {
			const id = e.defaultPrevented || e.isComposing ? null : shortcutOf(e);
			const run = id && [...(handlers.get(id) ?? [])].at(-1);

			if (!run || (elsewhere(e.target) && id !== "escape")) return;
			if (id !== "escape") e.preventDefault(); // the letter is not written into what gets the focus
			run();
		},
		{ signal: stop },
	);
}
