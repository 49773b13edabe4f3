/** What is set, in a few chips; opens the drawer. */

import type { Signal } from "@preact/signals";

import type { Model } from "../../api/types";
import { t } from "../../i18n/index";
import { pixels } from "../../i18n/times";
import { choices, type Choices } from "../../state/choices";
import { fitSeconds, fitSize, type Range } from "../../state/fitting";
import { Icon } from "../icon";

/** What the first model makes of the choices, and whatever is not as usual. */
function partsOf(range: Range, models: readonly Model[], now: Choices): string[] {
	const [model] = models;

	if (!model) return [];
	const parts = [
		pixels(fitSize(model, now.size)),
		t("second", { n: fitSeconds(model, now.seconds) }),
	];

	if (now.variations > 1) parts.push(`× ${now.variations}`);
	if (range.seed && now.locked) parts.push(t("chip_seed", { n: now.seed }));
	if (range.fps && now.fps) parts.push(t("chip_fps", { n: now.fps }));
	if (range.negative && now.negative.trim()) parts.push(t("chip_negative"));
	return parts;
}

export function Summary({ range, models, open }: {
	range: Range;
	models: readonly Model[];
	open: Signal<boolean>;
}) {
	return (
		<button
			type="button"
			class="summary"
			aria-expanded={open}
			title={t("drawer")}
			onClick={() => (open.value = !open.value)}
		>
			<Icon name="sliders" />
			<span class="visually-hidden">{t("drawer")}: </span>
			<span class="chips">
				{partsOf(range, models, choices.value).map((part) => (
					<span class="chip" key={part}>
						{part}
					</span>
				))}
			</span>
		</button>
	);
}
