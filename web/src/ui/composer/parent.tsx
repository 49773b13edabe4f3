/** The video that the next prompt changes. */

import { t } from "../../i18n/index";
import type { Draft } from "../../state/draft";
import { here } from "../../state/links";
import { useStudio } from "../studio";
import { Tool } from "../tool";

export function Parent({ id, draft }: { id: string; draft: Draft }) {
	const { videos } = useStudio();
	const video = videos.of(id).value;

	return (
		<div class="parent">
			{video?.thumbnail_url && <img src={here(video.thumbnail_url)} alt="" />}
			<p>
				<span class="small soft">{t("remix_of")}</span>
				<bdi>{video?.prompt ?? id}</bdi>
			</p>
			<Tool icon="close" label={t("remix_not")} onClick={() => (draft.parent.value = null)} />
		</div>
	);
}
