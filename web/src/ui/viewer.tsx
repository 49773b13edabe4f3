/** One video, large, above the gallery; PageUp and PageDown go to its neighbours. */

import { useEffect } from "preact/hooks";

import { t } from "../i18n/index";
import { Card } from "./card";
import { Dialog } from "./dialog";
import { useStudio } from "./studio";
import { Tool } from "./tool";

interface Props {
	id: string;
	/** In the order of the gallery. */
	ids: readonly string[];
	move: (id: string) => void;
	close: () => void;
}

function Step({ label, sign, to, move }: { label: string; sign: string; to?: string; move: (id: string) => void }) {
	return (
		<button
			type="button"
			class="tool step"
			aria-label={label}
			title={label}
			disabled={!to}
			onClick={() => to && move(to)}
		>
			{sign}
		</button>
	);
}

export function Viewer({ id, ids, move, close }: Props) {
	const { videos } = useStudio();
	const video = videos.of(id).value;
	const at = ids.indexOf(id);
	const before = ids[at - 1];
	const after = ids[at + 1];

	// it was deleted, here or elsewhere
	useEffect(() => {
		if (!video) close();
	}, [video]);

	function onKey(e: KeyboardEvent) {
		const to = { PageUp: before, PageDown: after }[e.key];

		if (!to) return;
		e.preventDefault();
		move(to);
	}

	return (
		<Dialog title={video?.prompt || t("no_prompt_text")} class="viewer" bare onClose={close}>
			<div onKeyDown={onKey}>
				<div class="viewer-bar">
					<Step label={t("previous")} sign="‹" to={before} move={move} />
					<p>
						<bdi>{video?.prompt}</bdi>
					</p>
					<Step label={t("next")} sign="›" to={after} move={move} />
					<Tool icon="close" label={t("close")} onClick={close} />
				</div>
				<Card id={id} key={id} />
			</div>
		</Dialog>
	);
}
