/** The seed: the same one makes the same video again. */

import { t } from "../../i18n/index";
import { choices, choose, randomSeed, SEED_MOST } from "../../state/choices";
import { Tool } from "../tool";

export function Seed() {
	const { seed, locked } = choices.value;
	const lock = t(locked ? "seed_free" : "seed_lock");

	return (
		<div class="setting" role="group" aria-label={t("seed")}>
			<span class="label">{t("seed")}</span>
			<div class="seed">
				<input
					type="number"
					class="field slim"
					aria-label={t("seed")}
					min={0}
					max={SEED_MOST}
					step={1}
					placeholder={t("seed_new")}
					value={locked ? seed : ""}
					onInput={(e) => {
						const n = e.currentTarget.valueAsNumber;

						if (Number.isInteger(n) && n >= 0 && n <= SEED_MOST)
							choose({ seed: n, locked: true });
						else if (Number.isNaN(n)) choose({ locked: false });
					}}
				/>
				<Tool
					icon="dice"
					label={t("seed_dice")}
					onClick={() => choose({ seed: randomSeed(), locked: true })}
				/>
				<Tool
					icon={locked ? "locked" : "unlocked"}
					label={lock}
					aria-pressed={locked}
					onClick={() => choose({ locked: !locked })}
				/>
			</div>
		</div>
	);
}
