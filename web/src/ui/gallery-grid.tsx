/** The grid itself: rows of tiles, the arrows to move among them. */

import { useSignal, type Signal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { t } from "../i18n/index";
import { Tile } from "./gallery-tile";
import { useRows } from "./rows";

const TILE = 208; // px, at least
const GAP = 12;

interface Props {
	ids: readonly string[];
	selected: Signal<ReadonlySet<string> | null>;
	end: () => void;
	open: (id: string) => void;
}

/** Of the place that the grid has: how many tiles stand beside each other, and how wide each is. */
function useColumns(place: { current: HTMLElement | null }) {
	const width = useSignal(0);

	useLayoutEffect(() => {
		const watch = new ResizeObserver(([entry]) => (width.value = entry!.contentRect.width));

		watch.observe(place.current!);
		return () => watch.disconnect();
	}, []);
	const columns = Math.max(2, Math.floor((width.value + GAP) / (TILE + GAP)));

	return { columns, size: (width.value - GAP * (columns - 1)) / columns };
}

const steps: Record<string, (columns: number) => number> = {
	ArrowLeft: () => -1,
	ArrowRight: () => 1,
	ArrowUp: (columns) => -columns,
	ArrowDown: (columns) => columns,
};

export function Grid({ ids, selected, end, open }: Props) {
	const place = useRef<HTMLDivElement>(null);
	const at = useSignal(0); // the tile that Tab comes to
	const { columns, size } = useColumns(place);
	const frame = place.current?.closest<HTMLElement>(".stage") ?? null;
	const count = Math.ceil(ids.length / columns);
	const rows = useRows(frame, {
		count,
		height: size + GAP,
		top: place.current?.offsetTop ?? 0,
	});
	const last = rows.items.at(-1)?.index ?? 0;

	useEffect(() => {
		if (last >= count - 2) end();
	}, [last, count, end]);

	function toggle(id: string) {
		const next = new Set(selected.value);

		if (!next.delete(id)) next.add(id);
		selected.value = next;
	}

	function move(e: KeyboardEvent) {
		const step = steps[e.key]?.(columns);
		const to = at.value + (step ?? 0);

		if (!step || to < 0 || to >= ids.length) return;
		e.preventDefault();
		at.value = to;
		rows.show(Math.floor(to / columns));
		requestAnimationFrame(() =>
			place.current?.querySelector<HTMLElement>(`[data-index="${to}"]`)?.focus(),
		);
	}

	return (
		<div
			ref={place}
			class="grid"
			role="list"
			aria-label={t("videos")}
			style={{ height: `${Math.max(0, rows.height - GAP)}px` }}
			onKeyDown={move}
		>
			{rows.items.flatMap(({ index: row, start }) =>
				ids.slice(row * columns, (row + 1) * columns).map((id, column) => {
					const index = row * columns + column;

					return (
						<Tile
							key={id}
							id={id}
							index={index}
							tabbable={index === Math.min(at.value, ids.length - 1)}
							selected={selected.value ? selected.value.has(id) : null}
							box={{
								x: column * (size + GAP),
								y: start - (place.current?.offsetTop ?? 0),
								size,
							}}
							pick={() => {
								at.value = index;
								if (selected.value) toggle(id);
								else open(id);
							}}
						/>
					);
				}),
			)}
		</div>
	);
}
