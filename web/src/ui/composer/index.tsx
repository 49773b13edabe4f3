/** Where a video is asked for. */

import { useSignal, useSignalEffect, type Signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

import type { Model } from "../../api/types";
import { t } from "../../i18n/index";
import { choices } from "../../state/choices";
import { OTHERS } from "../../state/conversations";
import { draftsOf } from "../../state/desk";
import type { Draft } from "../../state/draft";
import { chosenOf, rangeOf, type Range } from "../../state/fitting";
import { send } from "../../state/order";
import { Icon } from "../icon";
import { later } from "../later";
import { useStudio } from "../studio";
import { AddImage } from "./add";
import { Hints } from "./hints";
import { Ideas } from "./ideas";
import { Parent } from "./parent";
import { Picker } from "./picker";
import { Pictures } from "./pictures";
import { Prompt } from "./prompt";
import { Summary } from "./summary";
import { Pending, Trouble } from "./trouble";

const Drawer = later(async () => (await import("./drawer")).Drawer, true);

interface ToolsProps {
	draft: Draft;
	range: Range | null;
	models: readonly Model[];
	/** Is the drawer? */
	open: Signal<boolean>;
}

function Tools({ draft, range, models, open }: ToolsProps) {
	return (
		<div class="tools">
			{!draft.parent.value && (
				<>
					<AddImage draft={draft} range={range} />
					<Picker chosen={models} />
					{range && <Summary range={range} models={models} open={open} />}
				</>
			)}
			<button
				type="submit"
				class="send"
				aria-label={t("send")}
				title={t("send")}
				aria-disabled={!draft.prompt.value.trim()}
				data-busy={draft.sending.value !== null || undefined}
			>
				<Icon name="send" />
			</button>
		</div>
	);
}

/** How high it is where it stays at the foot of the page: what floats there (--foot) stands above it. */
function useFoot(stays: boolean) {
	const ref = useRef<HTMLDivElement>(null);

	useLayoutEffect(() => {
		const { style } = document.documentElement;
		const watch = new ResizeObserver(() =>
			style.setProperty("--foot", `${ref.current!.offsetHeight}px`),
		);

		if (stays) watch.observe(ref.current!);
		return () => {
			watch.disconnect();
			style.removeProperty("--foot");
		};
	}, [stays]);
	return ref;
}

/** conversation: the one on the screen; null: none yet. */
export function Composer({ conversation: shown }: { conversation: string | null }) {
	const studio = useStudio();
	const open = useSignal(false);
	const conversation = shown === OTHERS ? null : shown;
	const drafts = draftsOf(studio);
	const draft = drafts.of(conversation);
	const models = chosenOf(studio.models.all.value, choices.value);
	const range = rangeOf(models);
	const parent = draft.parent.value;
	const root = useFoot(shown !== null);

	// another model may well do what this one cannot
	useSignalEffect(() => {
		if (choices.value && draft.wrong.peek()?.again === false) draft.wrong.value = null;
	});

	function go(event?: Event) {
		event?.preventDefault();
		void send(studio, drafts, {
			prompt: draft.prompt.peek().trim(),
			models,
			choices: choices.peek(),
			pictures: { first: draft.pictures.first.peek(), last: draft.pictures.last.peek() },
			parent,
			conversation,
		});
	}

	return (
		<div class="composer" data-new={shown === null || undefined} ref={root}>
			<Pending draft={draft} />
			<Trouble draft={draft} again={go} />
			<form class="box" onSubmit={go} aria-label={t("composer")}>
				{parent && <Parent id={parent} draft={draft} />}
				<Pictures draft={draft} range={range} />
				<Prompt
					draft={draft}
					hint={shown === null ? "prompt_hint" : "prompt_next"}
					most={range?.prompt ?? 0}
					send={go}
				/>
				<Tools draft={draft} range={range} models={models} open={open} />
				{open.value && range && !parent && <Drawer range={range} models={models} />}
			</form>
			{!parent && <Hints draft={draft} models={models} />}
			{shown === null && <Ideas draft={draft} />}
		</div>
	);
}
