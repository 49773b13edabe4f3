/** The list of models: a listbox, by keyboard as well. */

import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";

import type { Model } from "../../api/types";
import { t } from "../../i18n/index";
import { MODELS_MOST } from "../../state/choices";
import { shelvesOf, type Shelf } from "../../state/shelf";
import { Option } from "./option";

interface Props {
	models: readonly Model[];
	chosen: readonly Model[];
	several: boolean;
	/** panel: what the list is in. */
	pick(model: Model, panel: HTMLElement | null): void;
}

/** More than these can be searched in. */
const FEW = 8;

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

function Search({ text, list, option }: {
	text: Signal<string>;
	/** Id of what is searched in. */
	list: string;
	/** Id of the one that Enter takes. */
	option: string | undefined;
}) {
	return (
		<input
			type="text"
			class="field"
			role="combobox"
			list={undefined}
			aria-expanded="true"
			aria-controls={list}
			aria-activedescendant={option}
			aria-label={t("model_search")}
			placeholder={t("model_search")}
			value={text}
			onInput={(e) => (text.value = e.currentTarget.value)}
		/>
	);
}

interface ShelvesProps extends Omit<Props, "models" | "pick"> {
	shelves: readonly Shelf[];
	/** Its options have it with a number behind. */
	id: string;
	at: number;
	/** No more can be chosen. */
	full: boolean;
	pick(model: Model): void;
}

function Shelves({ shelves, chosen, several, full, id, at, pick }: ShelvesProps) {
	let count = 0;

	return (
		<div
			id={id}
			role="listbox"
			tabIndex={0}
			aria-label={t("models")}
			aria-multiselectable={several}
			aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
		>
			{shelves.map(({ capability, models }) => (
				<ul role="group" aria-label={t(`can_${capability}`)} key={capability}>
					<li class="soft small" role="presentation" aria-hidden="true">
						{t(`can_${capability}`)}
					</li>
					{models.map((model) => {
						const place = count++;

						return (
							<Option
								key={model.id}
								model={model}
								id={`${id}-${place}`}
								selected={chosen.includes(model)}
								disabled={full && !chosen.includes(model)}
								active={place === at}
								pick={() => pick(model)}
							/>
						);
					})}
				</ul>
			))}
		</div>
	);
}

export function ModelList({ models, chosen, several, pick }: Props) {
	const id = useId();
	const root = useRef<HTMLDivElement>(null);
	const search = useSignal("");
	const shelves = shelvesOf(models, search.value);
	const flat = shelves.flatMap((shelf) => shelf.models);
	const active = useSignal(Math.max(0, flat.findIndex((model) => model.id === chosen[0]?.id)));
	const at = Math.min(active.value, flat.length - 1);
	const full = several && chosen.length >= MODELS_MOST;

	function take(model: Model) {
		if (!full || chosen.includes(model)) pick(model, root.current!.closest<HTMLElement>("[popover]"));
	}

	useEffect(() => {
		// a keyboard on the screen would hide the list
		const fine = matchMedia("(pointer: fine)").matches;
		const first = fine ? "input, [role=listbox]" : "[role=listbox]";

		root.current!.querySelector<HTMLElement>(first)?.focus();
	}, []);
	useEffect(() => {
		if (search.value) active.value = 0;
	}, [search.value]);
	useEffect(() => {
		document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: "nearest" });
	}, [at]);

	function onKeyDown(event: KeyboardEvent) {
		const next = step(event.key, at, flat.length);
		const typing = (event.target as Element).tagName === "INPUT";

		if (next !== null && !(typing && ["Home", "End"].includes(event.key))) active.value = next;
		else if (event.key !== "Enter" && (event.key !== " " || typing)) return;
		else if (flat[at]) take(flat[at]);
		event.preventDefault();
	}

	return (
		<div class="models" ref={root} onKeyDown={onKeyDown}>
			{models.length > FEW && (
				<Search text={search} list={id} option={at >= 0 ? `${id}-${at}` : undefined} />
			)}
			<Shelves {...{ shelves, chosen, several, full, id, at }} pick={take} />
			{flat.length === 0 && <p class="soft small nothing">{t("model_none")}</p>}
		</div>
	);
}
