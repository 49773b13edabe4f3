/** What the reader chose for this device: language and light. */

import { effect, signal } from "@preact/signals";

import { language, languageAtFirst, type Language } from "../i18n/index";
import { read, write } from "./storage";

export type Theme = "system" | "light" | "dark";

export const themes: readonly Theme[] = ["system", "light", "dark"];
export const theme = signal<Theme>("system");

export function loadPrefs() {
	const kept = read("theme");

	language.value = languageAtFirst(read("language"), navigator.languages ?? []);
	theme.value = themes.find((each) => each === kept) ?? "system";
	effect(() => {
		document.documentElement.lang = language.value;
	});
	effect(() => {
		if (theme.value === "system") delete document.documentElement.dataset.theme;
		else document.documentElement.dataset.theme = theme.value;
	});
}

export function setLanguage(value: Language) {
	language.value = value;
	write("language", value);
}

export function setTheme(value: Theme) {
	theme.value = value;
	write("theme", value === "system" ? null : value);
}
