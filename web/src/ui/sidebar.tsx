/** Conversations, and the ways to everything else. */

import { t } from "../i18n/index";
import { hrefOf, route } from "../state/route";
import { Icon } from "./icon";
import { useStudio } from "./studio";
import { WorkerStrip } from "./workers";

export function Sidebar() {
	const { conversations } = useStudio();
	const at = route.value;

	return (
		<nav class="sidebar">
			<a class="brand" href={hrefOf({ at: "new" })}>
				<img src="/video-chat/icon.svg" alt="" width="28" height="28" />
				<span>
					Arena <b>video</b>
				</span>
			</a>
			<a class="item" href={hrefOf({ at: "new" })} aria-current={at.at === "new" ? "page" : undefined}>
				<Icon name="plus" /> {t("new_conversation")}
			</a>
			<a
				class="item"
				href={hrefOf({ at: "gallery" })}
				aria-current={at.at === "gallery" ? "page" : undefined}
			>
				<Icon name="grid" /> {t("gallery")}
			</a>
			<h2 class="small soft">{t("conversations")}</h2>
			<ul class="conversations">
				{conversations.all.value.map(({ id, title }) => (
					<li key={id}>
						<a
							class="item"
							href={hrefOf({ at: "conversation", id })}
							aria-current={
								at.at === "conversation" && at.id === id ? "page" : undefined
							}
						>
							<bdi>{title}</bdi>
						</a>
					</li>
				))}
			</ul>
			<WorkerStrip />
			<a
				class="item"
				href={hrefOf({ at: "settings" })}
				aria-current={at.at === "settings" ? "page" : undefined}
			>
				<Icon name="settings" /> {t("settings")}
			</a>
		</nav>
	);
}
