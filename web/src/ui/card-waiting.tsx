/** A video that is not there yet, in its shape, so that nothing jumps when it comes. */

import { useRef } from "preact/hooks";

import type { Video } from "../api/types";
import { known, t } from "../i18n/index";
import { span } from "../i18n/times";
import { createClock } from "../media/clock";
import { fileLink } from "../state/files";
import { notesOf } from "../state/notes";
import { now } from "../state/now";
import { useStudio } from "./studio";

/** Where it is, in words. */
export function wordOf(video: Video): string {
	if (video.status !== "queued") return t(video.status);
	if (video.queue_position === 1) return t("next_in_line");
	if (video.queue_position) return t("place_in_line", { n: video.queue_position });
	return t("queued");
}

const stageOf = ({ stage }: Video) =>
	stage && (known(`stage_${stage}`) ? t(`stage_${stage}`) : stage.replaceAll("_", " "));

/** What is behind the words: its first image, or a quiet light. */
function Backdrop({ video }: { video: Video }) {
	const { client } = useStudio();
	const { first } = notesOf(video);
	const link = first ? fileLink(client, first).value : null;

	return (
		<div class="backdrop" aria-hidden="true">
			{link ? <img src={link} alt="" /> : <i class="light" />}
		</div>
	);
}

function Times({ video }: { video: Video }) {
	const clock = useRef(createClock()).current;
	const asked = useRef<Video | null>(null);
	const at = now.value;

	if (asked.current !== video) {
		asked.current = video;
		clock.tell(video.eta_seconds, video.attempts, Date.now());
	}
	const left = clock.left(at);
	const going = video.status === "in_progress";
	// a worker that tells no percents: how much of the usual time is over
	const part = video.progress > 0 ? video.progress / 100 : clock.part(at);

	return (
		<>
			<p class="times">
				<span>{t("elapsed", { time: span(at / 1000 - video.created_at) })}</span>
				{left !== null && (
					<span>{left ? t("left", { time: span(left) }) : t("left_soon")}</span>
				)}
			</p>
			<div
				class="film"
				role="progressbar"
				aria-label={t(video.status)}
				aria-valuemin={0}
				aria-valuemax={100}
				aria-valuenow={video.progress}
				data-unknown={going && part === 0}
			>
				<i style={{ transform: `scaleX(${going ? part : 0})` }} />
			</div>
		</>
	);
}

export function Waiting({ video, cancelling }: { video: Video; cancelling: boolean }) {
	const going = video.status === "in_progress";
	const facts = [
		going && stageOf(video),
		going && video.worker && t("made_by", { name: video.worker }),
		video.attempts > 1 && t("attempt", { n: video.attempts }),
	].filter(Boolean);

	return (
		<div class="board" data-going={going}>
			<Backdrop video={video} />
			<div class="words">
				<p class="word">{cancelling ? t("cancelling") : wordOf(video)}</p>
				{going && video.progress > 0 && (
					<p class="percent">{t("percent", { n: video.progress })}</p>
				)}
				{facts.length > 0 && (
					<p class="facts">
						<bdi>{facts.join(" · ")}</bdi>
					</p>
				)}
				{video.note && (
					<p class="remark">
						<bdi>{video.note}</bdi>
					</p>
				)}
			</div>
			<Times video={video} />
		</div>
	);
}
