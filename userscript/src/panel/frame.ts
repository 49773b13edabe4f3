/** The panel's frame: a head with its handle, what it is in one word, and a fold; a body below. */

import { setText } from "./dom";
import type { Kit } from "./part";
import type { Word } from "./texts";

export interface Frame {
	box: HTMLElement;
	head: HTMLElement;
	grip: HTMLElement;
	body: HTMLElement;
	fold: HTMLElement;
	/** What it is in one word; read aloud when it is another. */
	draw(word: Word, folded: boolean): void;
}

export function makeFrame({ el, t, language }: Kit): Frame {
	const live = el("p", { class: "unseen", role: "status", "aria-live": "polite" });
	const status = el("span", { class: "status" });
	const grip = el(
		"button",
		{
			type: "button",
			class: "grip",
			// what is seen is in what is read aloud
			"aria-label": `${t("title")}: ${t("move")}`,
			title: t("move"),
		},
		el("span", { class: "dot" }),
		el("strong", {}, t("title")),
	);
	const fold = el("button", { type: "button", class: "fold", "aria-controls": "body" });
	const head = el("header", {}, grip, status, fold);
	const body = el("div", { id: "body" });
	const box = el("section", { "aria-label": t("panel"), lang: language }, head, body, live);

	return {
		box,
		head,
		grip,
		body,
		fold,
		draw(word, folded) {
			box.dataset.status = word;
			setText(status, t(word));
			setText(live, t(word));
			body.hidden = folded;
			fold.setAttribute("aria-expanded", String(!folded));
			fold.setAttribute("aria-label", t(folded ? "unfold" : "fold"));
		},
	};
}
