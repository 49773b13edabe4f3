/** What the panel looks like, as its human likes it; kept for all tabs. */

import { fields, parse } from "../json";
import type { Kit } from "./part";
import { languageOf, languages, type Language } from "./texts";

const themes = ["auto", "light", "dark"] as const;

export type Theme = (typeof themes)[number];

export interface Taste {
	language: Language;
	theme: Theme;
	folded: boolean;
}

/** What was kept, as far as it makes sense; spoken: the browser's languages. */
export function readTaste(kept: string | null, spoken: readonly string[]): Taste {
	const { language, theme, folded } = (fields(parse(kept ?? "")) ?? {}) as Partial<Taste>;

	return {
		language: language && language in languages ? language : languageOf(spoken),
		theme: theme && themes.includes(theme) ? theme : "auto",
		folded: folded === true,
	};
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

/** The fields to choose it with. */
export function tasteFields(kit: Kit, taste: Taste, choose: (change: Partial<Taste>) => void) {
	return {
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
	};
}
