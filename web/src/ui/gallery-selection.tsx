/** What may be done with several at once. */

import type { Signal } from "@preact/signals";

import { t } from "../i18n/index";
import { useStudio } from "./studio";

export function SelectionBar({ selected }: { selected: Signal<ReadonlySet<string> | null> }) {
	const { deletes, favourites, videos } = useStudio();
	const ids = [...(selected.value ?? [])];

	if (!ids.length) return null;

	function remove() {
		deletes.remove(ids.map((id) => videos.get(id)).filter((each) => each !== null));
		selected.value = new Set();
	}
	function favour() {
		for (const id of ids) if (!favourites.has(id)) favourites.toggle(id);
		selected.value = null;
	}
	return (
		<div class="selection sheet" role="toolbar" aria-label={t("selected", { n: ids.length })}>
			<span role="status">{t("selected", { n: ids.length })}</span>
			<button type="button" class="plain" onClick={favour}>
				{t("favourite_add")}
			</button>
			<button type="button" class="plain" onClick={remove}>
				{t("bin")}
			</button>
			<button type="button" class="plain" onClick={() => (selected.value = null)}>
				{t("select_end")}
			</button>
		</div>
	);
}
