/** The keys of a player that has the focus. */

import { rates, type Playback } from "../media/playback";

const LEAP = 1;

function faster(playback: Playback, by: number) {
	const at = rates.findIndex((rate) => rate === playback.rate.peek());
	const next = rates[at + by];

	if (next) playback.setRate(next);
}

const keys: Record<string, (playback: Playback, full: () => void) => void> = {
	" ": (playback) => playback.toggle(),
	k: (playback) => playback.toggle(),
	arrowleft: (playback) => playback.seek(playback.time.peek() - LEAP),
	arrowright: (playback) => playback.seek(playback.time.peek() + LEAP),
	home: (playback) => playback.seek(0),
	end: (playback) => playback.seek(playback.duration.peek()),
	",": (playback) => playback.step(-1),
	".": (playback) => playback.step(1),
	"<": (playback) => faster(playback, -1),
	">": (playback) => faster(playback, 1),
	m: (playback) => playback.toggleSound(),
	l: (playback) => playback.toggleLoop(),
	f: (_playback, full) => full(),
};

export const playerKeys: readonly string[] = Object.keys(keys);

export function keyed(e: KeyboardEvent, playback: Playback, full: () => void) {
	const on = e.target as HTMLElement;
	const key = e.key.toLowerCase();

	if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented) return;
	// what can be done with one of several stands among them
	if (on.closest(".actions, dialog")) return;
	// a button's own key, and all keys of a list
	if (on.tagName === "SELECT" || (on.tagName === "BUTTON" && key === " ")) return;
	const run = keys[key];

	if (!run) return;
	e.preventDefault();
	e.stopPropagation();
	run(playback, full);
}
