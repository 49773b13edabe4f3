/** A button that puts a text into the clipboard, and says so by itself: a dialog may cover all else. */

import { useSignal } from "@preact/signals";

import { t } from "../i18n/index";
import { copy } from "./copy";
import { Icon } from "./icon";

interface Props {
	text: string;
	/** What it does, and with what. */
	label: string;
	/** Words beside the icon. */
	words?: boolean;
}

const SAID_MS = 2000;

export function CopyButton({ text, label, words = false }: Props) {
	const done = useSignal(false);

	async function click() {
		done.value = await copy(text);
		setTimeout(() => (done.value = false), SAID_MS);
	}

	const name = done.value ? t("copied") : label;
	return (
		<button
			type="button"
			class={words ? "plain slim" : "tool"}
			aria-label={name}
			title={name}
			onClick={click}
		>
			<Icon name={done.value ? "check" : "copy"} />
			{words && <span>{t(done.value ? "copied" : "copy")}</span>}
		</button>
	);
}
