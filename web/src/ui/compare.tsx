/** The videos of one request, side by side over the whole width. */

import { useEffect } from "preact/hooks";

import { t } from "../i18n/index";
import { notesOf } from "../state/notes";
import { lasting } from "../state/retry";
import { hrefOf } from "../state/route";
import { Reel } from "./reel";
import { useStudio } from "./studio";

export function Compare({ group }: { group: string }) {
	const { videos } = useStudio();
	const found = videos.ids.value
		.map((id) => videos.get(id)!)
		.filter((video) => notesOf(video).group === group || video.id === group)
		.reverse();
	const first = found[0];
	const seeking = !first && videos.more.value;

	useEffect(() => {
		if (seeking) videos.older().catch(() => undefined);
	}, [seeking, videos.ids.value]);
	if (!first)
		return (
			<section class="empty">
				<p class="soft">{videos.loaded.value && !seeking ? t("compare_gone") : ""}</p>
			</section>
		);
	const { conversation } = notesOf(first);
	const models = new Set(found.map((video) => video.model)).size;

	return (
		<section class="compare" aria-label={t("compare")}>
			<header>
				<h1 dir="auto">{first.prompt}</h1>
				{conversation && (
					<a class="link" href={hrefOf({ at: "conversation", id: conversation })}>
						{t("back_to_conversation")}
					</a>
				)}
			</header>
			<Reel ids={lasting(found).map((video) => video.id)} named={models > 1} />
		</section>
	);
}
