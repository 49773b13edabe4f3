/** One video to look at: its poster, frames under the pointer, the video once it is wanted. */

import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import type { Output } from "../api/types";
import { t } from "../i18n/index";
import type { Playback } from "../media/playback";
import { here } from "../state/links";
import { Icon } from "./icon";
import { Scrub } from "./player-scrub";
import { useStudio } from "./studio";

interface ScreenProps {
	playback: Playback;
	index: number;
	/** Of the video. */
	id: string;
	output: Output;
}

/** What the <video> shows; "gone": also with a new link it cannot be played. */
type Sight = "poster" | "video" | "gone";

export function Screen({ playback, index, id, output }: ScreenProps) {
	const { client, videos } = useStudio();
	const video = useRef<HTMLVideoElement>(null);
	const sight = useSignal<Sight>("poster");
	// a link that was given out is kept: another one would begin anew
	const source = useSignal(output.url);
	const poster = useSignal(output.thumbnail_url);
	const latest = useRef(output);
	const tried = useRef("");
	/** The element is made anew, also for the same link. */
	const round = useSignal(0);
	const wanted = playback.wanted.value;
	const idle = useComputed(() => !playback.wanted.value);

	/** The gateway is asked anew: its links end after a day. What is wrong, the screen says. */
	const refresh = () => client.get(id).then(videos.put, () => undefined);

	latest.current = output;
	useEffect(
		() => (wanted && video.current ? playback.attach(index, video.current) : undefined),
		[wanted, index, playback, source.value, round.value],
	);

	/** Once for each link; a second failure means that the file is not there. */
	async function again() {
		const failed = source.peek();

		if (tried.current !== failed) {
			tried.current = failed;
			await refresh();
		}
		if (latest.current.url === failed) sight.value = "gone";
		else source.value = latest.current.url;
	}
	/** Without a poster it can be played all the same. */
	async function otherPoster() {
		const failed = poster.peek();

		poster.value = null;
		await refresh();
		if (latest.current.thumbnail_url !== failed) poster.value = latest.current.thumbnail_url;
	}
	async function retry() {
		tried.current = "";
		await refresh();
		source.value = latest.current.url;
		poster.value = latest.current.thumbnail_url;
		sight.value = "poster";
		round.value++;
		playback.play();
	}

	return (
		<div class="screen" data-index={index} data-sight={sight}>
			{wanted && (
				<video
					ref={video}
					key={`${source.value} ${round.value}`}
					src={here(source.value)}
					playsInline
					preload="auto"
					onLoadedData={() => (sight.value = "video")}
					onError={() => void again()}
				/>
			)}
			{sight.value === "poster" && poster.value && (
				<img
					class="poster"
					loading="lazy"
					decoding="async"
					src={here(poster.value)}
					alt=""
					draggable={false}
					onError={() => void otherPoster()}
				/>
			)}
			{idle.value && sight.value === "poster" && <Scrub output={output} />}
			{sight.value === "gone" && (
				<div class="gone" role="alert">
					<p>{t("gone")}</p>
					<button type="button" class="plain" onClick={() => void retry()}>
						<Icon name="again" /> {t("look_again")}
					</button>
				</div>
			)}
		</div>
	);
}
