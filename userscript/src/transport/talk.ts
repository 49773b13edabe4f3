/** What is said over a line, from hello to its end; a better line takes over in between. */

import type { BridgeFrame, HelloFrame, WelcomeFrame } from "../types";
import type { Sleep } from "../wait";
import type { Ended, Line } from "./line";
import type { Status } from "./status";

export interface TalkDeps {
	status: Status;
	hello: () => HelloFrame;
	/** A frame of the line that is in use. */
	heard: (frame: BridgeFrame) => void;
	now: () => number;
	sleep: Sleep;
}

export interface Talk {
	/** A frame of any line. */
	receive(line: Line, frame: BridgeFrame): void;
	/** Uses this line, or a better one. */
	use(line: Line): Promise<Ended>;
	better(line: Line): void;
	/** Since when it has been welcome; 0: it was not yet. */
	since: number;
}

const HEARTBEAT_MS = 20_000;

export function createTalk({ status, hello, heard, now, sleep }: TalkDeps): Talk {
	let takeOver: (line: Line) => void = () => undefined;
	let heartbeat = HEARTBEAT_MS;
	let heardAt = 0;

	function welcome(line: Line, frame: WelcomeFrame) {
		heartbeat = frame.heartbeat_ms || HEARTBEAT_MS;
		line.channel.limits(frame.limits);
		talk.since = now();
		status.words = "";
		status.become("online");
	}

	async function watchSilence(line: Line) {
		while (!line.life.aborted) {
			await sleep(heartbeat, line.life);
			if (now() - heardAt > 2.5 * heartbeat) line.quit();
		}
	}

	const talk: Talk = {
		since: 0,
		receive(line, frame) {
			if (line !== status.line) return;
			heardAt = now();
			if (frame.type === "ping") line.channel.send({ type: "pong", t: frame.t });
			else if (frame.type === "welcome") welcome(line, frame);
			else if (frame.type === "bye")
				line.quit({
					end: frame.reason === "revoked" ? "unauthorized" : "replaced",
					words: "",
				});
			heard(frame);
		},
		async use(first) {
			for (let line = first; ;) {
				const better = new Promise<Line>((resolve) => {
					takeOver = resolve;
				});

				status.line = line;
				heardAt = now();
				line.channel.send(hello());
				watchSilence(line).catch(() => undefined);
				const next = await Promise.race([line.ended, better]);

				if ("end" in next) return next;
				status.become("connecting");
				line.quit();
				line = next;
			}
		},
		better(line) {
			if (status.line && status.state === "online") takeOver(line);
			else line.quit();
		},
	};

	return talk;
}
