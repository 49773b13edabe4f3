/** All that is seen of the panel, made once for a language, and drawn as things change. */

import type { View } from "../view";
import { consentPart } from "./consent";
import { aboutPart, logPart, modelsPart, pacePart, recorderPart } from "./details";
import { makeFrame } from "./frame";
import { pairPart } from "./pair";
import type { Kit, Part } from "./part";
import { makeMovable, type Place } from "./place";
import { tasteFields, type Taste } from "./taste";
import type { Word } from "./texts";
import { workPart } from "./work";

export interface FaceDeps {
	kit: Kit;
	taste: Taste;
	choose: (change: Partial<Taste>) => void;
	/** The fold was pressed. */
	fold: () => void;
	/** It was moved there. */
	moved: (place: Place) => void;
	/** Where the keyboard is. */
	active: () => Element | null;
}

export interface Face {
	box: HTMLElement;
	put(place: Place): void;
	/** place: where it is, if another part of it is shown now. */
	draw(view: View, word: Word, place: Place): void;
}

function partsFor({ kit, taste, choose }: FaceDeps): Record<View["phase"], Part[]> {
	const about = () => aboutPart(kit, tasteFields(kit, taste, choose));
	const working = [
		workPart(kit),
		modelsPart(kit),
		pacePart(kit),
		recorderPart(kit),
		logPart(kit),
		about(),
	];

	return {
		consent: [consentPart(kit), about()],
		pairing: [pairPart(kit), about()],
		standby: working,
		working,
	};
}

/** Whoever is in the panel with the keyboard stays in it. */
function fill(body: HTMLElement, wanted: Part[], active: Element | null) {
	const inside = body.contains(active);

	body.replaceChildren(...wanted.map((part) => part.root));
	if (inside) body.querySelector<HTMLElement>("input, button:not([hidden])")?.focus();
}

export function makeFace(deps: FaceDeps): Face {
	const { kit, taste, moved } = deps;
	const frame = makeFrame(kit);
	const parts = partsFor(deps);
	const put = makeMovable({ ...frame, page: kit.page, keep: moved });
	let shown: Part[] | undefined;

	frame.fold.addEventListener("click", deps.fold);
	return {
		box: frame.box,
		put,
		draw(view, word, place) {
			const wanted = parts[view.phase];

			frame.draw(word, taste.folded);
			if (wanted !== shown) fill(frame.body, wanted, deps.active());
			for (const part of wanted) part.draw(view);
			if (wanted !== shown) put(place);
			shown = wanted;
		},
	};
}
