/** The settings that the chosen models can do something with. */

import type { Model } from "../../api/types";
import { t } from "../../i18n/index";
import { choices, choose, NEGATIVE_MOST, VARIATIONS_MOST } from "../../state/choices";
import { fitSeconds, type Range } from "../../state/fitting";
import { Radios } from "./radios";
import { Seed } from "./seed";
import { SizeField } from "./size";

const VARIATIONS = Array.from({ length: VARIATIONS_MOST }, (_, i) => [i + 1, String(i + 1)] as const);
const RATES = [12, 16, 24, 25, 30, 50, 60];

function Seconds({ range, model }: { range: Range; model: Model }) {
	const { least, most } = range.seconds;
	const now = Math.min(Math.max(fitSeconds(model, choices.value.seconds), least), most);

	return (
		<label class="setting">
			<span class="label">
				{t("seconds")} <output>{t("second", { n: now })}</output>
			</span>
			{least < most && (
				<input
					type="range"
					min={least}
					max={most}
					step={1}
					value={now}
					aria-valuetext={t("second", { n: now })}
					onInput={(e) => choose({ seconds: e.currentTarget.valueAsNumber })}
				/>
			)}
		</label>
	);
}

function Negative() {
	return (
		<label class="setting wide">
			<span class="label">{t("negative")}</span>
			<textarea
				class="field slim"
				rows={2}
				dir="auto"
				maxLength={NEGATIVE_MOST}
				placeholder={t("negative_hint")}
				value={choices.value.negative}
				onInput={(e) => choose({ negative: e.currentTarget.value })}
			/>
		</label>
	);
}

function Rate() {
	const { fps } = choices.value;
	// of a video whose settings are used again
	const rates = [...new Set([...RATES, ...(fps ? [fps] : [])])].sort((a, b) => a - b);

	return (
		<label class="setting">
			<span class="label">{t("fps")}</span>
			<select
				class="field slim"
				value={fps}
				onChange={(e) => choose({ fps: Number(e.currentTarget.value) })}
			>
				<option value={0}>{t("fps_own")}</option>
				{rates.map((n) => (
					<option value={n} key={n}>
						{n}
					</option>
				))}
			</select>
		</label>
	);
}

export function Drawer({ range, models }: { range: Range; models: readonly Model[] }) {
	const [model] = models;

	if (!model) return null;
	return (
		<div class="drawer" role="group" aria-label={t("drawer")}>
			<SizeField range={range} model={model} />
			<Seconds range={range} model={model} />
			<Radios
				label={t("variations")}
				value={choices.value.variations}
				options={VARIATIONS}
				choose={(variations) => choose({ variations })}
			/>
			{range.seed && <Seed />}
			{range.fps && <Rate />}
			{range.negative && <Negative />}
		</div>
	);
}
