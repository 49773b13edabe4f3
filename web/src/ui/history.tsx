/** The conversations: found by words, by day, and older ones as they are wanted. */

import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { t } from "../i18n/index";
import type { Conversation } from "../state/conversations";
import { byDay } from "../state/days";
import { matches, wordsIn } from "../state/search";
import { attempt } from "../state/studio";
import { HistoryItem } from "./history-item";
import { useStudio } from "./studio";

const ASK_MS = 300;

/** What is not known here may be found by the gateway: what it finds becomes known. */
function useOlder(query: string) {
	const { videos } = useStudio();

	useEffect(() => {
		const stop = new AbortController();
		const q = query.trim();

		if (!q) return;
		const timer = setTimeout(() => {
			videos.page({ q }, stop.signal).catch(() => undefined);
		}, ASK_MS);

		return () => {
			clearTimeout(timer);
			stop.abort();
		};
	}, [query]);
}

/** Older ones as they are wanted: of thousands that programs made, few are in a conversation. */
function Older() {
	const { videos } = useStudio();
	const busy = useSignal(false);

	async function older() {
		busy.value = true;
		await attempt(() => videos.older());
		busy.value = false;
	}

	return (
		<button type="button" class="link older" disabled={busy} onClick={() => void older()}>
			{t("more")}
		</button>
	);
}

export function History() {
	const { conversations, videos } = useStudio();
	const query = useSignal("");
	const found = useComputed(() => {
		const words = wordsIn(query.value);
		const fits = (each: Conversation) => matches(words, [each.title, ...each.prompts]);

		return conversations.all.value.filter(fits);
	});
	const { others } = conversations;

	useOlder(query.value);
	return (
		<>
			<input
				class="field search"
				type="search"
				aria-label={t("search")}
				placeholder={t("search")}
				value={query}
				onInput={(e) => (query.value = e.currentTarget.value)}
			/>
			<div class="history">
				{byDay(found.value).map(({ key, label, items }) => (
					<section key={key} aria-label={label}>
						<h2 class="small soft">{label}</h2>
						<ul>
							{items.map((each) => (
								<HistoryItem conversation={each} key={each.id} />
							))}
						</ul>
					</section>
				))}
				{!query.value && others.value && (
					<section>
						<h2 class="small soft">{t("elsewhere")}</h2>
						<ul>
							<HistoryItem conversation={others.value} />
						</ul>
					</section>
				)}
				{query.value && !found.value.length && (
					<p class="soft small none">{t("nothing_found")}</p>
				)}
				{videos.more.value && !query.value && <Older />}
			</div>
		</>
	);
}
