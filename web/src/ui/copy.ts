/** Copies a text, and says whether that worked. */

import { t } from "../i18n/index";
import { say } from "../state/toasts";

/** Over plain http the browser's own way is missing, except on this machine. */
function byHand(text: string): boolean {
	const area = document.createElement("textarea");
	const before = document.activeElement as HTMLElement | null;

	area.value = text;
	area.setAttribute("readonly", "");
	area.className = "visually-hidden";
	(before?.closest("dialog") ?? document.body).append(area); // outside of a dialog nothing can be selected
	area.select();
	try {
		return document.execCommand("copy");
	} finally {
		area.remove();
		before?.focus({ preventScroll: true });
	}
}

export async function copy(text: string, done = t("copied")): Promise<boolean> {
	let copied = false;

	try {
		await navigator.clipboard.writeText(text);
		copied = true;
	} catch {
		copied = byHand(text);
	}
	say(copied ? { kind: "info", text: done } : { kind: "bad", text: t("copy_failed") });
	return copied;
}
