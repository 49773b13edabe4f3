/** One video: where it is, or the video itself. */

import { t } from "../i18n/index";
import { attempt } from "../state/studio";
import { isOver } from "../state/videos";
import { Icon } from "./icon";
import { useStudio } from "./studio";

export function Card({ id }: { id: string }) {
	const { client, videos } = useStudio();
	const video = videos.of(id).value;

	if (!video) return null;
	const cancel = () => attempt(async () => videos.put(await client.cancel(id)));

	return (
		<div class="card" data-status={video.status} data-id={id}>
			{video.status === "completed" && video.url ? (
				<video
					src={video.url}
					poster={video.thumbnail_url ?? undefined}
					controls
					playsInline
					preload="none"
				/>
			) : (
				<p>
					{t(video.status)} {video.error?.message}
				</p>
			)}
			{!isOver(video) && (
				<>
					<progress max={100} value={video.progress} aria-label={t(video.status)} />
					<button type="button" onClick={cancel}>
						<Icon name="stop" /> {t("cancel")}
					</button>
				</>
			)}
		</div>
	);
}
