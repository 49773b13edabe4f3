/** A channel that is being opened or is open, with promises of what becomes of it. */

import type { BridgeFrame } from "../types";
import type { Channel, End, OpenChannel } from "./channel";

export interface Ended {
	end: End;
	words: string;
}

export interface Line {
	readonly channel: Channel;
	/** false: it ended before. */
	readonly opened: Promise<boolean>;
	readonly ended: Promise<Ended>;
	/** Aborted when it has ended. */
	readonly life: AbortSignal;
	/** Ends it from here. */
	quit(ended?: Ended): void;
}

/** Throws what `open` throws. */
export function dial(open: OpenChannel, receive: (line: Line, frame: BridgeFrame) => void): Line {
	const life = new AbortController();
	let tellOpened: (is: boolean) => void = () => undefined;
	let tellEnded: (ended: Ended) => void = () => undefined;
	const opened = new Promise<boolean>((resolve) => {
		tellOpened = resolve;
	});
	const ended = new Promise<Ended>((resolve) => {
		tellEnded = resolve;
	});

	function over(what: Ended) {
		tellOpened(false);
		tellEnded(what);
		life.abort();
	}
	const channel = open({
		opened: () => tellOpened(true),
		frame: (frame) => receive(line, frame),
		ended: (end, words) => over({ end, words }),
	});
	const line: Line = {
		channel,
		opened,
		ended,
		life: life.signal,
		quit(what = { end: "lost", words: "" }) {
			channel.close();
			over(what);
		},
	};

	return line;
}
