/** Which model makes it; or several, to compare. */

import { useSignal } from "@preact/signals";

import type { Model } from "../../api/types";
import { t } from "../../i18n/index";
import { choices, choose, MODELS_MOST } from "../../state/choices";
import { Icon } from "../icon";
import { later } from "../later";
import { useStudio } from "../studio";
import { Popover } from "./popover";

const ModelList = later(async () => (await import("./models")).ModelList);

function pick(chosen: readonly Model[], model: Model): boolean {
	const ids = chosen.map((each) => each.id);

	if (!choices.peek().several) {
		choose({ models: [model.id] });
		return true;
	}
	if (!ids.includes(model.id)) choose({ models: [...ids, model.id] });
	else if (ids.length > 1) choose({ models: ids.filter((id) => id !== model.id) });
	return false;
}

/** One, or several. */
function allow(chosen: readonly Model[], several: boolean) {
	const models = chosen.map((model) => model.id);

	choose({ several, models: models.slice(0, several ? MODELS_MOST : 1) });
}

function nameOf(chosen: readonly Model[]): string {
	const [first, ...others] = chosen;

	if (!first) return t("no_model");
	return others.length ? t("models_n", { n: chosen.length }) : first.name;
}

export function Picker({ chosen }: { chosen: readonly Model[] }) {
	const { models } = useStudio();
	const open = useSignal(false);
	const { several } = choices.value;
	const waiting = chosen.length > 0 && !chosen.some((model) => model.available);

	return (
		<Popover
			open={open}
			class="pick"
			label={t("models")}
			title={`${t("model")}: ${chosen.map((model) => model.name).join(", ") || t("no_model")}`}
			button={
				<>
					<span class="dot" data-waiting={waiting || undefined} />
					<span class="visually-hidden">{t("model")}: </span>
					<span class="name">{nameOf(chosen)}</span>
					<Icon name="down" />
				</>
			}
		>
			<label class="several">
				<input
					type="checkbox"
					role="switch"
					class="switch"
					checked={several}
					onChange={(e) => allow(chosen, e.currentTarget.checked)}
				/>
				<span>
					{t("models_several")}
					<span class="soft small">{t("models_several_text", { n: MODELS_MOST })}</span>
				</span>
			</label>
			<ModelList
				models={models.all.value}
				chosen={chosen}
				several={several}
				pick={(model, panel) => pick(chosen, model) && panel?.hidePopover()}
			/>
		</Popover>
	);
}
