/** Language and light, for this device. */

import { language, languages, t, type Language } from "../i18n/index";
import { setLanguage, setTheme, theme, themes } from "../state/prefs";
import { say } from "../state/toasts";
import { Choice } from "./choice";

const choose = (wanted: Language) =>
	setLanguage(wanted).catch(() => say({ kind: "bad", text: t("part_failed") }));

const names = { en: "English", es: "Español" };

export const LanguageChoice = () => (
	<Choice
		label={t("language")}
		value={language.value}
		options={languages.map((each) => [each, <span lang={each}>{names[each]}</span>])}
		choose={choose}
	/>
);

export const ThemeChoice = () => (
	<Choice
		label={t("theme")}
		value={theme.value}
		options={themes.map((each) => [each, t(`theme_${each}`)])}
		choose={setTheme}
	/>
);

export function Preferences() {
	return (
		<div class="preferences">
			<LanguageChoice />
			<ThemeChoice />
		</div>
	);
}
