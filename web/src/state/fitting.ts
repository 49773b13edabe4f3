/** What the chosen models can do, and what was wished for brought into their range. */

import type { Model } from "../api/types";
import type { Choices } from "./choices";

export type Shape = "portrait" | "landscape" | "square";

export interface Size {
	w: number;
	h: number;
}

/** What was wished for and what it became. */
export interface Note {
	model: Model;
	what: "size" | "seconds";
	wished: string;
	got: string;
}

/** What can be chosen. */
export interface Range {
	sizes: readonly string[];
	/** Any even size up to these; null: the listed ones only. */
	free: { longer: number; shorter: number } | null;
	seconds: { least: number; most: number };
	seed: boolean;
	negative: boolean;
	fps: boolean;
	first: boolean;
	last: boolean;
	/** Shorter prompts are taken by all. */
	prompt: number;
}

/** Of models that make any size. */
const USUAL = [
	"720x1280", "1080x1920", "480x854",
	"1280x720", "1920x1080", "854x480",
	"1024x1024", "720x720",
];
/** A side has at least so many pixels. */
export const SIDE_LEAST = 64;
const PROMPT_MOST = 32_000;

export function sizeOf(text: string): Size {
	const [w = 0, h = 0] = text.split("x").map(Number);

	return { w, h };
}

export const shapeOf = ({ w, h }: Size): Shape =>
	w < h ? "portrait" : w > h ? "landscape" : "square";

/** By its id, or by another spelling of it. */
export const isCalled = (model: Model, name: string): boolean =>
	model.id === name || model.aliases.includes(name);
export const isBattle = (model: Model): boolean => model.outputs > 1;
export const takesText = (model: Model): boolean => model.inputs.includes("text");
export const takesLast = (model: Model): boolean => model.inputs.includes("first_last_frame");
export const takesImage = (model: Model): boolean =>
	model.inputs.includes("image") || takesLast(model);

export function makesSize(model: Model, text: string): boolean {
	const { w, h } = sizeOf(text);

	if (model.sizes.length) return model.sizes.includes(text);
	return (
		w % 2 === 0 &&
		h % 2 === 0 &&
		Math.min(w, h) >= SIDE_LEAST &&
		Math.max(w, h) <= model.max_width &&
		Math.min(w, h) <= model.max_height
	);
}

function largest(model: Model): string {
	const even = (n: number) => 2 * Math.floor(n / 2);

	return `${even(model.max_width)}x${even(model.max_height)}`;
}

function sizesOf(model: Model): readonly string[] {
	if (model.sizes.length) return model.sizes;
	const found = USUAL.filter((text) => makesSize(model, text));

	return found.length ? found : [largest(model)];
}

/** As the gateway measures it: the shape counts more than how many pixels there are. */
function unlike(a: Size, b: Size): number {
	const shape = Math.abs(Math.log(a.w / a.h) - Math.log(b.w / b.h));

	return 2 * shape + Math.abs(Math.log((a.w * a.h) / (b.w * b.h)));
}

export function fitSize(model: Model, wished: string): string {
	if (makesSize(model, wished)) return wished;
	const like = sizeOf(wished);
	const [best] = [...sizesOf(model)].sort(
		(a, b) => unlike(sizeOf(a), like) - unlike(sizeOf(b), like),
	);

	return best ?? wished;
}

export const fitSeconds = (model: Model, wished: number): number =>
	Math.min(Math.max(wished, model.min_seconds), model.max_seconds);

/** What all of them make, or, where there is none, what any of them makes. */
function shared(models: readonly Model[]): string[] {
	const all = [...new Set(models.flatMap(sizesOf))];
	const common = all.filter((text) => models.every((model) => makesSize(model, text)));

	return common.length ? common : all;
}

function secondsOf(models: readonly Model[]): Range["seconds"] {
	const least = Math.max(...models.map((model) => model.min_seconds));
	const most = Math.min(...models.map((model) => model.max_seconds));

	if (least <= most) return { least, most };
	return {
		least: Math.min(...models.map((model) => model.min_seconds)),
		most: Math.max(...models.map((model) => model.max_seconds)),
	};
}

function freeOf(models: readonly Model[]): Range["free"] {
	if (models.some((model) => model.sizes.length)) return null;
	return {
		longer: Math.min(...models.map((model) => model.max_width)),
		shorter: Math.min(...models.map((model) => model.max_height)),
	};
}

/** null: no model is known. */
export function rangeOf(models: readonly Model[]): Range | null {
	const honours = (name: string) => models.some((model) => model.parameters.includes(name));

	if (!models.length) return null;
	return {
		sizes: shared(models),
		free: freeOf(models),
		seconds: secondsOf(models),
		seed: honours("seed"),
		negative: honours("negative_prompt"),
		fps: honours("fps"),
		first: models.some(takesImage),
		last: models.every(takesLast),
		prompt: Math.min(PROMPT_MOST, ...models.map((model) => model.max_prompt || PROMPT_MOST)),
	};
}

export function notesOn(models: readonly Model[], { size, seconds }: Choices): Note[] {
	return models.flatMap((model): Note[] => {
		const fitted = fitSize(model, size);
		const length = fitSeconds(model, seconds);
		const notes: Note[] = [];

		if (fitted !== size) notes.push({ model, what: "size", wished: size, got: fitted });
		if (length !== seconds)
			notes.push({ model, what: "seconds", wished: String(seconds), got: String(length) });
		return notes;
	});
}

/** Those that are chosen and known; when there is none, the one that is likely wanted. */
export function chosenOf(all: readonly Model[], { models, several }: Choices): Model[] {
	const found = models
		.map((id) => all.find((model) => isCalled(model, id)))
		.filter((model): model is Model => model !== undefined);

	// two spellings of one model are one
	if (found.length) return several ? [...new Set(found)] : found.slice(0, 1);
	const likely = [...all].sort((a, b) => rank(a) - rank(b));

	return likely.slice(0, 1);
}

const rank = (model: Model): number =>
	(model.available ? 0 : 4) + (takesText(model) ? 0 : 2) + (isBattle(model) ? 1 : 0);
