/** A button with a panel over everything; Escape or a click beside it closes it. */

import { type Signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useId, useRef } from "preact/hooks";

const GAP = 8;
const EDGE = 12;

/** Above or below the button, where there is more room. On phones CSS makes a sheet of it. */
function place(panel: HTMLElement, button: HTMLElement) {
	const box = button.getBoundingClientRect();
	const up = box.top > innerHeight - box.bottom;
	const room = (up ? box.top : innerHeight - box.bottom) - GAP - EDGE;
	const left = Math.min(box.left, innerWidth - panel.offsetWidth - EDGE);

	panel.style.setProperty("--left", `${Math.max(EDGE, left)}px`);
	panel.style.setProperty("--top", up ? "auto" : `${box.bottom + GAP}px`);
	panel.style.setProperty("--bottom", up ? `${innerHeight - box.top + GAP}px` : "auto");
	panel.style.setProperty("--room", `${room}px`);
}

export function Popover({ open, label, button, children, ...more }: {
	open: Signal<boolean>;
	/** Of the panel. */
	label: string;
	button: ComponentChildren;
	class: string;
	/** Of the button: more than what is in it. */
	title?: string;
	children: ComponentChildren;
}) {
	const id = useId();
	const opener = useRef<HTMLButtonElement>(null);

	return (
		<>
			<button
				ref={opener}
				type="button"
				class={more.class}
				popovertarget={id}
				aria-haspopup="dialog"
				aria-expanded={open}
				title={more.title}
			>
				{button}
			</button>
			<div
				id={id}
				popover="auto"
				class="popover sheet"
				role="dialog"
				aria-label={label}
				onBeforeToggle={(e) => (open.value = e.newState === "open")}
				onToggle={(e) => e.newState === "open" && place(e.currentTarget, opener.current!)}
			>
				{open.value && children}
			</div>
		</>
	);
}
