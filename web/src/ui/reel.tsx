/** The videos of one request beside each other; those that are made play in step. */

import { useComputed } from "@preact/signals";

import type { Video } from "../api/types";
import { t } from "../i18n/index";
import { Card } from "./card";
import { Player, usePlayback } from "./player";
import { useStudio } from "./studio";

const plays = (video: Video | null): video is Video =>
	video?.status === "completed" && video.outputs.length === 1;

export function Reel({ ids, named }: { ids: readonly string[]; named: boolean }) {
	const { videos } = useStudio();
	// one text, so that progress of one does not draw all anew
	const made = useComputed(() =>
		ids.filter((id) => plays(videos.of(id).value)).join(" "),
	).value.split(" ").filter(Boolean);
	const outputs = made.map((id) => videos.get(id)!.outputs[0]!);
	const longest = Math.max(0, ...outputs.map((output) => output.seconds ?? 0));
	const playback = usePlayback(made.length, longest, outputs[0]?.fps ?? null);
	const first = videos.get(ids[0]!);

	return (
		<Player
			playback={playback}
			class="reel"
			label={t("videos_of", { n: ids.length, prompt: first?.prompt ?? "" })}
		>
			{ids.map((id, index) => (
				<Card
					id={id}
					key={id}
					named={named}
					group={made.includes(id) ? { playback, index } : undefined}
				/>
			))}
		</Player>
	);
}
