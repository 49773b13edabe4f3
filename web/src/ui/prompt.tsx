/** What was asked for: the words, the images, and the settings. */

import { useSignal } from "@preact/signals";

import type { Video } from "../api/types";
import { t } from "../i18n/index";
import { pixels } from "../i18n/times";
import { fileLink } from "../state/files";
import { notesOf, type Turn } from "../state/notes";
import { lasting } from "../state/retry";
import { CopyButton } from "./copy-button";
import { useStudio } from "./studio";

/** Characters, and lines. */
const LONG = 600;
const LINES = 8;

function Thumbnail({ id, role }: { id: string; role: "image_first" | "image_last" }) {
	const { client } = useStudio();
	const link = fileLink(client, id).value;

	if (link === null) return <span class="lost small">{t("picture_gone")}</span>;
	return link ? <img class="thumbnail" src={link} alt={t(role)} /> : <i class="thumbnail" />;
}

/** A long one is folded. */
function Words({ text }: { text: string }) {
	const open = useSignal(false);
	const long = text.length > LONG || text.split("\n").length > LINES;

	return (
		<>
			<p class="prompt" dir="auto" data-folded={long && !open.value}>
				{text}
			</p>
			{long && (
				<button
					type="button"
					class="link small"
					aria-expanded={open}
					onClick={() => (open.value = !open.value)}
				>
					{t(open.value ? "show_less" : "show_all")}
				</button>
			)}
		</>
	);
}

function chipsOf(turn: Turn, video: Video, name: string): string[] {
	const videos = lasting(turn.videos);
	const models = new Set(videos.map((each) => each.model)).size;
	const variations = Math.ceil(videos.length / models);

	return [
		models > 1 ? t("n_models", { n: models }) : name,
		pixels(video.size),
		t("second", { n: video.seconds }),
		variations > 1 ? t("n_variations", { n: variations }) : "",
		video.seed !== null ? t("seed_chip", { n: video.seed }) : "",
		video.negative_prompt ? t("without", { words: video.negative_prompt }) : "",
	].filter(Boolean);
}

export function Prompt({ turn }: { turn: Turn }) {
	const { models } = useStudio();
	const video = turn.videos[0]!;
	const { first, last } = notesOf(video);
	const words = video.prompt ?? "";
	const name = models.nameOf(video.model);

	return (
		<header class="asked">
			{(first || last) && (
				<div class="images">
					{first && <Thumbnail id={first} role="image_first" />}
					{last && <Thumbnail id={last} role="image_last" />}
				</div>
			)}
			<Words text={words} />
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
