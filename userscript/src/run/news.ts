/** What the bridge is told of this worker: what has changed, and all of it anew after a welcome. */

import type { Attention, Connection, LogLine, Model } from "../types";

/** How the worker stands now. */
export interface Standing {
	free: number;
	attention: Attention | null;
	paused: boolean;
	/** It rests until then; 0: it does not. */
	until: number;
	note: string;
}

export interface News {
	/** There is a connection that wants to know; nothing was told on it. */
	welcome(): void;
	standing(now: Standing): void;
	/** A job has come: it took one of the slots that were told. */
	took(): void;
	models(models: Model[]): void;
	log(line: LogLine): void;
}

export function createNews(connection: Pick<Connection, "send">): News {
	let welcomed = false;
	let free: number | null = null;
	let attention = "";
	let rest = "";

	function sayFree(n: number) {
		if (n === free) return;
		free = n;
		connection.send({ type: "ready", free: n });
	}

	function sayAttention(wanted: Attention | null) {
		const key = wanted ? `${wanted.reason} ${wanted.message}` : "";

		if (key === attention) return;
		attention = key;
		if (wanted) {
			const { reason, message, url } = wanted;

			connection.send({ type: "attention", reason, message, url });
		} else connection.send({ type: "attention_over" });
	}

	function sayRest({ paused, until, note }: Standing) {
		const key = `${paused} ${until} ${note}`;

		if (key === rest) return;
		rest = key;
		connection.send({ type: "state", paused, until_ms: until, note });
	}

	return {
		welcome() {
			welcomed = true;
			free = null;
			attention = rest = "";
		},
		standing(now) {
			if (!welcomed) return;
			// slots first: a job that is given back must not come here again
			sayFree(now.free);
			sayAttention(now.attention);
			sayRest(now);
		},
		took() {
			if (free) free--;
		},
		models(models) {
			if (welcomed) connection.send({ type: "models", models });
		},
		log({ level, message }) {
			if (welcomed)
				connection.send({
					type: "log",
					level,
					message: message.slice(0, 1000),
				});
		},
	};
}
