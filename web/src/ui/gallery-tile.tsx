/** One video in the grid: its poster, its frames under the pointer, and where it is. */

import type { Output } from "../api/types";
import { t } from "../i18n/index";
import { here } from "../state/links";
import { isOver } from "../state/videos";
import { Icon } from "./icon";
import { Scrub } from "./player-scrub";
import { useStudio } from "./studio";

interface Props {
	id: string;
	index: number;
	tabbable: boolean;
	/** null: nothing is being selected. */
	selected: boolean | null;
	box: { x: number; y: number; size: number };
	pick: () => void;
}

/** Its frames, in its own shape, as large as covers the tile. */
function Frames({ output }: { output: Output }) {
	const { width, height } = output;
	const shape = width && height ? width / height : 16 / 9;

	return (
		<div class="tile-frames" data-wide={shape > 1} style={{ aspectRatio: String(shape) }}>
			<Scrub output={output} />
		</div>
	);
}

export function Tile({ id, index, tabbable, selected, box, pick }: Props) {
	const { favourites, videos } = useStudio();
	const video = videos.of(id).value;

	if (!video) return null;
	const { status, progress, prompt, thumbnail_url: poster } = video;
	const output = video.outputs[0];
	const words = prompt || t("no_prompt_text");

	return (
		<div
			class="tile"
			role="listitem"
			data-status={status}
			data-id={id}
			style={{
				width: `${box.size}px`,
				height: `${box.size}px`,
				transform: `translate(${box.x}px, ${box.y}px)`,
			}}
		>
			<button
				type="button"
				data-index={index}
				tabIndex={tabbable ? 0 : -1}
				aria-pressed={selected ?? undefined}
				onClick={pick}
			>
				{poster ? (
					<img src={here(poster)} alt="" loading="lazy" decoding="async" />
				) : (
					<span class="tile-state">
						{progress > 0 && !isOver(video) ? `${t(status)} · ${progress} %` : t(status)}
					</span>
				)}
				{output && <Frames output={output} />}
				<span class="tile-words">
					<bdi>{words}</bdi>
				</span>
				{favourites.has(id) && (
					<span class="tile-mark">
						<Icon name="heart" />
					</span>
				)}
			</button>
		</div>
	);
}
