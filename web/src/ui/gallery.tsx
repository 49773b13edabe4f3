/** All videos in a grid: filtered, selected, opened. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { t } from "../i18n/index";
import { createLibrary, NO_FILTER, type Filter } from "../state/library";
import { FilterBar } from "./gallery-filter";
import { Grid } from "./gallery-grid";
import { SelectionBar } from "./gallery-selection";
import { useStudio } from "./studio";
import { Viewer } from "./viewer";

const TYPING_MS = 250;

/** What is typed counts when the typing rests. */
function useSettled(filter: Filter): Filter {
	const settled = useSignal(filter);

	useEffect(() => {
		const typed = filter.q !== settled.peek().q;
		const timer = setTimeout(() => (settled.value = filter), typed ? TYPING_MS : 0);

		return () => clearTimeout(timer);
	}, [filter]);
	return settled.value;
}

export function Gallery() {
	const studio = useStudio();
	const filter = useSignal(NO_FILTER);
	const selected = useSignal<ReadonlySet<string> | null>(null);
	const open = useSignal<string | null>(null);
	const settled = useSettled(filter.value);
	const library = useMemo(() => createLibrary(studio, settled), [studio, settled]);
	const { busy, ids, more, trouble } = library;

	useEffect(() => {
		void library.next();
		return library.stop;
	}, [library]);

	// back again: what could not be asked for is asked for now
	const live = studio.videos.link.value === "live";

	useEffect(() => {
		if (live && trouble.peek()) void library.next();
	}, [live, library]);

	const none = !busy.value && !ids.value.length && !more.value;
	const plain = settled === NO_FILTER;

	return (
		<section class="gallery" aria-label={t("gallery")} aria-busy={busy.value}>
			<h1 class="visually-hidden">{t("gallery")}</h1>
			<FilterBar filter={filter} selected={selected} />
			{trouble.value && (
				<p class="soft small" role="status">
					{t("gallery_offline")}
				</p>
			)}
			<Grid
				ids={ids.value}
				selected={selected}
				end={() => void library.next()}
				open={(id) => (open.value = id)}
			/>
			{none && <p class="soft none">{t(plain ? "gallery_empty" : "gallery_none")}</p>}
			{busy.value && <p class="soft small none">{t("loading")}</p>}
			<SelectionBar selected={selected} />
			{open.value && (
				<Viewer
					id={open.value}
					ids={ids.value}
					move={(id) => (open.value = id)}
					close={() => (open.value = null)}
				/>
			)}
		</section>
	);
}
