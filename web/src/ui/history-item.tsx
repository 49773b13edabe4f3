/** One conversation in the list: opened, renamed, deleted. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { t } from "../i18n/index";
import { OTHERS, type Conversation } from "../state/conversations";
import { go, hrefOf, route } from "../state/route";
import { attempt } from "../state/studio";
import { useStudio } from "./studio";
import { Tool } from "./tool";

function Title({ conversation, done }: { conversation: Conversation; done: () => void }) {
	const { conversations } = useStudio();
	const input = useRef<HTMLInputElement>(null);

	/** Also when the focus leaves: but not a second time, as the field goes away. */
	function keep() {
		const title = input.current?.value.trim();

		if (title) conversations.rename(conversation.id, title);
		done();
	}

	useEffect(() => input.current!.select(), []);
	return (
		<input
			ref={input}
			class="field"
			dir="auto"
			maxLength={80}
			aria-label={t("rename")}
			defaultValue={conversation.title}
			onBlur={keep}
			onKeyDown={(e) => {
				if (e.key === "Enter" && !e.isComposing) keep();
				else if (e.key === "Escape") done();
				else return;
				e.preventDefault();
				e.stopPropagation();
			}}
		/>
	);
}

export function HistoryItem({ conversation }: { conversation: Conversation }) {
	const { conversations, deletes, videos } = useStudio();
	const renaming = useSignal(false);
	const { id, title } = conversation;
	const at = route.value;
	const here = at.at === "conversation" && at.id === id;

	async function remove() {
		const ids = await attempt(() => conversations.whole(id));
		const list = (ids ?? []).map((each) => videos.get(each)).filter((each) => each !== null);

		deletes.remove(list);
		if (here) go({ at: "new" });
	}

	if (renaming.value)
		return (
			<li class="entry">
				<Title conversation={conversation} done={() => (renaming.value = false)} />
			</li>
		);
	return (
		<li class="entry">
			<a
				class="item"
				href={hrefOf({ at: "conversation", id })}
				aria-current={here ? "page" : undefined}
				title={title}
				onDblClick={() => (renaming.value = id !== OTHERS)}
			>
				<bdi>{title}</bdi>
			</a>
			{id !== OTHERS && (
				<span class="entry-acts">
					<Tool
						icon="pen"
						label={`${t("rename")}: ${title}`}
						title={t("rename")}
						onClick={() => (renaming.value = true)}
					/>
					<Tool
						icon="bin"
						label={`${t("bin")}: ${title}`}
						title={t("bin")}
						onClick={() => void remove()}
					/>
				</span>
			)}
		</li>
	);
}
