/** Who makes the videos, and who wants a human. */

import { computed, type ReadonlySignal } from "@preact/signals";

import type { Client } from "../api/client";
import type { Worker } from "../api/types";
import { polled } from "./poll";

export interface Workers {
	readonly all: ReadonlySignal<readonly Worker[]>;
	readonly connected: ReadonlySignal<readonly Worker[]>;
	/** They wait for a human. */
	readonly wanting: ReadonlySignal<readonly Worker[]>;
	readonly loaded: ReadonlySignal<boolean>;
	remove(id: string): Promise<void>;
}

const EVERY_MS = 3000;

export const wantsHuman = (worker: Worker): boolean =>
	worker.state === "attention" && worker.attention !== null;

export function createWorkers(client: Client, stop: AbortSignal): Workers {
	const { all, loaded, refresh } = polled(client.workers, EVERY_MS, stop);

	return {
		all,
		connected: computed(() => all.value.filter((worker) => worker.connected)),
		wanting: computed(() => all.value.filter(wantsHuman)),
		loaded,
		async remove(id) {
			await client.removeWorker(id);
			all.value = all.value.filter((worker) => worker.id !== id);
			refresh();
		},
	};
}
