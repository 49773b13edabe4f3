/** Two videos of one prompt side by side, in step; who made them is told after the vote. */

import { useSignal } from "@preact/signals";

import type { Output, Video, Winner } from "../api/types";
import { t } from "../i18n/index";
import type { Playback } from "../media/playback";
import { attempt } from "../state/studio";
import { muted } from "../media/taste";
import { Player, usePlayback } from "./player";
import { Screen } from "./player-screen";
import { useStudio } from "./studio";
import { Tool } from "./tool";

const WINNERS: readonly Winner[] = ["a", "b", "tie", "both_bad"];

export const letterOf = (output: Output, i: number): string =>
	(output.label ?? "abcdefgh"[i] ?? "?").toUpperCase();

interface SideProps {
	video: Video;
	index: number;
	playback: Playback;
}

function Side({ video, index, playback }: SideProps) {
	const output = video.outputs[index]!;
	const label = letterOf(output, index);
	const heard = playback.heard.value === index && !muted.value;

	return (
		<div class="side" data-won={video.vote?.winner === label.toLowerCase()}>
			<Screen playback={playback} index={index} id={video.id} output={output} />
			<p class="label">
				<b>{label}</b> {output.model_name && <bdi>{output.model_name}</bdi>}
			</p>
			{playback.wanted.value && (
				<Tool
					class="hear"
					icon={heard ? "sound" : "silent"}
					label={t("hear_side", { label })}
					aria-pressed={heard}
					onClick={(e) => {
						e.stopPropagation();
						playback.hear(index);
					}}
				/>
			)}
		</div>
	);
}

function Votes({ video }: { video: Video }) {
	const { client, videos } = useStudio();
	const sending = useSignal<Winner | null>(null);
	const { vote, outputs } = video;
	const open = !vote || vote.state === "failed";
	const named = outputs.some((output) => output.model_name);

	async function cast(winner: Winner) {
		sending.value = winner;
		await attempt(async () => videos.put(await client.vote(video.id, winner)));
		sending.value = null;
	}
	function verdict(): string {
		if (sending.value) return t("vote_pending", { winner: t(`vote_${sending.value}`) });
		if (!vote) return "";
		if (vote.state === "failed") return t("vote_failed", { message: vote.message ?? "" });
		return t(`vote_${vote.state}`, { winner: t(`vote_${vote.winner}`) });
	}

	// who made them is known without a vote
	if (!vote && named) return null;
	return (
		<div class="ballot" data-vote={sending.value ? "pending" : (vote?.state ?? "open")}>
			{open && (
				<div class="votes" role="group" aria-label={t("votes")}>
					{WINNERS.map((winner) => (
						<button
							type="button"
							class="plain"
							key={winner}
							disabled={sending.value !== null}
							onClick={() => cast(winner)}
						>
							{t(`vote_${winner}`)}
						</button>
					))}
				</div>
			)}
			<p class="verdict small" role="status">
				<bdi>{verdict()}</bdi>
			</p>
		</div>
	);
}

export function Battle({ video }: { video: Video }) {
	const longest = Math.max(...video.outputs.map((output) => output.seconds ?? 0));
	const playback = usePlayback(video.outputs.length, longest, video.outputs[0]?.fps ?? null);

	return (
		<>
			<Player
				playback={playback}
				class="duo"
				label={t("videos_of", { n: video.outputs.length, prompt: video.prompt ?? "" })}
			>
				{video.outputs.map((_output, i) => (
					<Side video={video} index={i} playback={playback} key={i} />
				))}
			</Player>
			<Votes video={video} />
		</>
	);
}
