/** Only the rows near the window are drawn: a grid of thousands stays as quick as one of ten. */

import {
	elementScroll,
	observeElementOffset,
	observeElementRect,
	Virtualizer,
	type VirtualItem,
} from "@tanstack/virtual-core";
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

export interface Rows {
	items: readonly VirtualItem[];
	/** Of all rows together, px. */
	height: number;
	/** Brings a row into view. */
	show(row: number): void;
}

const OVERSCAN = 2;

/** frame: what scrolls. top: px of it above the first row. */
export function useRows(
	frame: HTMLElement | null,
	{ count, height, top }: { count: number; height: number; top: number },
): Rows {
	const turn = useSignal(0);
	const rows = useMemo(
		() =>
			new Virtualizer<HTMLElement, HTMLElement>({
				count: 0,
				getScrollElement: () => frame,
				estimateSize: () => height,
				scrollToFn: elementScroll,
				observeElementRect,
				observeElementOffset,
				onChange: () => turn.value++,
			}),
		[frame],
	);

	rows.setOptions({
		...rows.options,
		count,
		estimateSize: () => height,
		overscan: OVERSCAN,
		scrollMargin: top,
	});
	useEffect(() => rows._didMount(), [rows]);
	useEffect(() => rows.measure(), [rows, height, count, top]);
	useEffect(() => rows._willUpdate());
	void turn.value; // drawn again when it moves
	return {
		items: frame ? rows.getVirtualItems() : [],
		height: rows.getTotalSize(),
		show: (row) => rows.scrollToIndex(row, { align: "auto" }),
	};
}
