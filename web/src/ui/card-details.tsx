/** Everything that is known of a video. */

import type { ComponentChildren } from "preact";

import type { Video } from "../api/types";
import { language, t } from "../i18n/index";
import { bytes, pixels, span } from "../i18n/times";
import { CopyButton } from "./copy-button";
import { Dialog } from "./dialog";
import { useStudio } from "./studio";

const when = (seconds: number) =>
	new Date(seconds * 1000).toLocaleString(language.value, {
		dateStyle: "medium",
		timeStyle: "short",
	});

function fileOf({ outputs }: Video): string {
	return outputs
		.map((output) =>
			[
				output.width && output.height && `${output.width} × ${output.height}`,
				output.seconds !== null && t("second", { n: output.seconds }),
				output.fps && t("fps_long", { n: Math.round(output.fps * 100) / 100 }),
				bytes(output.bytes),
			]
				.filter(Boolean)
				.join(" · "),
		)
		.join("\n");
}

type Row = [name: string, value: ComponentChildren];

function rowsOf(video: Video, model: string): Row[] {
	const rows: Row[] = [
		[t("model"), model],
		[t("size"), pixels(video.size)],
		[t("seconds"), t("second", { n: video.seconds })],
		[t("d_seed"), video.seed],
		[t("worker"), video.worker],
		[t("tries"), video.attempts || null],
		[t("made_at"), when(video.created_at)],
		[
			t("took_long"),
			video.completed_at !== null && span(video.completed_at - video.created_at),
		],
		[t("file_size"), fileOf(video)],
		[t("not_taken"), video.ignored_parameters.join(", ")],
		[t("prompt"), video.prompt],
		[t("d_negative"), video.negative_prompt],
	];

	return rows.filter(([, value]) => value !== null && value !== "" && value !== false);
}

export function Details({ video, onClose }: { video: Video; onClose: () => void }) {
	const { models } = useStudio();
	const name = models.nameOf(video.model);

	return (
		<Dialog title={t("details")} onClose={onClose}>
			<dl class="details">
				<div>
					<dt class="soft small">{t("request_id")}</dt>
					<dd>
						<code>{video.id}</code>
						<CopyButton text={video.id} label={t("copy_id")} />
					</dd>
				</div>
				{rowsOf(video, name).map(([key, value]) => (
					<div key={key}>
						<dt class="soft small">{key}</dt>
						<dd dir="auto">{value}</dd>
					</div>
				))}
			</dl>
		</Dialog>
	);
}
