/**
 * Which way is taken: a socket that opens soon, else requests. A socket that is still waiting (for
 * the human's answer to the browser's question, say) goes on beside, and takes over when it opens.
 */

import type { Sleep } from "../wait";
import type { Choice } from "./choice";
import type { Ended, Line } from "./line";

const PATIENCE_MS = 3000;

export interface PickerDeps {
	choice: Choice;
	/** null: it may not even be tried. */
	socket: () => Line | null;
	poll: () => Line;
	sleep: Sleep;
	/** A socket has opened beside what was picked. */
	better: (line: Line) => void;
}

export interface Picker {
	pick(): Promise<Line | Ended>;
	/** Try a socket beside, when it is time to and none is being tried. */
	beside(): Promise<void>;
	/** Ends a socket that is not open yet. */
	giveUp(): void;
}

export function createPicker(deps: PickerDeps): Picker {
	const { choice, socket, poll, sleep, better } = deps;
	let trying: Line | null = null;
	/** Something took it already. */
	let picked: Line | null = null;

	function attempt(): Line | null {
		const line = socket();

		trying = line;
		void line?.opened.then((open) => {
			if (trying === line) trying = null;
			if (open) choice.opened();
		});
		return line;
	}

	function watch(line: Line) {
		void line.opened.then((open) => {
			if (!open) choice.refused();
			else if (picked !== line) better(line);
		});
	}

	async function soon(line: Line): Promise<boolean | null> {
		const patience = new AbortController();
		const late = sleep(PATIENCE_MS, patience.signal).then(
			() => null,
			() => null,
		);
		const open = await Promise.race([line.opened, late]);

		patience.abort();
		return open;
	}

	return {
		async pick() {
			const line = trying ?? ((await choice.may()) ? attempt() : null);
			const open = line ? await soon(line) : false;

			if (line && open) return (picked = line);
			const other = poll();

			if (await other.opened) {
				if (line) watch(line);
				return (picked = other);
			}
			const ended = await other.ended;

			// the manager does not get there: perhaps the human lets the socket
			if (line && ended.end === "lost" && (await line.opened))
				return (picked = line);
			line?.quit();
			return ended;
		},
		async beside() {
			if (trying || !(await choice.may()) || trying) return;
			const line = attempt();

			if (line) watch(line);
		},
		giveUp() {
			trying?.quit();
		},
	};
}
