/** Which models can be asked for, and what each can do. */

import { computed, signal, type ReadonlySignal } from "@preact/signals";

import type { Client } from "../api/client";
import type { Model } from "../api/types";
import { poll, type Poll } from "./poll";

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
	const all = signal<readonly Model[]>(kept);
	const loaded = signal(false);
	let drawn = "";

	const asking: Poll = poll(
		async () => {
			const list = await client.models();
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
		available: computed(() => all.value.filter((model) => model.available)),
		loaded,
		find: (id) =>
			all.value.find((model) => model.id === id || model.aliases.includes(id)) ?? null,
		refresh: asking.now,
	};
}
