/**
 * All words of the page, in its languages. Read inside a component they follow the language by
 * themselves; {name} is filled in. One file for each area of the page.
 */

import { signal } from "@preact/signals";

import en from "./en";

export type Language = "en" | "es";
export interface Words {
	en: Record<string, string>;
	es: Record<string, string>;
}

type Table = Record<string, string>;

/** English is there from the beginning; the others are fetched when they are spoken. */
const tables: Partial<Record<Language, Table>> = { en };
const fetched: Partial<Record<Language, () => Promise<{ default: Table }>>> = {
	es: () => import("./es"),
};

export const languages: readonly Language[] = ["en", "es"];
export const language = signal<Language>("en");

/** From now on in this language. Rejects, and all stays as it was, when its words cannot be fetched. */
export async function speak(wanted: Language): Promise<void> {
	tables[wanted] ??= (await fetched[wanted]!()).default;
	language.value = wanted;
}

type Values = Record<string, string | number>;

/** With `n` among the values, "key_one" is taken for one where it is there. */
export function t(key: string, values: Values = {}): string {
	const table = tables[language.value] ?? en;
	const one = values.n === 1 ? table[`${key}_one`] : undefined;

	return (one ?? table[key] ?? en[key] ?? key).replace(/\{(\w+)\}/g, (all, name: string) =>
		name in values ? String(values[name]) : all,
	);
}

export const known = (key: string): boolean => key in en;

/** What was chosen here before, else the first language of the browser that we speak. */
export function languageAtFirst(chosen: string | null, wished: readonly string[]): Language {
	const short = wished.map((name) => name.slice(0, 2).toLowerCase());
	const found = [chosen, ...short].find((name) => languages.some((each) => each === name));

	return (found as Language | undefined) ?? "en";
}
