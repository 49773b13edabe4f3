/** A button that puts a text into the clipboard and says so. */

import { useSignal } from "@preact/signals";

import { t } from "../i18n/index";
import { Icon } from "./icon";

const SAY_MS = 2000;

/** navigator.clipboard is for https and localhost only; a gateway in the house network has neither. */
export async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		const area = document.createElement("textarea");
		const at = document.activeElement;

		area.value = text;
		area.className = "visually-hidden";
		(at?.closest("dialog") ?? document.body).append(area); // only there it can be selected
		area.select();
		const done = document.execCommand("copy");

		area.remove();
		if (at instanceof HTMLElement) at.focus();
		return done;
	}
}

export function Copy({ text, label, words = false }: { text: string; label: string; words?: boolean }) {
	const said = useSignal<"" | "copied" | "copy_failed">("");

	async function copy() {
		said.value = (await copyText(text)) ? "copied" : "copy_failed";
		setTimeout(() => (said.value = ""), SAY_MS);
	}

	return (
		<>
			<button
				type="button"
				class={words ? "plain slim" : "tool"}
				aria-label={label}
				title={label}
				onClick={copy}
			>
				<Icon name={said.value === "copied" ? "check" : "copy"} />
				{words && <span>{said.value ? t(said.value) : t("copy")}</span>}
			</button>
			<span class="visually-hidden" role="status">
				{said.value && t(said.value)}
			</span>
		</>
	);
}
