/** What the reader chose for this device: language and light. */

import { effect, signal } from "@preact/signals";

import { language, languageAtFirst, speak, type Language } from "../i18n/index";
import { read, write } from "./storage";

export type Theme = "system" | "light" | "dark";

export const themes: readonly Theme[] = ["system", "light", "dark"];
export const theme = signal<Theme>("system");

/** The page, and what the browser paints around it. */
function paint(chosen: Theme) {
	if (chosen === "system") delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = chosen;
	for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")) {
		const own = (meta.dataset.theme ??= meta.media.includes("dark") ? "dark" : "light");

		if (chosen === "system") meta.media = `(prefers-color-scheme: ${own})`;
		else meta.media = chosen === own ? "all" : "not all";
	}
}

/** Done when the page can be drawn in the reader's language. */
export async function loadPrefs(): Promise<void> {
	const kept = read("theme");

	theme.value = themes.find((each) => each === kept) ?? "system";
	effect(() => {
		document.documentElement.lang = language.value;
	});
	effect(() => paint(theme.value));
	await speak(languageAtFirst(read("language"), navigator.languages ?? [])).catch(() => undefined);
}

export async function setLanguage(value: Language): Promise<void> {
	await speak(value);
	write("language", value);
}

export function setTheme(value: Theme) {
	theme.value = value;
	write("theme", value === "system" ? null : value);
}
