/** The frame around everything that needs a key: sidebar, header, and what the address says. */

import { t } from "../i18n/index";
import { OTHERS } from "../state/conversations";
import { route, type Route } from "../state/route";
import type { Studio } from "../state/studio";
import { Compare } from "./compare";
import { Composer } from "./composer";
import { Conversation } from "./conversation";
import { Gallery } from "./gallery";
import { Settings } from "./settings";
import { Sidebar } from "./sidebar";
import { StudioContext } from "./studio";

function Main({ at }: { at: Route }) {
	switch (at.at) {
		case "gallery":
			return <Gallery />;
		case "settings":
			return <Settings />;
		case "compare":
			return <Compare group={at.group} />;
		default: {
			const id = at.at === "conversation" ? at.id : null;

			return (
				<>
					<Conversation id={id} key={id} />
					<Composer conversation={id === OTHERS ? null : id} />
				</>
			);
		}
	}
}

export function Shell({ studio }: { studio: Studio }) {
	const { link } = studio.videos;

	return (
		<StudioContext.Provider value={studio}>
			<div class="shell">
				<Sidebar />
				<main class="stage" data-at={route.value.at}>
					{link.value === "offline" && (
						<p class="offline" role="status">
							{t("down")}
						</p>
					)}
					<Main at={route.value} />
				</main>
			</div>
		</StudioContext.Provider>
	);
}
