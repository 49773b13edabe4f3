/** A button with a list of things to do. Arrows, Home, End and first letters move in it. */

import type { TargetedKeyboardEvent, TargetedToggleEvent } from "preact";
import { useId, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";

import { Icon, type IconName } from "./icon";

export interface MenuChoice {
	label: string;
	icon: IconName;
	run: () => void;
	danger?: boolean;
}

interface Props {
	label: string;
	/** What there is nothing of is left out. */
	choices: readonly (MenuChoice | false)[];
}

const EDGE = 8;

/** Below the button where there is room, else above; inside the window. */
function place(menu: HTMLElement, button: HTMLElement) {
	const at = button.getBoundingClientRect();
	const { offsetWidth: width, offsetHeight: height } = menu;
	const below = at.bottom + 4 + height <= innerHeight - EDGE;
	const left = at.left + width <= innerWidth - EDGE ? at.left : at.right - width;

	menu.style.left = `${Math.max(EDGE, left)}px`;
	menu.style.top = `${Math.max(EDGE, below ? at.bottom + 4 : at.top - 4 - height)}px`;
}

const itemsOf = (menu: HTMLElement) => [
	...menu.querySelectorAll<HTMLElement>("[role=menuitem]"),
];

function move(e: TargetedKeyboardEvent<HTMLElement>) {
	const items = itemsOf(e.currentTarget);
	const now = items.indexOf(document.activeElement as HTMLElement);
	const letter = e.key.length === 1 ? e.key.toLowerCase() : "";
	const next = new Map([
		["ArrowDown", items[(now + 1) % items.length]],
		["ArrowUp", items.at(now <= 0 ? -1 : now - 1)],
		["Home", items[0]],
		["End", items.at(-1)],
	]);
	const to =
		next.get(e.key) ??
		(letter.trim() &&
			[...items.slice(now + 1), ...items.slice(0, now + 1)].find((item) =>
				item.textContent?.trim().toLowerCase().startsWith(letter),
			));

	if (e.key === "Tab") e.currentTarget.hidePopover();
	if (!to) return;
	e.preventDefault();
	e.stopPropagation();
	to.focus();
}

function Item({ choice, close }: { choice: MenuChoice; close(): void }) {
	const { label, icon, run, danger } = choice;

	return (
		<button
			type="button"
			role="menuitem"
			tabIndex={-1}
			class={danger ? "menu-item danger" : "menu-item"}
			onClick={() => {
				close();
				run();
			}}
		>
			<Icon name={icon} />
			<span>{label}</span>
		</button>
	);
}

export function Menu({ label, choices }: Props) {
	const id = useId();
	const open = useSignal(false);
	const button = useRef<HTMLButtonElement>(null);
	const menu = useRef<HTMLDivElement>(null);
	const shown = choices.filter((each) => each !== false);

	// its items are drawn between these two
	function opening(e: TargetedToggleEvent<HTMLElement>) {
		if (e.newState === "open") open.value = true;
	}
	function toggled(e: TargetedToggleEvent<HTMLElement>) {
		open.value = e.newState === "open";
		if (!open.value) return;
		place(menu.current!, button.current!);
		itemsOf(menu.current!)[0]?.focus();
	}

	return (
		<>
			<button
				type="button"
				ref={button}
				class="tool"
				aria-label={label}
				title={label}
				aria-haspopup="menu"
				aria-expanded={open}
				popoverTarget={id}
			>
				<Icon name="more" />
			</button>
			<div
				id={id}
				ref={menu}
				class="menu"
				popover="auto"
				role="menu"
				aria-label={label}
				onBeforeToggle={opening}
				onToggle={toggled}
				onKeyDown={move}
			>
				{open.value &&
					shown.map((choice) => (
						<Item
							key={choice.label}
							choice={choice}
							close={() => menu.current?.hidePopover()}
						/>
					))}
			</div>
		</>
	);
}
