/** What can be done with a video: the best in a row. */

import type { ComponentChildren } from "preact";

import type { Video } from "../api/types";
import { t } from "../i18n/index";
import { span } from "../i18n/times";
import { fileName, toKeep } from "../state/links";
import { wishAgain } from "../state/retry";
import { attempt } from "../state/studio";
import { isOver } from "../state/videos";
import { copy } from "./copy";
import { Icon, type IconName } from "./icon";
import { useStudio } from "./studio";

interface ToolProps {
	icon: IconName;
	label: string;
	run: () => void;
	pressed?: boolean;
}

function Tool({ icon, label, run, pressed }: ToolProps) {
	return (
		<button
			type="button"
			class="tool"
			aria-label={label}
			title={label}
			aria-pressed={pressed}
			onClick={run}
		>
			<Icon name={icon} />
		</button>
	);
}

function Retry({ video }: { video: Video }) {
	const { client, videos } = useStudio();
	const again = () =>
		attempt(async () => videos.put(await client.create(wishAgain(video))));

	return (
		<button type="button" class="plain" onClick={again}>
			<Icon name="again" /> {t("again")}
		</button>
	);
}

function Made({ video }: { video: Video }) {
	const { favourites } = useStudio();

	return (
		<>
			<Tool
				icon="heart"
				label={t("favourite")}
				pressed={favourites.has(video.id)}
				run={() => favourites.toggle(video.id)}
			/>
			{video.outputs.map((output, i) => {
				const name = video.outputs.length > 1 ? "save_side" : "save";
				const label = t(name, { label: (output.label ?? "ab"[i] ?? "").toUpperCase() });

				return (
					<a
						class="tool"
						key={i}
						href={toKeep(output.url)}
						download={fileName(video, output)}
						aria-label={label}
						title={label}
					>
						<Icon name="save" />
					</a>
				);
			})}
			<Tool
				icon="link"
				label={t("copy_link")}
				run={() => void copy(video.url ?? "", t("link_copied"))}
			/>
		</>
	);
}

export interface ActionsProps {
	video: Video;
	cancel: () => void;
	cancelling: boolean;
}

function Rest({ video, children }: { video: Video; children: ComponentChildren }) {
	const { deletes } = useStudio();

	return (
		<div class="actions">
			{children}
			<Tool icon="bin" label={t("bin")} run={() => deletes.remove([video])} />
		</div>
	);
}

export function Actions({ video, cancel, cancelling }: ActionsProps) {
	if (!isOver(video))
		return (
			<div class="actions">
				<button type="button" class="plain" disabled={cancelling} onClick={cancel}>
					<Icon name="stop" /> {t(cancelling ? "cancelling" : "cancel")}
				</button>
			</div>
		);
	return (
		<Rest video={video}>
			{video.status === "completed" ? <Made video={video} /> : <Retry video={video} />}
			{video.completed_at !== null && (
				<span class="soft small took">
					{t("took", { time: span(video.completed_at - video.created_at) })}
				</span>
			)}
		</Rest>
	);
}
