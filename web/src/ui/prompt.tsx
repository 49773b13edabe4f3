/** What was asked for: the words, the images, and the settings. */

import type { Video } from "../api/types";
import { t } from "../i18n/index";
import { fileLink } from "../state/files";
import { notesOf, type Turn } from "../state/notes";
import { CopyButton } from "./copy-button";
import { useStudio } from "./studio";

function Thumbnail({ id, role }: { id: string; role: "image_first" | "image_last" }) {
	const { client } = useStudio();
	const link = fileLink(client, id).value;

	if (link === null) return <span class="lost small">{t("picture_gone")}</span>;
	return link ? <img class="thumbnail" src={link} alt={t(role)} /> : <i class="thumbnail" />;
}

function chipsOf(turn: Turn, video: Video, name: string): string[] {
	const models = new Set(turn.videos.map((each) => each.model));

	return [
		models.size > 1 ? t("n_models", { n: models.size }) : name,
		video.size.replace("x", " × "),
		t("second", { n: video.seconds }),
		turn.kind === "variations" ? t("n_variations", { n: turn.videos.length }) : "",
		video.seed !== null ? t("seed_chip", { n: video.seed }) : "",
		video.negative_prompt ? t("without", { words: video.negative_prompt }) : "",
	].filter(Boolean);
}

export function Prompt({ turn }: { turn: Turn }) {
	const { models } = useStudio();
	const video = turn.videos[0]!;
	const { first, last } = notesOf(video);
	const words = video.prompt ?? "";
	const name = models.find(video.model)?.name ?? video.model;

	return (
		<header class="asked">
			{(first || last) && (
				<div class="images">
					{first && <Thumbnail id={first} role="image_first" />}
					{last && <Thumbnail id={last} role="image_last" />}
				</div>
			)}
			<p class="prompt" dir="auto">
				{words}
			</p>
			<ul class="chips">
				{chipsOf(turn, video, name).map((chip) => (
					<li class="chip" key={chip}>
						<bdi>{chip}</bdi>
					</li>
				))}
				<li>
					<CopyButton text={words} label={t("copy_prompt")} />
				</li>
			</ul>
		</header>
	);
}
