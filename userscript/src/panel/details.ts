/** What is looked at now and then: models, pace, recorder, log, settings. */

import type { Model } from "../types";
import { setList, setText } from "./dom";
import { clockTime, type Kit, type Part } from "./part";
import type { Word } from "./texts";

function folded({ el, t }: Kit, word: Word, ...children: HTMLElement[]) {
	const count = el("span", { class: "count" });
	const root = el(
		"details",
		{},
		el("summary", {}, t(word), count),
		el("div", {}, ...children),
	);

	return { root, count };
}

export function modelsPart(kit: Kit): Part {
	const { el, t, actions } = kit;
	const list = el("ul", { class: "models" });
	const none = el("p", { class: "soft" }, t("models_none"));
	const direct = el("input", { type: "checkbox" });
	const tick = el("label", { class: "tick" }, direct, el("span", {}, t("direct")));
	const { root, count } = folded(kit, "models", none, list, tick);

	function item(model: Model) {
		const takes = model.inputs.map((input) => t(`in_${input}` as Word)).join(", ");
		const two = model.outputs > 1 ? ` · ${t("outputs_two")}` : "";

		return el(
			"li",
			{},
			el("span", { class: "id" }, model.id),
			el("span", { class: "soft" }, `${takes}${two}`),
		);
	}
	direct.addEventListener("change", () => actions().setDirect(direct.checked));
	return {
		root,
		draw({ engine, phase }) {
			const models = engine?.models ?? [];

			setText(count, models.length ? String(models.length) : "");
			none.hidden = models.length > 0;
			setList(list, JSON.stringify(models), () => models.map(item));
			direct.checked = engine?.direct ?? false;
			direct.disabled = phase !== "working" || !engine;
		},
	};
}

export function pacePart(kit: Kit): Part {
	const { el, t, actions } = kit;
	const input = (min: number, max: number) =>
		el("input", { type: "number", min, max, step: 1 });
	const gap = input(0, 86_400);
	const most = input(1, 1000);
	const minutes = input(1, 1440);
	const row = (word: Word, field: HTMLElement) =>
		el("label", { class: "field" }, t(word), field);
	const { root } = folded(
		kit,
		"pace",
		row("pace_gap", gap),
		row("pace_most", most),
		row("pace_window", minutes),
	);
	const fields = [gap, most, minutes];

	function tell() {
		if (fields.some((field) => !field.checkValidity() || !field.value)) return;
		actions().setPace({
			gapMs: gap.valueAsNumber * 1000,
			most: most.valueAsNumber,
			windowMs: minutes.valueAsNumber * 60_000,
		});
	}
	for (const field of fields) field.addEventListener("change", tell);

	return {
		root,
		draw({ engine, phase }) {
			const focused = (root.getRootNode() as ShadowRoot).activeElement;
			const values = engine
				? [
						engine.pace.gapMs / 1000,
						engine.pace.most,
						engine.pace.windowMs / 60_000,
					]
				: [];

			fields.forEach((field, i) => {
				field.disabled = phase !== "working" || !engine;
				if (field !== focused && values[i] !== undefined)
					field.value = String(values[i]);
			});
		},
	};
}

function save({ page, el }: Kit, name: string, text: string) {
	const url = page.URL.createObjectURL(new Blob([text], { type: "application/json" }));

	el("a", { href: url, download: name }).click();
	setTimeout(() => page.URL.revokeObjectURL(url), 10_000);
}

export function recorderPart(kit: Kit): Part {
	const { el, t, actions, now } = kit;
	const state = el("p", { role: "status" });
	const begin = el("button", { type: "button" }, t("record"));
	const stop = el("button", { type: "button" }, t("record_stop"));
	const keep = el("button", { type: "button" }, t("record_save"));
	const what = el("p", { class: "soft" }, t("recorder_what"));
	const row = el("div", { class: "row" }, begin, stop, keep);
	const { root } = folded(kit, "recorder", what, state, row);

	begin.addEventListener("click", () => actions().record(true));
	stop.addEventListener("click", () => actions().record(false));
	keep.addEventListener("click", () => {
		const day = new Date(now()).toISOString().slice(0, 16).replace(/\D/g, "");

		save(kit, `arena-recording-${day}.json`, actions().recording());
	});
	return {
		root,
		draw({ recorder }) {
			const on = recorder === "waiting" || recorder === "recording";

			setText(state, t(`rec_${recorder}` as Word));
			begin.hidden = on;
			stop.hidden = !on;
			keep.hidden = recorder !== "done";
		},
	};
}

export function logPart(kit: Kit): Part {
	const { el, t, page } = kit;
	const list = el("ol", { class: "log", tabindex: 0, "aria-label": t("log") });
	const none = el("p", { class: "soft" }, t("log_none"));
	const copy = el("button", { type: "button" }, t("log_copy"));
	const { root } = folded(kit, "log", none, list, copy);

	copy.addEventListener("click", () => {
		const lines = [...list.children].reverse().map((item) => item.textContent);

		page.navigator.clipboard.writeText(lines.join("\n")).then(
			() => setText(copy, t("log_copied")),
			() => undefined,
		);
	});
	return {
		root,
		draw({ engine }) {
			const lines = engine?.log ?? [];
			const last = lines.at(-1);

			none.hidden = lines.length > 0;
			list.hidden = copy.hidden = !lines.length;
			setList(list, `${lines.length} ${last?.at} ${last?.message}`, () =>
				[...lines]
					.reverse()
					.map((line) =>
						el(
							"li",
							{ class: line.level },
							el("time", {}, clockTime(kit, line.at)),
							` ${line.message}`,
						),
					),
			);
			if (copy.hidden) setText(copy, t("log_copy"));
		},
	};
}

export interface Choices {
	language: HTMLElement;
	theme: HTMLElement;
}

export function aboutPart(kit: Kit, { language, theme }: Choices): Part {
	const { el, t, actions } = kit;
	const name = el("p");
	const version = el("p", { class: "soft" });
	const unpair = el("button", { type: "button" }, t("unpair"));
	const { root } = folded(
		kit,
		"about",
		el("label", { class: "field" }, t("language"), language),
		el("label", { class: "field" }, t("theme"), theme),
		name,
		version,
		unpair,
	);
	let sure = false;

	function ask(next: boolean) {
		sure = next;
		setText(unpair, t(next ? "unpair_sure" : "unpair"));
	}
	unpair.addEventListener("click", () => {
		if (sure) actions().unpair();
		ask(!sure);
	});
	unpair.addEventListener("blur", () => ask(false));
	return {
		root,
		draw(view) {
			const paired = view.phase === "working" || view.phase === "standby";

			name.hidden = unpair.hidden = !paired;
			setText(name, t("about_name", { name: view.name, server: view.server }));
			setText(version, t("about_version", { version: view.version }));
		},
	};
}
