/**
 * What plays: one video, or several in step. Knows <video> elements and nothing of the page; they come
 * when the reader first wants to watch. The longest leads, the others are kept beside it.
 */

import { effect, signal, type ReadonlySignal } from "@preact/signals";

import { stepped } from "./frames";
import { correction, leaderOf } from "./sync";
import { loop, muted, setLoop, setMuted } from "./taste";

export const rates = [0.25, 0.5, 1, 1.5, 2] as const;

export interface Playback {
	/** How many play together; one may join later. */
	count: number;
	/** The reader wants to watch: there should be <video> elements. */
	readonly wanted: ReadonlySignal<boolean>;
	readonly playing: ReadonlySignal<boolean>;
	readonly waiting: ReadonlySignal<boolean>;
	/** Seconds. */
	readonly time: ReadonlySignal<number>;
	readonly duration: ReadonlySignal<number>;
	readonly rate: ReadonlySignal<number>;
	/** Which of several is heard. */
	readonly heard: ReadonlySignal<number>;
	/** Frames a second; null: nobody knows. */
	fps: number | null;
	/** A way out is returned. It begins where the others are. */
	attach(index: number, element: HTMLVideoElement): () => void;
	element(index: number): HTMLVideoElement | null;
	play(): void;
	pause(): void;
	toggle(): void;
	seek(seconds: number): void;
	step(by: number): void;
	setRate(rate: number): void;
	hear(index: number): void;
	toggleSound(): void;
	toggleLoop(): void;
	close(): void;
}

/** All that play: only one is heard. */
const active = new Set<Playback>();

function hush(but: Playback) {
	if (muted.peek()) return;
	for (const each of [...active]) if (each !== but) each.pause();
}

const length = (video: HTMLVideoElement) =>
	Number.isFinite(video.duration) ? video.duration : 0;

export function createPlayback(count: number, seconds: number): Playback {
	const elements = new Map<number, HTMLVideoElement>();
	const wanted = signal(false);
	const playing = signal(false);
	const waiting = signal(false);
	const time = signal(0);
	const duration = signal(seconds);
	const rate = signal(1);
	const heard = signal(0);
	let frame = 0;

	const ordered = () => [...elements].sort(([a], [b]) => a - b).map(([, each]) => each);
	const leader = () => {
		const all = ordered();

		return all[leaderOf(all.map(length))] ?? null;
	};

	/** Each frame that is drawn, while it plays. */
	function tick() {
		const first = leader();

		frame = playing.peek() ? requestAnimationFrame(tick) : 0;
		if (!first || first.seeking) return;
		time.value = first.currentTime;
		for (const each of elements.values()) {
			if (each === first || each.seeking || !length(each)) continue;
			const { rate: wished, jump } = correction(
				first.currentTime,
				each.currentTime,
				length(each),
				rate.peek(),
			);

			if (each.playbackRate !== wished) each.playbackRate = wished;
			if (jump !== null) each.currentTime = jump;
		}
	}

	function measure() {
		duration.value = Math.max(0, ...ordered().map(length)) || seconds;
	}

	function start() {
		if (elements.size < me.count) return; // attach() comes here again
		for (const each of elements.values()) {
			each.playbackRate = rate.peek();
			each.play().catch((e: unknown) => {
				// refused by the browser; AbortError: paused meanwhile, or another file
				if ((e as Error).name === "NotAllowedError") me.pause();
			});
		}
		frame ||= requestAnimationFrame(tick);
	}

	function ended(which: HTMLVideoElement) {
		if (which !== leader()) return;
		if (!loop.peek()) return me.pause();
		me.seek(0);
		if (playing.peek()) start();
	}

	function paused(which: HTMLVideoElement) {
		// by somebody else: a media key, the small window, the system
		const byItself = which.ended || which.seeking || which.error || !which.isConnected;

		if (playing.peek() && !byItself) me.pause();
	}

	const listeners: [string, (which: HTMLVideoElement) => void][] = [
		["ended", ended],
		["pause", paused],
		["play", () => !playing.peek() && me.play()],
		["loadedmetadata", measure],
		["durationchange", measure],
		["waiting", (which) => which === leader() && (waiting.value = true)],
		["playing", () => (waiting.value = false)],
		["seeked", () => (waiting.value = false)],
		["error", () => (waiting.value = false)],
	];

	const me: Playback = {
		count,
		wanted,
		playing,
		waiting,
		time,
		duration,
		rate,
		heard,
		fps: null,
		attach(index, element) {
			const stop = new AbortController();
			const start_at = time.peek();

			elements.set(index, element);
			for (const [name, fn] of listeners)
				element.addEventListener(name, () => fn(element), { signal: stop.signal });
			if (start_at) element.currentTime = start_at;
			const away = effect(() => {
				element.muted = muted.value || heard.value !== index;
				element.loop = me.count === 1 && loop.value;
			});

			if (playing.peek()) start();
			return () => {
				stop.abort();
				away();
				if (elements.get(index) === element) elements.delete(index);
			};
		},
		element: (index) => elements.get(index) ?? null,
		play() {
			wanted.value = true;
			playing.value = true;
			active.add(me);
			hush(me);
			const first = leader();

			if (first?.ended || (first && length(first) && time.peek() >= length(first) - 0.01)) me.seek(0);
			start();
		},
		pause() {
			playing.value = false;
			waiting.value = false;
			active.delete(me);
			for (const each of elements.values()) each.pause();
		},
		toggle: () => (playing.peek() ? me.pause() : me.play()),
		seek(to) {
			wanted.value = true;
			time.value = Math.min(Math.max(0, to), duration.peek());
			for (const each of elements.values())
				each.currentTime = Math.min(time.peek(), length(each) || time.peek());
		},
		step(by) {
			me.pause();
			me.seek(stepped(time.peek(), by, me.fps, duration.peek()));
		},
		setRate(wished) {
			rate.value = wished;
			for (const each of elements.values()) each.playbackRate = wished;
		},
		hear(index) {
			heard.value = index;
			setMuted(false);
			if (playing.peek()) hush(me);
		},
		toggleSound() {
			setMuted(!muted.peek());
			if (playing.peek()) hush(me);
		},
		toggleLoop: () => setLoop(!loop.peek()),
		close() {
			me.pause();
			cancelAnimationFrame(frame);
			frame = 0;
		},
	};
	return me;
}
