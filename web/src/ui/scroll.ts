/** A long list that is read at its end. */

import { useSignal, type Signal } from "@preact/signals";
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

/** Pixels that still count as being at the end. */
const NEAR = 90;
/** Pixels from which on a way back to the end is offered. */
const FAR = 700;
/** More is asked for before its place is reached. */
const AHEAD = "600px";

export interface End {
	/** The reader is far from the end. */
	readonly away: Signal<boolean>;
	go: () => void;
	/** Something came above: what is read stays where it is. */
	keep: () => void;
}

const scrollerOf = (element: HTMLElement | null): HTMLElement | null =>
	element?.closest<HTMLElement>(".stage") ?? null;

/** Stays at the end when the list grows there, if the reader is there. */
export function useEnd(root: RefObject<HTMLElement | null>): End {
	const away = useSignal(false);
	const at = useRef({ end: true, below: 0 });

	function go() {
		const scroller = scrollerOf(root.current);

		at.current.end = true;
		scroller?.scrollTo({ top: scroller.scrollHeight });
	}
	function keep() {
		const scroller = scrollerOf(root.current);

		if (!scroller || at.current.end) return;
		scroller.scrollTop = scroller.scrollHeight - at.current.below;
	}
	useLayoutEffect(() => {
		const list = root.current;
		const scroller = scrollerOf(list);

		if (!scroller || !list) return undefined;
		function look() {
			const below = scroller!.scrollHeight - scroller!.scrollTop;
			const left = below - scroller!.clientHeight;

			at.current = { end: left < NEAR, below };
			away.value = left > FAR;
		}
		const grown = new ResizeObserver(() => {
			if (at.current.end) go();
			else look();
		});

		go();
		grown.observe(list);
		scroller.addEventListener("scroll", look, { passive: true });
		return () => {
			grown.disconnect();
			scroller.removeEventListener("scroll", look);
		};
	}, []);
	return { away, go, keep };
}

/** Calls when the element comes near; again for each mark, while it is. */
export function useSeen(element: RefObject<HTMLElement | null>, seen: () => void, mark: string) {
	const latest = useRef(seen);

	latest.current = seen;
	useEffect(() => {
		const target = element.current;

		if (!target) return undefined;
		const watch = new IntersectionObserver(
			(entries) => entries.some((entry) => entry.isIntersecting) && latest.current(),
			{ root: scrollerOf(target), rootMargin: `${AHEAD} 0px 0px` },
		);

		watch.observe(target);
		return () => watch.disconnect();
	}, [mark]);
}
