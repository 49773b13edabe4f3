/** One video, large, above the gallery; the arrows go to its neighbours. */

import { useEffect, useRef } from "preact/hooks";

import { t } from "../i18n/index";
import { Card } from "./card";
import { Icon } from "./icon";
import { useStudio } from "./studio";

interface Props {
	id: string;
	/** In the order of the gallery. */
	ids: readonly string[];
	move: (id: string) => void;
	close: () => void;
}

export function Viewer({ id, ids, move, close }: Props) {
	const { videos } = useStudio();
	const dialog = useRef<HTMLDialogElement>(null);
	const video = videos.of(id).value;
	const at = ids.indexOf(id);
	const before = ids[at - 1];
	const after = ids[at + 1];

	useEffect(() => {
		dialog.current!.showModal();
	}, []);
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
		<dialog
			ref={dialog}
			class="viewer"
			aria-label={video?.prompt ?? t("videos")}
			onClose={close}
			onKeyDown={onKey}
			onClick={(e) => e.target === dialog.current && close()}
		>
			<div class="viewer-bar">
				<button
					type="button"
					class="tool"
					aria-label={t("previous")}
					title={`${t("previous")} (PageUp)`}
					disabled={!before}
					onClick={() => before && move(before)}
				>
					‹
				</button>
				<p>
					<bdi>{video?.prompt}</bdi>
				</p>
				<button
					type="button"
					class="tool"
					aria-label={t("next")}
					title={`${t("next")} (PageDown)`}
					disabled={!after}
					onClick={() => after && move(after)}
				>
					›
				</button>
				<button
					type="button"
					class="tool"
					aria-label={t("close")}
					onClick={() => dialog.current?.close()}
				>
					<Icon name="close" />
				</button>
			</div>
			<Card id={id} key={id} />
		</dialog>
	);
}
