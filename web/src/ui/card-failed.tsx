/** A video that will not come: why, and what can be done. */

import type { Video } from "../api/types";
import { known, t } from "../i18n/index";
import { CopyButton } from "./copy-button";

/** Our words where we have some, else the gateway's. */
function whyOf(video: Video): string {
	const { code, message } = video.error ?? { code: "", message: "" };

	return known(`e_${code}`) ? t(`e_${code}`) : message;
}

export function Failed({ video }: { video: Video }) {
	const why = whyOf(video);

	return (
		<div class="failed">
			<p class="word">{t(video.status)}</p>
			{why && (
				<p class="why">
					<bdi>{why}</bdi>
				</p>
			)}
			<p class="id small soft">
				{t("request_id")} <code>{video.id}</code>
				<CopyButton text={video.id} label={t("copy_id")} />
			</p>
		</div>
	);
}
