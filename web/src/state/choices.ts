/** What the composer remembers on this device: model and settings, as they were wished for. */

import { signal } from "@preact/signals";

import { readJson, writeJson } from "./storage";

export interface Choices {
	/** Ids. More than one: the same prompt on each. */
	models: readonly string[];
	/** Several at once may be picked. */
	several: boolean;
	/** "720x1280"; "": as the model likes. */
	size: string;
	seconds: number;
	variations: number;
	seed: number;
	/** The same seed again; else a new one for each request. */
	locked: boolean;
	negative: string;
	/** 0: as the model likes. */
	fps: number;
}

export const MODELS_MOST = 4;
export const VARIATIONS_MOST = 4;
export const SEED_MOST = 0xffffffff;
export const NEGATIVE_MOST = 2000;

const NAME = "choices";

export const usual: Choices = {
	models: [],
	several: false,
	size: "1280x720",
	seconds: 4,
	variations: 1,
	seed: 0,
	locked: false,
	negative: "",
	fps: 0,
};

const whole = (value: unknown, least: number, most: number, otherwise: number): number =>
	typeof value === "number" && Number.isInteger(value) && value >= least && value <= most
		? value
		: otherwise;

/** Whatever was kept, as choices. */
export function choicesOf(kept: Partial<Record<keyof Choices, unknown>>): Choices {
	const models = Array.isArray(kept.models) ? kept.models : [];

	return {
		models: models.filter((id): id is string => typeof id === "string").slice(0, MODELS_MOST),
		several: kept.several === true,
		size: /^\d{2,4}x\d{2,4}$/.test(String(kept.size)) ? String(kept.size) : usual.size,
		seconds: whole(kept.seconds, 1, 3600, usual.seconds),
		variations: whole(kept.variations, 1, VARIATIONS_MOST, 1),
		seed: whole(kept.seed, 0, SEED_MOST, 0),
		locked: kept.locked === true,
		negative: typeof kept.negative === "string" ? kept.negative.slice(0, NEGATIVE_MOST) : "",
		fps: whole(kept.fps, 0, 240, 0),
	};
}

const isObject = (value: unknown): value is Record<string, unknown> =>
	typeof value === "object" && value !== null;

export const choices = signal<Choices>(choicesOf(readJson(NAME, isObject) ?? {}));

export function choose(part: Partial<Choices>) {
	choices.value = choicesOf({ ...choices.peek(), ...part });
	writeJson(NAME, choices.value);
}

export const randomSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]!;
