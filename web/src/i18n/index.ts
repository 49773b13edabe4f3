/**
 * All words of the page, in its languages. Read inside a component they follow the language by
 * themselves; {name} is filled in. One file for each area of the page.
 */

import { signal } from "@preact/signals";

import { composer } from "./composer";
import { errors } from "./errors";
import { library } from "./library";
import { shell } from "./shell";
import { video } from "./video";
import { workers } from "./workers";

export type Language = "en" | "es";
export interface Words {
	en: Record<string, string>;
	es: Record<string, string>;
}

const areas: Words[] = [shell, composer, video, library, workers, errors];
const words: Record<Language, Record<string, string>> = {
	en: Object.assign({}, ...areas.map((area) => area.en)) as Record<string, string>,
	es: Object.assign({}, ...areas.map((area) => area.es)) as Record<string, string>,
};

export const languages: readonly Language[] = ["en", "es"];
export const language = signal<Language>("en");

export type Values = Record<string, string | number>;

/** With `n` among the values, "key_one" is taken for one where it is there. */
export function t(key: string, values: Values = {}): string {
	const table = words[language.value];
	const one = values.n === 1 ? table[`${key}_one`] : undefined;

	return (one ?? table[key] ?? key).replace(/\{(\w+)\}/g, (all, name: string) =>
		name in values ? String(values[name]) : all,
	);
}

export const known = (key: string): boolean => key in words.en;

/** What was chosen here before, else the first language of the browser that we speak. */
export function languageAtFirst(chosen: string | null, wished: readonly string[]): Language {
	const short = wished.map((name) => name.slice(0, 2).toLowerCase());
	const found = [chosen, ...short].find((name) => languages.some((each) => each === name));

	return (found as Language | undefined) ?? "en";
}

/** Do both languages have the same words? For a test. */
export function missing(): string[] {
	const keys = new Set([...Object.keys(words.en), ...Object.keys(words.es)]);

	return [...keys].filter((key) => !(key in words.en) || !(key in words.es));
}
