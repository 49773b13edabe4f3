/** What was asked for in one conversation, oldest first, and what became of it. */

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";

import { t } from "../i18n/index";
import { draftsOf } from "../state/desk";
import { bornOf, turnsOf } from "../state/notes";
import { useEnd, useSeen } from "./scroll";
import { useStudio } from "./studio";
import { Tool } from "./tool";
import { TurnView } from "./turn";

/** Turns that are drawn at first, and more of them when the reader goes up. */
const STEP = 20;

function Empty() {
	return (
		<section class="empty">
			<h1>{t("ask")}</h1>
			<p class="soft">{t("empty_text")}</p>
		</section>
	);
}

/** More turns above: first those that are known here, then older ones from the gateway. */
function useOlder(id: string, count: number) {
	const { videos } = useStudio();
	const shown = useSignal(STEP);
	const busy = useRef(false);
	const oldest = videos.get(videos.ids.value.at(-1) ?? "");
	// nothing older than the conversation is of it
	const elsewhere = videos.more.value && (oldest?.created_at ?? 0) >= bornOf(id);

	async function more() {
		if (shown.peek() < count) return void (shown.value += STEP);
		if (!elsewhere || busy.current) return;
		busy.current = true;
		await videos.older().catch(() => undefined); // the bar above says that the gateway is away
		busy.current = false;
	}
	return { shown: shown.value, there: shown.value < count || elsewhere, more };
}

export function Conversation({ id }: { id: string | null }) {
	const { conversations } = useStudio();
	const found = id === null ? null : conversations.find(id);

	return found ? <Stream id={found.id} title={found.title} ids={found.ids} /> : <Empty />;
}

function Stream({ id, title, ids }: { id: string; title: string; ids: readonly string[] }) {
	const studio = useStudio();
	const { videos } = studio;
	const sending = draftsOf(studio).of(id).sending.value;
	const root = useRef<HTMLElement>(null);
	const top = useRef<HTMLDivElement>(null);
	const turns = turnsOf(ids.map((each) => videos.get(each)).filter((each) => each !== null));
	const { shown, there, more } = useOlder(id, turns.length);
	const end = useEnd(root);

	useSeen(top, () => void more(), `${shown} ${ids.length}`);
	useLayoutEffect(() => end.keep(), [shown, turns[0]?.id]);
	useEffect(() => {
		if (sending) end.go(); // who asks for it wants to see it
	}, [sending]);
	return (
		<section class="conversation" aria-label={title} ref={root}>
			<h1 class="visually-hidden">{title}</h1>
			{there && (
				<div class="older" ref={top}>
					<button type="button" class="link" onClick={() => void more()}>
						{t("older")}
					</button>
				</div>
			)}
			{turns.slice(-shown).map((turn) => (
				<TurnView turn={turn} key={turn.id} />
			))}
			{end.away.value && (
				<Tool class="newest" icon="down" label={t("newest")} onClick={end.go} />
			)}
		</section>
	);
}
