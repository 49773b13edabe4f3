/** Language and light, for this device. */

import { language, languages, t } from "../i18n/index";
import { setLanguage, setTheme, theme, themes } from "../state/prefs";

export function Preferences() {
	return (
		<div class="preferences">
			<div class="choice" role="group" aria-label={t("language")}>
				{languages.map((each) => (
					<button
						type="button"
						key={each}
						lang={each}
						aria-pressed={language.value === each}
						onClick={() => setLanguage(each)}
					>
						{each.toUpperCase()}
					</button>
				))}
			</div>
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
		</div>
	);
}
