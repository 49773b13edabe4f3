/** Play, seek, step, sound and the like: for one video, or for several in step. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { t } from "../i18n/index";
import { stamp } from "../media/frames";
import { rates, type Playback } from "../media/playback";
import { loop, muted } from "../media/taste";
import { Icon, type IconName } from "./icon";

interface ToolProps {
	icon: IconName;
	label: string;
	run: () => void;
	pressed?: boolean;
	/** Left out where there is little room: the keys do the same. */
	rare?: boolean;
}

function Tool({ icon, label, run, pressed, rare }: ToolProps) {
	return (
		<button
			type="button"
			class="tool"
			data-rare={rare}
			aria-label={label}
			aria-pressed={pressed}
			title={label}
			onClick={run}
		>
			<Icon name={icon} />
		</button>
	);
}

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
		<Tool icon={full.value ? "small" : "full"} label={t("full_screen")} run={toggle} />
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
				run={playback.toggle}
			/>
			<Tool icon="back" label={t("frame_back")} run={() => playback.step(-1)} rare />
			<Tool icon="ahead" label={t("frame_ahead")} run={() => playback.step(1)} rare />
			<Seek playback={playback} />
			<Speed playback={playback} />
			<Tool icon="loop" label={t("loop")} pressed={loop.value} run={playback.toggleLoop} />
			<Tool
				icon={muted.value ? "silent" : "sound"}
				label={t("mute")}
				pressed={muted.value}
				run={playback.toggleSound}
			/>
			{smallWindow && (
				<Tool icon="window" label={t("small_window")} run={smallWindow} rare />
			)}
			<FullScreen toggle={fullScreen} />
		</div>
	);
}
