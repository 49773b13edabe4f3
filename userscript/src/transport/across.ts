/** An upload over as many lines as it takes: a connection may be lost in the middle of one. */

import { UploadRefused, type BridgeFrame, type Connection } from "../types";
import { isAbort } from "../wait";
import type { Line } from "./line";
import { uploadOver } from "./upload";

/** It is opened again when the bridge counts otherwise than we do. */
const REOPEN = 5;

type OnAny = (fn: (frame: BridgeFrame) => void) => () => void;

/** One try; what ends the line ends it, too. */
async function uploadOnce(
	line: Line,
	onAny: OnAny,
	...[ref, bytes, signal]: Parameters<Connection["upload"]>
): Promise<void> {
	const both = new AbortController();
	const end = () => both.abort();

	signal.addEventListener("abort", end, { once: true });
	line.life.addEventListener("abort", end, { once: true });
	try {
		await uploadOver(line.channel, onAny, ref, bytes, both.signal);
	} finally {
		signal.removeEventListener("abort", end);
		line.life.removeEventListener("abort", end);
		both.abort();
	}
}

export function uploadAcross(
	usable: (signal: AbortSignal) => Promise<Line>,
	onAny: OnAny,
): Connection["upload"] {
	return async (ref, bytes, signal) => {
		for (let reopened = 0; ;) {
			try {
				const line = await usable(signal);

				return await uploadOnce(line, onAny, ref, bytes, signal);
			} catch (e) {
				if (isAbort(e) && !signal.aborted) continue;
				if (!(e instanceof UploadRefused) || e.code !== "bad_offset")
					throw e;
				if (++reopened > REOPEN) throw e;
			}
		}
	};
}
