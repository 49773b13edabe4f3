/** What happened, in the last lines that people may read. */

import type { LogLine } from "../types";

export interface Journal {
	add(level: LogLine["level"], message: string): void;
	lines(): LogLine[];
}

const LINES = 100;

export function createJournal(now: () => number, added: (line: LogLine) => void): Journal {
	const lines: LogLine[] = [];

	return {
		add(level, message) {
			const line = { at: now(), level, message };

			lines.push(line);
			lines.splice(0, lines.length - LINES);
			added(line);
		},
		lines: () => [...lines],
	};
}
