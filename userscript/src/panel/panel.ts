/** The panel in the tab: in a shadow of its own, so that neither styles nor scripts of the page mix. */

import type { Actions, View } from "../view";
import { maker } from "./dom";
import { makeFace, type Face } from "./face";
import type { Kit } from "./part";
import { readPlace } from "./place";
import sheetText from "./panel.css";
import { readTaste, type Taste } from "./taste";
import { speaker, type Word } from "./texts";
import { markTitle } from "./title";

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
/** In one word for the head: what matters most comes first. */
export function statusOf({ phase, wire, engine }: View): Word {
	if (phase !== "working") return `s_${phase}`;
	if (engine?.state === "attention") return "s_attention";
	if (wire && wire.state !== "online" && engine?.state !== "starting")
		return `s_${wire.state}`;
	return engine ? `s_${engine.state}` : "s_starting";
}

function makeShadow({ CSSStyleSheet }: PanelDeps["page"], host: HTMLElement): ShadowRoot {
	const shadow = host.attachShadow({ mode: "open" });
	const sheet = new CSSStyleSheet();

	sheet.replaceSync(sheetText);
	shadow.adoptedStyleSheets = [sheet];
	return shadow;
}

/** Makes all in it anew: what was open and where the keyboard was stay. */
function renew(shadow: ShadowRoot, make: () => void) {
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

/** Beside the page's own body: what the site draws anew does not take it away. */
function keepAttached(page: PanelDeps["page"], host: HTMLElement, attached: () => void) {
	const root = page.document.documentElement;

	function attach() {
		if (!host.isConnected) root.append(host);
		attached();
	}

	new page.MutationObserver(() => {
		if (!host.isConnected) attach();
	}).observe(root, { childList: true });
	attach();
}

export function createPanel({ page, values, actions, now }: PanelDeps): Panel {
	const { document } = page;
	const el = maker(document);
	const host = el("div", { id: ID });
	const shadow = makeShadow(page, host);
	const title = markTitle(document);
	const taste: Taste = readTaste(null, page.navigator.languages);
	let place = readPlace(null);
	let view: View | null = null;
	let face: Face | null = null;
	let kit: Kit | null = null;

	function keep(key: string, value: object) {
		void values.set(`panel.${key}`, JSON.stringify(value));
	}

	function draw() {
		if (!view || !face || !kit) return;
		const word = statusOf(view);

		face.draw(view, word, place);
		title.set(word === "s_attention" ? kit.t("tab_attention") : "");
	}

	function make() {
		const { language, theme } = taste;

		kit = { el, t: speaker(language), language, actions, now, page };
		face = makeFace({
			kit,
			taste,
			choose(change) {
				keep("taste", Object.assign(taste, change));
				renew(shadow, make);
			},
			fold() {
				taste.folded = !taste.folded;
				keep("taste", taste);
				draw();
				face?.put(place);
			},
			moved(next) {
				place = next;
				keep("place", next);
			},
			active: () => shadow.activeElement,
		});
		host.dataset.theme = theme;
		shadow.replaceChildren(face.box);
		draw();
		face.put(place);
	}

	async function open() {
		const [kept, where] = await Promise.all([
			values.get("panel.taste"),
			values.get("panel.place"),
		]);

		Object.assign(taste, readTaste(kept, page.navigator.languages));
		place = readPlace(where);
		make();
		keepAttached(page, host, draw);
		// its size is known from here on
		renew(shadow, make);
	}

	if (document.readyState !== "loading") void open();
	else document.addEventListener("DOMContentLoaded", () => void open(), { once: true });

	return {
		show(next) {
			view = next;
			draw();
		},
	};
}
