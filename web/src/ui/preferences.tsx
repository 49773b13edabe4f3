/** Language and light, for this device. */

import { language, languages, t, type Language } from "../i18n/index";
import { setLanguage, setTheme, theme, themes } from "../state/prefs";
import { say } from "../state/toasts";

const choose = (wanted: Language) =>
	setLanguage(wanted).catch(() => say({ kind: "bad", text: t("part_failed") }));

const names = { en: "English", es: "Español" };

export function LanguageChoice() {
	return (
		<div class="choice" role="group" aria-label={t("language")}>
			{languages.map((each) => (
				<button
					type="button"
					key={each}
					lang={each}
					aria-pressed={language.value === each}
					onClick={() => choose(each)}
				>
					{names[each]}
				</button>
			))}
		</div>
	);
}

export function ThemeChoice() {
	return (
		<div class="choice" role="group" aria-label={t("theme")}>
			{themes.map((each) => (
				<button
					type="button"
					key={each}
					aria-pressed={theme.value === each}
					onClick={() => setTheme(each)}
				>
					{t(`theme_${each}`)}
				</button>
			))}
		</div>
	);
}

export function Preferences() {
	return (
		<div class="preferences">
			<LanguageChoice />
			<ThemeChoice />
		</div>
	);
}
