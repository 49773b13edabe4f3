/** The list of models: a listbox, by keyboard as well. */

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";

import type { Model } from "../../api/types";
import { t } from "../../i18n/index";
import { span } from "../../i18n/times";
import { isBattle } from "../../state/fitting";
import { shelvesOf } from "../../state/shelf";
import { Icon } from "../icon";

interface Props {
	models: readonly Model[];
	chosen: readonly Model[];
	several: boolean;
	/** panel: what the list is in. */
	pick(model: Model, panel: HTMLElement | null): void;
}

/** More than these can be searched in. */
const FEW = 8;

function About({ model }: { model: Model }) {
	const facts = [
		model.available ? "" : t("model_waits"),
		model.typical_seconds ? t("model_takes", { time: span(model.typical_seconds) }) : "",
		model.available ? model.description : "",
	];

	return <span class="soft small">{facts.filter(Boolean).join(" · ")}</span>;
}

function Option({ model, id, selected, active, pick }: {
	model: Model;
	id: string;
	selected: boolean;
	active: boolean;
	pick(): void;
}) {
	return (
		<li
			id={id}
			role="option"
			class="option"
			aria-selected={selected}
			data-active={active || undefined}
			data-available={model.available}
			data-id={model.id}
			onClick={pick}
		>
			<span class="dot" data-waiting={!model.available || undefined} />
			<span class="what">
				<span>
					<bdi>{model.name}</bdi> {isBattle(model) && <span class="chip">{t("battle")}</span>}
				</span>
				<About model={model} />
			</span>
			{selected && <Icon name="check" />}
		</li>
	);
}

/** Where a key leads to from here. */
function step(key: string, at: number, count: number): number | null {
	const places: Record<string, number> = {
		ArrowDown: Math.min(at + 1, count - 1),
		ArrowUp: Math.max(at - 1, 0),
		Home: 0,
		End: count - 1,
	};

	return places[key] ?? null;
}

export function ModelList({ models, chosen, several, pick }: Props) {
	const base = useId();
	const root = useRef<HTMLDivElement>(null);
	const search = useSignal("");
	const shelves = shelvesOf(models, search.value);
	const flat = shelves.flatMap((shelf) => shelf.models);
	const active = useSignal(Math.max(0, flat.findIndex((model) => model.id === chosen[0]?.id)));
	const at = Math.min(active.value, flat.length - 1);
	const idOf = (model: Model) => `${base}-${flat.indexOf(model)}`;
	const panel = () => root.current!.closest<HTMLElement>("[popover]");
	const controls = {
		"aria-controls": `${base}-list`,
		"aria-activedescendant": at >= 0 ? `${base}-${at}` : undefined,
	};

	useEffect(() => {
		const fine = matchMedia("(pointer: fine)").matches;
		const first = root.current!.querySelector<HTMLElement>(fine ? "input, [role=listbox]" : "[role=listbox]");

		first?.focus();
	}, []);
	useEffect(() => {
		document.getElementById(`${base}-${at}`)?.scrollIntoView({ block: "nearest" });
	}, [at]);

	function onKeyDown(event: KeyboardEvent) {
		const next = step(event.key, at, flat.length);
		const typing = (event.target as Element).tagName === "INPUT";

		if (next !== null && !(typing && ["Home", "End"].includes(event.key))) active.value = next;
		else if (event.key === "Enter" || (event.key === " " && !typing)) {
			if (flat[at]) pick(flat[at], panel());
		} else return;
		event.preventDefault();
	}

	return (
		<div class="models" ref={root} onKeyDown={onKeyDown}>
			{models.length > FEW && (
				<input
					type="text"
					class="field"
					role="combobox"
					list={undefined}
					aria-expanded="true"
					aria-label={t("model_search")}
					placeholder={t("model_search")}
					value={search}
					{...controls}
					onInput={(e) => {
						search.value = e.currentTarget.value;
						active.value = 0;
					}}
				/>
			)}
			<div
				id={`${base}-list`}
				role="listbox"
				tabIndex={0}
				aria-label={t("models")}
				aria-multiselectable={several}
				aria-activedescendant={controls["aria-activedescendant"]}
			>
				{shelves.map(({ capability, models: list }) => (
					<ul role="group" aria-label={t(`can_${capability}`)} key={capability}>
						<li class="soft small" role="presentation" aria-hidden="true">
							{t(`can_${capability}`)}
						</li>
						{list.map((model) => (
							<Option
								key={model.id}
								model={model}
								id={idOf(model)}
								selected={chosen.includes(model)}
								active={flat[at] === model}
								pick={() => pick(model, panel())}
							/>
						))}
					</ul>
				))}
			</div>
			{flat.length === 0 && <p class="soft small nothing">{t("model_none")}</p>}
		</div>
	);
}
