/** Which videos are shown, and in which order. */

import type { Signal } from "@preact/signals";

import type { Status } from "../api/types";
import { t } from "../i18n/index";
import type { Filter } from "../state/library";
import { useStudio } from "./studio";

const statuses: readonly Status[] = ["completed", "in_progress", "queued", "failed", "cancelled"];

/** Of the models: those that can be asked for, and those that something was made with. */
function useModels(): [string, string][] {
	const { models, videos } = useStudio();
	const names = new Map(models.available.value.map(({ id, name }) => [id, name]));

	for (const id of videos.ids.value) {
		const model = videos.get(id)?.model;

		if (model && !names.has(model)) names.set(model, models.nameOf(model));
	}
	return [...names].sort(([, a], [, b]) => a.localeCompare(b));
}

interface Props {
	filter: Signal<Filter>;
	selected: Signal<ReadonlySet<string> | null>;
}

export function FilterBar({ filter, selected }: Props) {
	const { q, status, model, favourites, oldest } = filter.value;
	const set = (change: Partial<Filter>) => (filter.value = { ...filter.peek(), ...change });

	return (
		<div class="filters" role="search">
			<input
				class="field"
				type="search"
				value={q}
				aria-label={t("filter_text")}
				placeholder={t("filter_text")}
				onInput={(e) => set({ q: e.currentTarget.value })}
			/>
			<select
				class="field"
				value={model}
				aria-label={t("filter_model")}
				onChange={(e) => set({ model: e.currentTarget.value })}
			>
				<option value="">{t("all_models")}</option>
				{useModels().map(([id, name]) => (
					<option value={id} key={id}>
						{name}
					</option>
				))}
			</select>
			<select
				class="field"
				value={status}
				aria-label={t("filter_status")}
				onChange={(e) => set({ status: e.currentTarget.value as Status | "" })}
			>
				<option value="">{t("all_states")}</option>
				{statuses.map((each) => (
					<option value={each} key={each}>
						{t(each)}
					</option>
				))}
			</select>
			<button
				type="button"
				class="plain"
				aria-pressed={favourites}
				onClick={() => set({ favourites: !favourites })}
			>
				{t("favourites")}
			</button>
			<button
				type="button"
				class="plain"
				aria-pressed={oldest}
				onClick={() => set({ oldest: !oldest })}
			>
				{t("oldest_first")}
			</button>
			<button
				type="button"
				class="plain"
				aria-pressed={selected.value !== null}
				onClick={() => (selected.value = selected.value ? null : new Set())}
			>
				{t(selected.value ? "select_end" : "select")}
			</button>
		</div>
	);
}
