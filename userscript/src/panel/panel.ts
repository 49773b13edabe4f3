/** The panel in the tab: in a shadow of its own, so that neither styles nor scripts of the page mix. */

import type { Actions, View } from "../view";
import { consentPart } from "./consent";
import { aboutPart, logPart, modelsPart, pacePart, recorderPart } from "./details";
import { maker } from "./dom";
import { makeFrame } from "./frame";
import { pairPart } from "./pair";
import type { Kit, Part } from "./part";
import { makeMovable, readPlace } from "./place";
import sheetText from "./panel.css";
import { languageOf, languages, speaker, type Language, type Word } from "./texts";
import { markTitle } from "./title";
import { workPart } from "./work";

export interface PanelDeps {
	page: Window & typeof globalThis;
	values: {
		get(key: string): Promise<string | null>;
		set(key: string, value: string): unknown;
	};
	actions: () => Actions;
	now: () => number;
}

export interface Panel {
	show(view: View): void;
}

const ID = "arena-video-panel";
const themes = ["auto", "light", "dark"] as const;

type Theme = (typeof themes)[number];

/** What it looks like and where it is; kept for all tabs. */
interface Taste {
	language: Language;
	theme: Theme;
	folded: boolean;
}

/** In one word for the head: what matters most comes first. */
export function statusOf({ phase, wire, engine }: View): Word {
	if (phase !== "working") return `s_${phase}`;
	if (engine?.state === "attention") return "s_attention";
	if (wire && wire.state !== "online" && engine?.state !== "starting")
		return `s_${wire.state}`;
	return engine ? `s_${engine.state}` : "s_starting";
}

function select<T extends string>(kit: Kit, all: [T, string][], chosen: T, fn: (value: T) => void) {
	const field = kit.el(
		"select",
		{},
		...all.map(([value, words]) =>
			kit.el("option", { value, selected: value === chosen }, words),
		),
	);

	field.addEventListener("change", () => fn(field.value as T));
	return field;
}

export function createPanel({ page, values, actions, now }: PanelDeps): Panel {
	const { document } = page;
	const el = maker(document);
	const host = el("div", { id: ID });
	const shadow = host.attachShadow({ mode: "open" });
	const sheet = new page.CSSStyleSheet();
	const title = markTitle(document);
	const taste: Taste = {
		language: languageOf(page.navigator.languages),
		theme: "auto",
		folded: false,
	};
	let view: View | null = null;
	let draw: () => void = () => undefined;
	let place = readPlace(null);

	function keep(key: string, value: string) {
		void values.set(`panel.${key}`, value);
	}

	function choose(change: Partial<Taste>) {
		Object.assign(taste, change);
		keep("taste", JSON.stringify(taste));
		build();
	}

	function partsFor(kit: Kit): Record<View["phase"], Part[]> {
		const choices = () => ({
			language: select(
				kit,
				Object.entries(languages) as [Language, string][],
				taste.language,
				(language) => choose({ language }),
			),
			theme: select(
				kit,
				themes.map((theme) => [theme, kit.t(`theme_${theme}`)]),
				taste.theme,
				(theme) => choose({ theme }),
			),
		});
		const working = [
			workPart(kit),
			modelsPart(kit),
			pacePart(kit),
			recorderPart(kit),
			logPart(kit),
			aboutPart(kit, choices()),
		];

		return {
			consent: [consentPart(kit), aboutPart(kit, choices())],
			pairing: [pairPart(kit), aboutPart(kit, choices())],
			standby: working,
			working,
		};
	}

	/** Whoever is in the panel with the keyboard stays in it. */
	function fill(body: HTMLElement, wanted: Part[]) {
		const inside = body.contains(shadow.activeElement);

		body.replaceChildren(...wanted.map((part) => part.root));
		if (inside) body.querySelector<HTMLElement>("input, button:not([hidden])")?.focus();
	}

	/** All of it anew, for a language: what was open and where the keyboard was stay. */
	function build() {
		const open = [...shadow.querySelectorAll("details")].map((one) => one.open);
		const field = [...shadow.querySelectorAll("select")].findIndex(
			(one) => one === shadow.activeElement,
		);

		make();
		shadow.querySelectorAll("details").forEach((one, i) => {
			one.open = open[i] ?? false;
		});
		shadow.querySelectorAll("select")[field]?.focus();
	}

	function make() {
		const t = speaker(taste.language);
		const kit: Kit = { el, t, language: taste.language, actions, now, page };
		const frame = makeFrame(kit);
		const parts = partsFor(kit);
		let shown: Part[] | undefined;

		host.dataset.theme = taste.theme;
		shadow.replaceChildren(frame.box);
		const put = makeMovable({
			...frame,
			page,
			keep(next) {
				place = next;
				keep("place", JSON.stringify(next));
			},
		});

		frame.fold.addEventListener("click", () => {
			taste.folded = !taste.folded;
			keep("taste", JSON.stringify(taste));
			draw();
			put(place);
		});
		draw = () => {
			if (!view) return;
			const word = statusOf(view);
			const wanted = parts[view.phase];

			frame.draw(word, taste.folded);
			if (wanted !== shown) fill(frame.body, wanted);
			for (const part of wanted) part.draw(view);
			if (wanted !== shown) put(place);
			shown = wanted;
			title.set(word === "s_attention" ? t("tab_attention") : "");
		};
		draw();
		put(place);
	}

	/** Beside the page's own body: what the site draws anew does not take it away. */
	function attach() {
		if (!host.isConnected) document.documentElement.append(host);
		draw();
	}

	async function open() {
		const [kept, where] = await Promise.all([
			values.get("panel.taste"),
			values.get("panel.place"),
		]);
		const told = JSON.parse(kept ?? "{}") as Partial<Taste>;

		if (told.language && told.language in languages) taste.language = told.language;
		if (told.theme && themes.includes(told.theme)) taste.theme = told.theme;
		taste.folded = told.folded === true;
		place = readPlace(where);
		build();
		new page.MutationObserver(() => {
			if (!host.isConnected) attach();
		}).observe(document.documentElement, { childList: true });
		attach();
		// its size is known from here on
		build();
	}

	sheet.replaceSync(sheetText);
	shadow.adoptedStyleSheets = [sheet];
	if (document.readyState !== "loading") void open();
	else document.addEventListener("DOMContentLoaded", () => void open(), { once: true });

	return {
		show(next) {
			view = next;
			draw();
		},
	};
}
