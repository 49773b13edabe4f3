/** Which models can be asked for, and what each can do. */

import { computed, type ReadonlySignal } from "@preact/signals";

import type { Client } from "../api/client";
import type { Model } from "../api/types";
import { isCalled } from "./fitting";
import { polled } from "./poll";

export interface Models {
	readonly all: ReadonlySignal<readonly Model[]>;
	readonly available: ReadonlySignal<readonly Model[]>;
	/** They were asked for at least once. */
	readonly loaded: ReadonlySignal<boolean>;
	find(id: string): Model | null;
	/** As people say it. */
	nameOf(id: string): string;
}

const EVERY_MS = 10_000;

export function createModels(client: Client, kept: readonly Model[], stop: AbortSignal): Models {
	const { all, loaded } = polled(client.models, EVERY_MS, stop, kept);
	const find = (id: string) => all.value.find((model) => isCalled(model, id)) ?? null;

	return {
		all,
		available: computed(() => all.value.filter((model) => model.available)),
		loaded,
		find,
		nameOf: (id) => find(id)?.name ?? id,
	};
}
