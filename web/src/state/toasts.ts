/** Short messages at the edge of the page; said by screen readers as well. */

import { signal } from "@preact/signals";

export interface Toast {
	id: number;
	kind: "info" | "good" | "bad";
	text: string;
	/** To be quoted to the operator. */
	requestId?: string;
	action?: { label: string; run(): void };
	/** It has gone by itself, or was sent away; not when its action was run. */
	ended?: () => void;
}

const STAY_MS = 6000;
const BAD_MS = 12_000;
const MOST = 4;
let count = 0;

export const toasts = signal<readonly Toast[]>([]);

export function dismiss(id: number) {
	const gone = toasts.value.find((each) => each.id === id);

	toasts.value = toasts.value.filter((each) => each.id !== id);
	gone?.ended?.();
}

/** Its action was run. */
export function act(toast: Toast) {
	toasts.value = toasts.value.filter((each) => each.id !== toast.id);
	toast.action?.run();
}

export function say(toast: Omit<Toast, "id">, ms = toast.kind === "bad" ? BAD_MS : STAY_MS): number {
	const id = ++count;

	for (const old of toasts.value.slice(0, -(MOST - 1))) dismiss(old.id);
	toasts.value = [...toasts.value, { ...toast, id }];
	setTimeout(() => dismiss(id), ms);
	return id;
}
