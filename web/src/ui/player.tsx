/** A player of our own around native <video> elements: one, or several in step under one bar. */

import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";

import { t } from "../i18n/index";
import { createPlayback, type Playback } from "../media/playback";
import { Icon } from "./icon";
import { Bar } from "./player-bar";
import { keyed } from "./player-keys";

interface PlayerProps {
	playback: Playback;
	/** There is one video, and never another. */
	lone?: boolean;
	/** What is played, for who does not see it. */
	label: string;
	/** One <Screen> for each video of the playback. */
	children: ComponentChildren;
	class?: string;
}

/** iPhones have full screen for the <video> alone. */
interface AppleVideo extends HTMLVideoElement {
	webkitEnterFullscreen?: () => void;
}

const IDLE_MS = 2500;

export function usePlayback(count: number, seconds: number, fps: number | null): Playback {
	const playback = useMemo(() => createPlayback(count, seconds), []);

	playback.count = count;
	playback.fps = fps;
	useEffect(() => () => playback.close(), [playback]);
	return playback;
}

function toggleFull(root: HTMLElement | null, video: AppleVideo | null) {
	if (document.fullscreenElement) void document.exitFullscreen();
	else if (root?.requestFullscreen) root.requestFullscreen().catch(() => undefined);
	else video?.webkitEnterFullscreen?.();
}

function toggleWindow(video: HTMLVideoElement | null) {
	if (document.pictureInPictureElement) void document.exitPictureInPicture();
	else video?.requestPictureInPicture().catch(() => undefined);
}

/** true while no pointer moved and no key was pressed for a while: the bar goes away. */
function useIdle() {
	const idle = useSignal(false);
	const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

	useEffect(() => () => clearTimeout(timer.current), []);
	return {
		idle,
		stir() {
			idle.value = false;
			clearTimeout(timer.current);
			timer.current = setTimeout(() => (idle.value = true), IDLE_MS);
		},
	};
}

export function Player({ playback, label, lone, children, class: more = "" }: PlayerProps) {
	const root = useRef<HTMLDivElement>(null);
	const { idle, stir } = useIdle();
	const video = () => playback.element(0);
	const full = () => toggleFull(root.current, video());
	const wanted = playback.wanted.value;

	function press() {
		root.current?.focus({ preventScroll: true });
		playback.toggle();
		stir();
	}
	/** Not on what stands between the pictures, nor on a player within this one. */
	function pressed(e: MouseEvent): boolean {
		const on = e.target as Element;

		if (on.closest("button")) return false;
		return on.closest(".screen") !== null && on.closest(".player") === root.current;
	}
	return (
		<div
			ref={root}
			class={`player ${more}`}
			role="group"
			aria-label={label}
			tabIndex={0}
			data-playing={playback.playing}
			data-wanted={wanted}
			data-idle={idle}
			data-waiting={playback.waiting}
			onKeyDown={(e) => {
				stir();
				keyed(e, playback, full);
			}}
			onPointerMove={stir}
			onPointerLeave={() => (idle.value = true)}
		>
			<div
				class="screens"
				onClick={(e) => pressed(e) && press()}
				onDblClick={(e) => pressed(e) && full()}
			>
				{children}
			</div>
			{lone && !wanted && (
				<button type="button" class="start" aria-label={t("play")} onClick={press}>
					<Icon name="play" />
				</button>
			)}
			{playback.count > 0 && (wanted || !lone) && (
				<Bar
					playback={playback}
					fullScreen={full}
					smallWindow={
						lone && document.pictureInPictureEnabled
							? () => toggleWindow(video())
							: undefined
					}
				/>
			)}
		</div>
	);
}
