/** How the connection stands, and the line that it uses; for whoever wants to know or wait. */

import type { Connection } from "../types";
import { unlessAborted } from "../wait";
import type { Transport } from "./channel";
import type { Bar } from "./choice";
import type { Line } from "./line";

export type StopReason = "unauthorized" | "replaced";

export interface WireState {
	state: Connection["state"];
	transport: Transport | null;
	/** Why it is not a socket. */
	bar: Bar | null;
	/** Why it stopped, for a human. */
	stopped: StopReason | null;
	/** The last words of the server, or of the manager, about what failed. */
	words: string;
}

export interface Status {
	readonly state: Connection["state"];
	line: Line | null;
	stopped: StopReason | null;
	words: string;
	become(next: Connection["state"]): void;
	look(): WireState;
	onState(fn: (state: WireState) => void): () => void;
	/** The line, as soon as there is one that is welcome. */
	usable(signal: AbortSignal): Promise<Line>;
}

export function createStatus(bar: () => Bar | null): Status {
	const watchers = new Set<(state: WireState) => void>();
	let state: Connection["state"] = "offline";

	const status: Status = {
		get state() {
			return state;
		},
		line: null,
		stopped: null,
		words: "",
		become(next) {
			state = next;
			for (const fn of [...watchers]) fn(status.look());
		},
		look: () => ({
			state,
			transport: (state === "online" && status.line?.channel.transport) || null,
			bar: bar(),
			stopped: status.stopped,
			words: status.words,
		}),
		onState(fn) {
			watchers.add(fn);
			return () => watchers.delete(fn);
		},
		usable(signal) {
			const found = new Promise<Line>((resolve) => {
				const check = () => {
					const { line } = status;

					if (state !== "online" || !line || line.life.aborted)
						return;
					watchers.delete(check);
					resolve(line);
				};
				const leave = () => watchers.delete(check);

				watchers.add(check);
				signal.addEventListener("abort", leave, { once: true });
				check();
			});

			return unlessAborted(found, signal);
		},
	};

	return status;
}
