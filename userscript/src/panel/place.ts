/** Where the panel is: dragged by its head, or moved by the arrow keys; kept over reloads. */

import { fields, parse } from "../json";

export interface Place {
	/** From the right and the bottom of the window, in pixels. */
	right: number;
	bottom: number;
}

export interface Room {
	width: number;
	height: number;
}

const EDGE = 8;
const STEP = 24;

export const HOME: Place = { right: 16, bottom: 16 };

/** All of it stays in sight. */
export function inSight(place: Place, panel: Room, view: Room): Place {
	const fit = (n: number, most: number) =>
		Math.round(Math.max(EDGE, Math.min(n, most - EDGE)));

	return {
		right: fit(place.right, view.width - panel.width),
		bottom: fit(place.bottom, view.height - panel.height),
	};
}

const steps: Record<string, Place> = {
	ArrowLeft: { right: STEP, bottom: 0 },
	ArrowRight: { right: -STEP, bottom: 0 },
	ArrowUp: { right: 0, bottom: STEP },
	ArrowDown: { right: 0, bottom: -STEP },
};

export function readPlace(text: string | null): Place {
	const kept = fields(parse(text ?? ""));

	// what is not ours begins anew
	return typeof kept?.right === "number" && typeof kept.bottom === "number"
		? { right: kept.right, bottom: kept.bottom }
		: HOME;
}

export interface Movable {
	box: HTMLElement;
	head: HTMLElement;
	grip: HTMLElement;
	page: Window & typeof globalThis;
	keep: (place: Place) => void;
}

/** Returns what puts it somewhere. It goes back there when what kept it away is gone. */
export function makeMovable({ box, head, grip, page, keep }: Movable): (place: Place) => void {
	let wanted = HOME;
	let place = HOME;

	function show() {
		const view = { width: page.innerWidth, height: page.innerHeight };

		place = inSight(wanted, { width: box.offsetWidth, height: box.offsetHeight }, view);
		box.style.right = `${place.right}px`;
		box.style.bottom = `${place.bottom}px`;
	}

	function put(next: Place) {
		wanted = next;
		show();
	}

	/** A human has put it there. */
	function settle() {
		wanted = place;
		keep(place);
	}

	head.addEventListener("pointerdown", (down) => {
		const target = down.composedPath()[0] as Element;

		if (down.button !== 0 || (target.closest("button") ?? grip) !== grip) return;
		const from = place;
		const move = (event: PointerEvent) =>
			put({
				right: from.right - (event.clientX - down.clientX),
				bottom: from.bottom - (event.clientY - down.clientY),
			});

		head.setPointerCapture(down.pointerId);
		head.addEventListener("pointermove", move);
		head.addEventListener(
			"lostpointercapture",
			() => {
				head.removeEventListener("pointermove", move);
				settle();
			},
			{ once: true },
		);
	});
	grip.addEventListener("keydown", (event) => {
		const step = steps[event.key];

		if (!step) return;
		event.preventDefault();
		put({ right: place.right + step.right, bottom: place.bottom + step.bottom });
		settle();
	});
	page.addEventListener("resize", show);
	// it grows when a part of it is opened, or has more to say
	new page.ResizeObserver(show).observe(box);
	return put;
}
