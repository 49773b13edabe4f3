/** What stands above everything: the gateway is away, a worker wants a human. */

import { t } from "../i18n/index";
import { Icon } from "./icon";
import { useStudio } from "./studio";
import { Wish } from "./workers";

export function Notices() {
	const { videos, workers } = useStudio();
	const offline = videos.link.value === "offline";

	return (
		<div class="notices" role="status">
			{offline && (
				<div class="note" data-kind="offline">
					<span class="spin" />
					<p>{t("down")}</p>
				</div>
			)}
			{!offline &&
				workers.wanting.value.map((worker) => (
					<div class="note" data-kind="warn" key={worker.id}>
						<Icon name="hand" />
						<div>
							<bdi class="name">{worker.name}</bdi>: <Wish worker={worker} />
						</div>
					</div>
				))}
		</div>
	);
}
