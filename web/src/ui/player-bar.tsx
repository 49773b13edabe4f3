/** Play, seek, step, sound and the like: for one video, or for several in step. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { t } from "../i18n/index";
import { stamp } from "../media/frames";
import { rates, type Playback } from "../media/playback";
import { loop, muted } from "../media/taste";
import { Tool } from "./tool";

function Seek({ playback }: { playback: Playback }) {
	const { time, duration } = playback;
	const length = duration.value;
	const part = length ? time.value / length : 0;

	return (
		<>
			<span class="time" aria-hidden="true">
				{stamp(time.value)}
			</span>
			<input
				type="range"
				class="seek"
				min={0}
				max={length}
				step="any"
				value={time.value}
				aria-label={t("seek")}
				aria-valuetext={t("seek_at", { at: stamp(time.value), of: stamp(length) })}
				style={{ "--part": String(Math.min(1, part)) }}
				onInput={(e) => playback.seek(Number(e.currentTarget.value))}
			/>
			<span class="time" aria-hidden="true">
				{stamp(length)}
			</span>
		</>
	);
}

function Speed({ playback }: { playback: Playback }) {
	return (
		<select
			class="speed"
			aria-label={t("speed")}
			title={t("speed")}
			value={String(playback.rate.value)}
			onChange={(e) => playback.setRate(Number(e.currentTarget.value))}
		>
			{rates.map((rate) => (
				<option value={String(rate)} key={rate}>
					{rate}×
				</option>
			))}
		</select>
	);
}

function FullScreen({ toggle }: { toggle: () => void }) {
	const full = useSignal(false);

	useEffect(() => {
		const look = () => void (full.value = document.fullscreenElement !== null);

		document.addEventListener("fullscreenchange", look);
		return () => document.removeEventListener("fullscreenchange", look);
	}, [full]);
	return (
		<Tool icon={full.value ? "small" : "full"} label={t("full_screen")} onClick={toggle} />
	);
}

interface BarProps {
	playback: Playback;
	fullScreen: () => void;
	/** Only where the browser has a small window, and there is one video. */
	smallWindow?: () => void;
}

export function Bar({ playback, fullScreen, smallWindow }: BarProps) {
	const playing = playback.playing.value;

	return (
		<div class="controls">
			<Tool
				icon={playing ? "pause" : "play"}
				label={t(playing ? "pause" : "play")}
				onClick={playback.toggle}
			/>
			<Tool icon="back" label={t("frame_back")} onClick={() => playback.step(-1)} data-rare />
			<Tool icon="ahead" label={t("frame_ahead")} onClick={() => playback.step(1)} data-rare />
			<Seek playback={playback} />
			<Speed playback={playback} />
			<Tool icon="loop" label={t("loop")} aria-pressed={loop.value} onClick={playback.toggleLoop} />
			<Tool
				icon={muted.value ? "silent" : "sound"}
				label={t("mute")}
				aria-pressed={muted.value}
				onClick={playback.toggleSound}
			/>
			{smallWindow && (
				<Tool icon="window" label={t("small_window")} onClick={smallWindow} data-rare />
			)}
			<FullScreen toggle={fullScreen} />
		</div>
	);
}
