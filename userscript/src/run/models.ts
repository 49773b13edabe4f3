/** From the site's catalogue to the models that are announced, and back from a job's to the site's. Pure. */

import type { RunMode, SiteModel } from "../site/index";
import type { Model } from "../types";

export const BATTLE = "arena-battle";

interface Familiar {
	id: string;
	inputs: ("text" | "image")[];
	/** As the catalogue spells it, now or once. */
	spelled: string[];
	size: [number, number];
	seconds: [number, number];
}

/** The names people ask for, as services/gateway/catalogue.c has them, with what their makers say. */
export const FAMILIAR: Familiar[] = [
	{
		id: "pika-2.2",
		inputs: ["text", "image"],
		spelled: ["pika-v2.2"],
		size: [1920, 1080],
		seconds: [5, 10],
	},
	{
		id: "hailuo-02-standard",
		inputs: ["text", "image"],
		spelled: ["minimax-hailuo-02-standard"],
		size: [1366, 768],
		seconds: [6, 10],
	},
	{
		id: "veo3",
		inputs: ["text", "image"],
		spelled: ["veo-3"],
		size: [1920, 1080],
		seconds: [4, 8],
	},
	{
		id: "veo2",
		inputs: ["text", "image"],
		spelled: ["veo-2"],
		size: [1280, 720],
		seconds: [5, 8],
	},
	{
		id: "kling-2.1-master",
		inputs: ["text", "image"],
		spelled: ["kling-v2.1-master"],
		size: [1920, 1080],
		seconds: [5, 10],
	},
	{
		id: "kling-2-master-image-to-video",
		inputs: ["image"],
		spelled: ["kling-v2-master-image-to-video", "kling-2-master", "kling-v2-master"],
		size: [1280, 720],
		seconds: [5, 10],
	},
	{
		id: "seedance-1-lite-image-to-video",
		inputs: ["image"],
		spelled: ["seedance-v1-lite-image-to-video", "seedance-1-lite", "seedance-v1-lite"],
		size: [1280, 720],
		seconds: [5, 10],
	},
	{
		id: "seedance-1-lite-text-to-video",
		inputs: ["text"],
		spelled: ["seedance-v1-lite-text-to-video", "seedance-1-lite", "seedance-v1-lite"],
		size: [1280, 720],
		seconds: [5, 10],
	},
];

/** Of a prompt on the site. */
const MAX_PROMPT = 2500;
const MAX_MODELS = 256;

export interface Choice {
	mode: RunMode;
	modelId?: string;
}

export interface Mapped {
	announced: Model[];
	/** null: there is no such model, or not for this input. */
	choose(name: string, withImage: boolean): Choice | null;
}

type Kind = "text" | "image";

const kindsOf = (m: SiteModel): Kind[] => [
	...(m.text ? (["text"] as const) : []),
	...(m.image ? (["image"] as const) : []),
];

const slug = (name: string) => name.trim().toLowerCase().replace(/\s+/g, "-").slice(0, 120);

function familiarOf(name: string, kind: Kind): Familiar | undefined {
	return FAMILIAR.find(
		(f) => f.inputs.includes(kind) && (f.id === name || f.spelled.includes(name)),
	);
}

interface Entry {
	model: Model;
	ids: Partial<Record<Kind, string>>;
}

function battle(site: SiteModel[]): Model {
	const kinds = new Set(site.flatMap(kindsOf));

	return {
		id: BATTLE,
		name: "Arena battle",
		owner: "arena",
		description:
			"Two videos by two models of the site's choice; a vote reveals their names. Length and size are the models' own.",
		inputs: kinds.size
			? (["text", "image"] as const).filter((k) => kinds.has(k))
			: ["text", "image"],
		outputs: 2,
		sizes: [],
		max_width: 1920,
		max_height: 1080,
		min_seconds: 1,
		max_seconds: 20,
		max_prompt: MAX_PROMPT,
	};
}

function announce(site: SiteModel, id: string, known: Familiar | undefined): Model {
	const [width, height] = known?.size ?? [1920, 1080];
	const [least, most] = known?.seconds ?? [1, 20];

	return {
		id,
		name: site.name.slice(0, 128),
		owner: site.owner.slice(0, 128) || "unknown",
		description: `${site.name.slice(0, 128)}, chosen on the site. Length and size are the model's own.`,
		inputs: [],
		outputs: 1,
		sizes: [],
		max_width: width,
		max_height: height,
		min_seconds: least,
		max_seconds: most,
		max_prompt: MAX_PROMPT,
	};
}

/** One name may stand for two of the site's models: one for texts and one for images is one model. */
function collect(site: SiteModel[]): Map<string, Entry> {
	const found = new Map<string, Entry>();

	for (const m of site.filter((one) => one.selectable)) {
		for (const kind of kindsOf(m)) {
			const known = familiarOf(slug(m.name), kind);
			const usual = known?.id ?? slug(m.name);
			const taken = found.get(usual)?.ids[kind];
			const id = taken && taken !== m.id ? `${usual}-${m.id.slice(-8)}` : usual;
			const entry = found.get(id) ?? { model: announce(m, id, known), ids: {} };

			entry.ids[kind] ??= m.id;
			if (!entry.model.inputs.includes(kind)) entry.model.inputs.push(kind);
			found.set(id, entry);
		}
	}
	return found;
}

/** direct: the user lets models be chosen. */
export function mapModels(site: SiteModel[], direct: boolean): Mapped {
	const chosen = direct ? collect(site) : new Map<string, Entry>();

	return {
		announced: [battle(site), ...[...chosen.values()].map((e) => e.model)].slice(
			0,
			MAX_MODELS,
		),
		choose(name, withImage) {
			if (name === BATTLE) return { mode: "battle" };
			const kind = withImage ? "image" : "text";
			const id = slug(name);
			const entry =
				chosen.get(name) ?? chosen.get(familiarOf(id, kind)?.id ?? id);
			const modelId = entry?.ids[kind];

			return modelId ? { mode: "direct", modelId } : null;
		},
	};
}
