/** One model in the list. */

import type { Model } from "../../api/types";
import { t } from "../../i18n/index";
import { span } from "../../i18n/times";
import { isBattle } from "../../state/fitting";
import { Icon } from "../icon";

function About({ model }: { model: Model }) {
	const facts = [
		model.available ? "" : t("model_waits"),
		model.typical_seconds ? t("model_takes", { time: span(model.typical_seconds) }) : "",
		model.available ? model.description : "",
	];

	return (
		<span class="soft small" dir="auto">
			{facts.filter(Boolean).join(" · ")}
		</span>
	);
}

interface Props {
	model: Model;
	id: string;
	selected: boolean;
	disabled: boolean;
	active: boolean;
	pick(): void;
}

export function Option({ model, id, selected, disabled, active, pick }: Props) {
	return (
		<li
			id={id}
			role="option"
			class="option"
			aria-selected={selected}
			aria-disabled={disabled}
			data-active={active || undefined}
			data-available={model.available}
			data-id={model.id}
			onClick={pick}
		>
			<span class="dot" data-waiting={!model.available || undefined} />
			<span class="what">
				<span>
					<bdi>{model.name}</bdi>{" "}
					{isBattle(model) && <span class="chip">{t("battle")}</span>}
				</span>
				<About model={model} />
			</span>
			{selected && <Icon name="check" />}
		</li>
	);
}
