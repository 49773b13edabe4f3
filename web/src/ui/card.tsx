/** One video: where it is, or the video itself. */

import { useSignal } from "@preact/signals";

import type { Video } from "../api/types";
import { t } from "../i18n/index";
import type { Playback } from "../media/playback";
import { attempt } from "../state/studio";
import { isOver } from "../state/videos";
import { Battle } from "./battle";
import { Actions } from "./card-actions";
import { Failed } from "./card-failed";
import { Says } from "./card-says";
import { Waiting } from "./card-waiting";
import { Player, usePlayback } from "./player";
import { Screen } from "./player-screen";
import { useStudio } from "./studio";

interface CardProps {
	id: string;
	/** Of a group that plays in step, and which of it this is. */
	group?: { playback: Playback; index: number };
	/** Above the video: who made it. */
	named?: boolean;
}

/** Width and height: of the video itself, or as it was asked for. */
function shapeOf(video: Video): [number, number] {
	const { width, height } = video.outputs[0] ?? {};
	const [w, h] = video.size.split("x").map(Number);

	if (width && height) return [width, height];
	return w && h ? [w, h] : [16, 9];
}

function Single({ video }: { video: Video }) {
	const output = video.outputs[0]!;
	const playback = usePlayback(1, output.seconds ?? Number(video.seconds), output.fps);

	return (
		<Player playback={playback} lone label={t("video_of", { prompt: video.prompt ?? "" })}>
			<Screen playback={playback} index={0} id={video.id} output={output} />
		</Player>
	);
}

function Result({ video, group }: { video: Video; group: CardProps["group"] }) {
	if (video.outputs.length > 1) return <Battle video={video} />;
	if (!group) return <Single video={video} />;
	return <Screen {...group} id={video.id} output={video.outputs[0]!} />;
}

export function Card({ id, group, named }: CardProps) {
	const { client, videos, models } = useStudio();
	const cancelling = useSignal(false);
	const video = videos.of(id).value;

	if (!video) return null;
	const [w, h] = shapeOf(video);
	const made = video.status === "completed" && video.outputs.length > 0;
	const sides = made ? video.outputs.length : (models.find(video.model)?.outputs ?? 1);

	async function cancel() {
		cancelling.value = true;
		await attempt(async () => videos.put(await client.cancel(id)));
		cancelling.value = false;
	}
	return (
		<article
			class="card"
			data-status={video.status}
			data-id={id}
			data-sides={sides}
			data-shape={w > h ? "wide" : "tall"}
			aria-label={t(made ? "video_of" : video.status, { prompt: video.prompt ?? "" })}
			style={{ "--w": String(w), "--h": String(h) }}
		>
			{named && (
				<p class="maker">
					<bdi>{models.nameOf(video.model)}</bdi>
				</p>
			)}
			<div class="picture">
				{made && <Result video={video} group={group} />}
				{isOver(video) && !made && <Failed video={video} />}
				{!isOver(video) && <Waiting video={video} cancelling={cancelling.value} />}
			</div>
			<Actions video={video} cancel={cancel} cancelling={cancelling.value} />
			<Says video={video} />
		</article>
	);
}
