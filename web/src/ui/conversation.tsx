/** What was asked for in one conversation, oldest first, and what became of it. */

import { t } from "../i18n/index";
import { turnsOf, type Turn } from "../state/notes";
import { Card } from "./card";
import { useStudio } from "./studio";

export function TurnView({ turn }: { turn: Turn }) {
	return (
		<article class="turn" data-kind={turn.kind}>
			<p class="asked">
				<bdi>{turn.videos[0]?.prompt}</bdi>
			</p>
			<div class="results">
				{turn.videos.map((video) => (
					<Card id={video.id} key={video.id} />
				))}
			</div>
		</article>
	);
}

export function Conversation({ id }: { id: string | null }) {
	const { conversations, videos } = useStudio();
	const found = id === null ? null : conversations.find(id);

	if (!found)
		return (
			<section class="empty">
				<h1>{t("ask")}</h1>
				<p class="soft">{t("empty_text")}</p>
			</section>
		);
	const known = found.ids.map((each) => videos.get(each)).filter((each) => each !== null);

	return (
		<section class="conversation" aria-label={found.title}>
			{turnsOf(known).map((turn) => (
				<TurnView turn={turn} key={turn.id} />
			))}
		</section>
	);
}
