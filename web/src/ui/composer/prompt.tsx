/** The prompt box: grows with what is written; Enter sends. */

import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { t } from "../../i18n/index";
import { lengthOf } from "../../state/ask";
import { wanted } from "../../state/desk";
import type { Draft } from "../../state/draft";

interface Props {
	draft: Draft;
	/** The words of an empty box. */
	hint: string;
	/** Characters that the model takes; 0: not known. */
	most: number;
	send(): void;
}

/** How much of the room is left when it is counted. */
const NEAR = 0.85;
/** Of a key that an input method took (Safari says it so). */
const TAKEN = 229;

function Count({ n, most }: { n: number; most: number }) {
	return (
		<p class="count small" data-over={n > most || undefined}>
			{t("count", { n, most })}
		</p>
	);
}

/** The browser makes it grow by itself (field-sizing in the style). */
const GROWS = CSS.supports("field-sizing", "content");

export function Prompt({ draft, hint, most, send }: Props) {
	const box = useRef<HTMLTextAreaElement>(null);
	const { value } = draft.prompt;
	const asked = wanted.value;

	useLayoutEffect(() => {
		if (GROWS) return;
		const { style, scrollHeight } = (box.current!.style.height = "auto", box.current!);

		style.height = `${scrollHeight}px`;
	}, [value, draft]);
	useEffect(() => {
		const { length } = box.current!.value;

		// a finger would get a keyboard that it did not ask for
		if (asked || matchMedia("(pointer: fine)").matches)
			box.current!.focus({ preventScroll: true });
		box.current!.setSelectionRange(length, length);
	}, [draft, asked]);

	function onKeyDown(event: KeyboardEvent) {
		if (event.key !== "Enter" || event.shiftKey) return;
		if (event.isComposing || event.keyCode === TAKEN) return;
		event.preventDefault();
		send();
	}

	return (
		<div class="prompt">
			<textarea
				ref={box}
				rows={1}
				dir="auto"
				enterkeyhint="send"
				aria-label={t("prompt")}
				placeholder={t(draft.parent.value ? "remix_hint" : hint)}
				value={value}
				onInput={(e) => {
					draft.prompt.value = e.currentTarget.value;
					draft.wrong.value = null;
				}}
				onKeyDown={onKeyDown}
			/>
			{most > 0 && value.length > most * NEAR && <Count n={lengthOf(value)} most={most} />}
		</div>
	);
}
