/** A part of the panel: made once for a language, drawn anew as things change. */

import type { Actions, View } from "../view";
import type { Maker } from "./dom";
import type { Language, Speak } from "./texts";

export interface Kit {
	el: Maker;
	t: Speak;
	language: Language;
	actions: () => Actions;
	now: () => number;
	page: Window & typeof globalThis;
}

export interface Part {
	root: HTMLElement;
	draw(view: View): void;
}

export const sameDay = (a: number, b: number) =>
	new Date(a).toDateString() === new Date(b).toDateString();

/** "14:05", or with its day when that is another. */
export function clockTime(kit: Pick<Kit, "language" | "now">, at: number): string {
	const far = !sameDay(at, kit.now());

	return new Intl.DateTimeFormat(kit.language, {
		hour: "2-digit",
		minute: "2-digit",
		...(far ? { weekday: "short" } : {}),
	}).format(at);
}

/** "45 s", "3 min". */
export function span(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1000));

	return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
