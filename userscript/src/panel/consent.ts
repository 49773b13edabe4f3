/** What the script does, and what it may cost: nothing happens before the human has agreed. */

import { setText } from "./dom";
import type { Kit, Part } from "./part";

export function consentPart({ el, t, actions }: Kit): Part {
	const what = el("p");
	const tick = el("input", { type: "checkbox" });
	const agree = el("button", { type: "button", class: "main", disabled: true }, t("agree"));

	tick.addEventListener("change", () => {
		agree.disabled = !tick.checked;
	});
	agree.addEventListener("click", () => actions().agree());
	return {
		root: el(
			"div",
			{ class: "part" },
			el("h2", {}, t("consent_title")),
			what,
			el("p", { class: "note" }, t("consent_terms")),
			el("p", { class: "note" }, t("consent_public")),
			el("p", {}, t("consent_human")),
			el("p", {}, t("consent_where")),
			el("label", { class: "tick" }, tick, el("span", {}, t("consent_tick"))),
			agree,
		),
		draw: ({ server }) => setText(what, t("consent_what", { server })),
	};
}
