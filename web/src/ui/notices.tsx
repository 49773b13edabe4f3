/** What stands above everything: the gateway is away, a worker wants a human. */

import { t } from "../i18n/index";
import { useStudio } from "./studio";

export function Notices() {
	const { link } = useStudio().videos;

	return (
		<div role="status">
			{link.value === "offline" && (
				<div class="note" data-kind="offline">
					<span class="spin" />
					<p>{t("down")}</p>
				</div>
			)}
		</div>
	);
}
