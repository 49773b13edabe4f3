/** What can be done with a video: the best in a row, the rest in a menu. */

import { useSignal } from "@preact/signals";

import type { Video } from "../api/types";
import { t } from "../i18n/index";
import { span } from "../i18n/times";
import { canRemix, remix, setImage, useSettingsOf } from "../state/desk";
import { here, isExpired, toKeep } from "../state/links";
import { notesOf } from "../state/notes";
import { wishAgain } from "../state/retry";
import { attempt, type Studio } from "../state/studio";
import { say } from "../state/toasts";
import { isOver } from "../state/videos";
import { letterOf } from "./battle";
import { openCode } from "./code";
import { copy } from "./copy";
import { Icon } from "./icon";
import { later } from "./later";
import { Menu, type MenuChoice } from "./menu";
import { useStudio } from "./studio";
import { Tool } from "./tool";

const Details = later(() => import("./card-details").then((part) => part.Details));

/** A link that is good now. */
async function linkTo(video: Video, index: number, { client, videos }: Studio): Promise<string> {
	const { url } = video.outputs[index]!;

	if (!isExpired(url, Date.now())) return url;
	const fresh = await client.get(video.id);

	videos.put(fresh);
	return fresh.outputs[index]?.url ?? url;
}

/** What is done with its file. */
function useFile(video: Video) {
	const studio = useStudio();

	return {
		save: (index: number) =>
			attempt(async () => {
				const link = document.createElement("a");

				link.href = toKeep(await linkTo(video, index, studio), video.prompt ?? "");
				link.download = ""; // the page stays, whatever is answered
				link.click();
			}),
		copyLink: () =>
			attempt(async () => copy(await linkTo(video, 0, studio), t("link_copied"))),
		/** Its last frame begins the next. */
		goOn: () =>
			attempt(async () => {
				const link = here(await linkTo(video, 0, studio));
				const frame = await import("../media/last")
					.then(({ lastFrame }) => lastFrame(link))
					.catch(() => null);

				if (!frame) return say({ kind: "bad", text: t("no_frame") });
				return setImage(frame, "first", "frame.png", notesOf(video).conversation);
			}),
	};
}

function Made({ video }: { video: Video }) {
	const { favourites } = useStudio();
	const { save } = useFile(video);
	const marked = favourites.has(video.id);

	return (
		<>
			<Tool
				icon="heart"
				label={t("favourite")}
				aria-pressed={marked}
				onClick={() => favourites.toggle(video.id)}
			/>
			{video.outputs.length === 1 && (
				<Tool icon="save" label={t("save")} onClick={() => save(0)} />
			)}
			<Tool icon="settings" label={t("use_settings")} onClick={() => useSettingsOf(video)} />
		</>
	);
}

function Retry({ video }: { video: Video }) {
	const { client, videos } = useStudio();
	const busy = useSignal(false);

	async function again() {
		busy.value = true;
		await attempt(async () => videos.put(await client.create(wishAgain(video))));
		busy.value = false;
	}
	return (
		<button type="button" class="plain slim" disabled={busy} onClick={again}>
			<Icon name="again" /> {t("again")}
		</button>
	);
}

interface Ways extends ReturnType<typeof useFile> {
	details: () => void;
	bin: () => void;
}

function choicesFor(video: Video, { details, bin, save, copyLink, goOn }: Ways): (MenuChoice | false)[] {
	const { outputs } = video;
	const one = video.status === "completed" && outputs.length === 1;
	const several = outputs.length > 1 ? outputs : [];

	return [
		...several.map((output, i): MenuChoice => ({
			label: t("save_side", { label: letterOf(output, i) }),
			icon: "save",
			run: () => save(i),
		})),
		one && { label: t("copy_link"), icon: "link", run: copyLink },
		one && { label: t("use_last"), icon: "frame", run: goOn },
		canRemix(video) && { label: t("remix"), icon: "remix", run: () => remix(video) },
		video.status !== "completed" && {
			label: t("use_settings"),
			icon: "settings",
			run: () => useSettingsOf(video),
		},
		{ label: t("show_code"), icon: "code", run: () => openCode(video) },
		{ label: t("details"), icon: "info", run: details },
		isOver(video) && { label: t("bin"), icon: "bin", danger: true, run: bin },
	];
}

interface ActionsProps {
	video: Video;
	cancel: () => void;
	cancelling: boolean;
}

export function Actions({ video, cancel, cancelling }: ActionsProps) {
	const { deletes } = useStudio();
	const details = useSignal(false);
	const over = isOver(video);
	const choices = choicesFor(video, {
		details: () => (details.value = true),
		bin: () => deletes.remove([video]),
		...useFile(video),
	});

	return (
		<div class="actions">
			{!over && (
				<button type="button" class="plain slim" disabled={cancelling} onClick={cancel}>
					<Icon name="stop" /> {t(cancelling ? "cancelling" : "cancel")}
				</button>
			)}
			{over && video.status !== "completed" && <Retry video={video} />}
			{video.status === "completed" && <Made video={video} />}
			<Menu label={t("more_actions")} choices={choices} />
			{video.status === "completed" && video.completed_at !== null && (
				<span class="soft small took">
					{t("took", { time: span(video.completed_at - video.created_at) })}
				</span>
			)}
			{details.value && <Details video={video} onClose={() => (details.value = false)} />}
		</div>
	);
}
