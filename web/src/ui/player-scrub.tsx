/** Frames of a video under the pointer, before it is played: from its sheet of frames. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import type { Output } from "../api/types";
import { placeOf, sheetOf, type Sheet } from "../media/sprite";
import { here } from "../state/links";

/** The sheet is asked for when a pointer comes, and decoded before it is shown. */
async function load(output: Output, link: string): Promise<Sheet> {
	const image = new Image();
	const { width, height, seconds, fps } = output;

	image.src = link;
	await image.decode();
	return sheetOf(
		{ width: image.naturalWidth, height: image.naturalHeight },
		{
			width: width ?? 16,
			height: height ?? 9,
			frames: seconds && fps ? Math.round(seconds * fps) : null,
		},
	);
}

export function Scrub({ output }: { output: Output }) {
	const part = useSignal<number | null>(null);
	const sheet = useSignal<Sheet | null>(null);
	const asked = useRef(false);
	const link = output.spritesheet_url && here(output.spritesheet_url);

	if (!link) return null;
	function move(e: PointerEvent) {
		const box = (e.currentTarget as HTMLElement).getBoundingClientRect();

		if (e.pointerType === "touch") return; // a finger wants to play, or to scroll
		part.value = Math.min(1, Math.max(0, (e.clientX - box.left) / box.width));
		if (asked.current) return;
		asked.current = true;
		// without it the poster stays
		load(output, link!).then((found) => (sheet.value = found), () => undefined);
	}
	const shown = sheet.value !== null && part.value !== null;

	return (
		<div
			class="scrub"
			data-shown={shown}
			onPointerMove={move}
			onPointerLeave={() => (part.value = null)}
		>
			{shown && (
				<>
					<div
						class="scrub-tile"
						style={{
							backgroundImage: `url("${link}")`,
							...placeOf(sheet.value!, part.value!),
						}}
					/>
					<div class="needle" style={{ transform: `scaleX(${part.value})` }} />
				</>
			)}
		</div>
	);
}
