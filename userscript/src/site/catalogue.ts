/** The site's models: its endpoint, then what the page was made with. */

import { isAbort } from "../wait";
import type { Api } from "./api";
import { changed } from "./errors";
import { fields, list, parse, text } from "../json";

export interface SiteModel {
	id: string;
	/** As people know it; two models may share one. */
	name: string;
	owner: string;
	/** What it makes a video from. */
	text: boolean;
	image: boolean;
	selectable: boolean;
	rank: number;
}

function readModel(v: unknown): SiteModel | null {
	const m = fields(v);
	const can = fields(m?.capabilities);
	const takes = fields(can?.inputCapabilities);
	const makes = fields(can?.outputCapabilities);
	const id = text(m?.id);
	const name = (text(m?.publicName) || text(m?.displayName) || text(m?.name)).trim();

	// what needs a video to begin with is not for us
	if (!m || !id || !name || !makes?.video || fields(takes?.video)?.required === true)
		return null;
	return {
		id,
		name,
		owner: (text(m.organization) || text(m.provider)).trim(),
		text: Boolean(takes?.text) && fields(takes?.image)?.requiresUpload !== true,
		image: Boolean(takes?.image),
		selectable: m.userSelectable === true,
		rank: typeof m.rank === "number" ? m.rank : Number.MAX_SAFE_INTEGER,
	};
}

/** Of several under one id the first counts. */
function readModels(all: unknown[]): SiteModel[] {
	const found = new Map<string, SiteModel>();

	for (const one of all) {
		const model = readModel(one);

		if (model && (model.text || model.image) && !found.has(model.id))
			found.set(model.id, model);
	}
	return [...found.values()].sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
}

/** The endpoint's answer: arenas with their models; or, of an earlier shape, the models themselves. */
export function readCatalogue(value: unknown): SiteModel[] {
	const outer = fields(value);
	const arenas = Array.isArray(value)
		? value
		: list(outer?.arenas ?? outer?.data ?? outer?.models);

	return readModels(
		arenas.flatMap((arena) =>
			fields(arena)?.models ? list(fields(arena)?.models) : [arena],
		),
	);
}

/** Where a JSON array that begins at `from` ends. */
function arrayAt(s: string, from: number): string {
	let depth = 0;
	let quoted = false;

	for (let i = from; i < s.length; i++) {
		const c = s[i];

		if (quoted) {
			if (c === "\\") i++;
			else if (c === '"') quoted = false;
		} else if (c === '"') quoted = true;
		else if (c === "[" || c === "{") depth++;
		else if ((c === "]" || c === "}") && --depth === 0) return s.slice(from, i + 1);
	}
	return "";
}

const mark = '"initialModels":';
const push = /self\.__next_f\.push\(\s*(\[.*\])\s*\)/s;

/** The models in the page's own scripts: `self.__next_f.push([1,"...\"initialModels\":[...]..."])`. */
export function modelsInPage(scripts: string[]): SiteModel[] {
	const whole = scripts
		.map((script) => text(list(parse(push.exec(script)?.[1] ?? ""))[1]))
		.join("");
	const at = whole.indexOf(mark);
	const from = at < 0 ? -1 : whole.indexOf("[", at + mark.length);

	return from < 0 ? [] : readModels(list(parse(arrayAt(whole, from))));
}

export function pageScripts(document: Document): string[] {
	return [...document.querySelectorAll("script:not([src])")].map((s) => s.textContent ?? "");
}

export async function fetchCatalogue(
	api: Api,
	document: Document,
	signal?: AbortSignal,
): Promise<SiteModel[]> {
	let why: unknown = null;

	try {
		const found = readCatalogue(await api.json("catalogue", { signal }));

		if (found.length) return found;
	} catch (e) {
		if (isAbort(e)) throw e;
		why = e;
	}
	const inPage = modelsInPage(pageScripts(document));

	if (inPage.length) return inPage;
	throw why ?? changed("The site's list of models is not as it was.");
}
