/** The ways to everything: a new conversation, the gallery, what was made, workers, settings. */

import { t } from "../i18n/index";
import { hrefOf, route, type Route } from "../state/route";
import { History } from "./history";
import { Icon, type IconName } from "./icon";
import { WorkerStrip } from "./workers";

function Place({ to, icon, label }: { to: Route; icon: IconName; label: string }) {
	return (
		<a
			class="item"
			href={hrefOf(to)}
			aria-current={route.value.at === to.at ? "page" : undefined}
		>
			<Icon name={icon} /> <span>{label}</span>
		</a>
	);
}

export function Sidebar() {
	return (
		<nav class="sidebar" aria-label={t("navigation")}>
			<a class="brand" href={hrefOf({ at: "new" })}>
				<img src="/video-chat/icon.svg" alt="" width="28" height="28" />
				<span>
					Arena <b>video</b>
				</span>
			</a>
			<Place to={{ at: "new" }} icon="plus" label={t("new_conversation")} />
			<Place to={{ at: "gallery" }} icon="grid" label={t("gallery")} />
			<History />
			<WorkerStrip />
			<Place to={{ at: "settings" }} icon="settings" label={t("settings")} />
		</nav>
	);
}
