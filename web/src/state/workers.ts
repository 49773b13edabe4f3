/** Who makes the videos, and who wants a human. */

import { computed, signal, type ReadonlySignal } from "@preact/signals";

import type { Client } from "../api/client";
import type { Worker } from "../api/types";
import { poll } from "./poll";

export interface Workers {
	readonly all: ReadonlySignal<readonly Worker[]>;
	readonly connected: ReadonlySignal<readonly Worker[]>;
	/** They wait for a human. */
	readonly wanting: ReadonlySignal<readonly Worker[]>;
	readonly loaded: ReadonlySignal<boolean>;
	remove(id: string): Promise<void>;
	refresh(): void;
}

const EVERY_MS = 3000;

export const wantsHuman = (worker: Worker): boolean =>
	worker.state === "attention" && worker.attention !== null;

export function createWorkers(client: Client, stop: AbortSignal): Workers {
	const all = signal<readonly Worker[]>([]);
	const loaded = signal(false);
	let drawn = "";

	const asking = poll(
		async () => {
			const list = await client.workers();
			const now = JSON.stringify(list);

			if (now !== drawn) all.value = list;
			drawn = now;
			loaded.value = true;
		},
		EVERY_MS,
		stop,
	);

	return {
		all,
		connected: computed(() => all.value.filter((worker) => worker.connected)),
		wanting: computed(() => all.value.filter(wantsHuman)),
		loaded,
		async remove(id) {
			await client.removeWorker(id);
			all.value = all.value.filter((worker) => worker.id !== id);
			asking.now();
		},
		refresh: asking.now,
	};
}
