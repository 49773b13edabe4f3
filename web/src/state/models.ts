/** Which models can be asked for, and what each can do. */

import { computed, type ReadonlySignal } from "@preact/signals";

import type { Client } from "../api/client";
import type { Model } from "../api/types";
import { polled } from "./poll";

export interface Models {
	readonly all: ReadonlySignal<readonly Model[]>;
	readonly available: ReadonlySignal<readonly Model[]>;
	/** They were asked for at least once. */
	readonly loaded: ReadonlySignal<boolean>;
	find(id: string): Model | null;
	refresh(): void;
}

const EVERY_MS = 10_000;

export function createModels(client: Client, kept: readonly Model[], stop: AbortSignal): Models {
	const { all, loaded, refresh } = polled(client.models, EVERY_MS, stop, kept);

	return {
		all,
		available: computed(() => all.value.filter((model) => model.available)),
		loaded,
		find: (id) =>
			all.value.find((model) => model.id === id || model.aliases.includes(id)) ?? null,
		refresh,
	};
}
