/** A button that puts a text into the clipboard. */

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

export function CopyButton({ text, label, words = false }: Props) {
	return (
		<button
			type="button"
			class={words ? "plain slim" : "tool"}
			aria-label={label}
			title={label}
			onClick={() => void copy(text)}
		>
			<Icon name="copy" />
			{words && <span>{t("copy")}</span>}
		</button>
	);
}
