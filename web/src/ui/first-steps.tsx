/**
 * When the way to a worker is shown: as a panel while none is connected, and as a dialog when one more
 * is wanted. Both end by themselves when the worker comes.
 */

import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import type { Worker } from "../api/types";
import { t } from "../i18n/index";
import { say } from "../state/toasts";
import { later } from "./later";
import { useStudio } from "./studio";

const Panel = later(async () => (await import("./pairing")).FirstStepsPanel, true);
const Dialog = later(async () => (await import("./pairing")).PairingDialog, true);

/** The dialog is shown. */
export const pairingOpen = signal(false);

/** A worker's own id may be new with each page of a browser; its key stays. */
const keyOf = (worker: Worker) => worker.key_id ?? worker.id;

/** Says who has come since `open` became true. */
function useFresh(open: boolean) {
	const { connected } = useStudio().workers;
	const before = useSignal<Set<string> | null>(null);

	useEffect(() => {
		const known = before.peek();
		const fresh = known && connected.value.find((worker) => !known.has(keyOf(worker)));

		if (!fresh) return;
		before.value = new Set(connected.peek().map(keyOf));
		pairingOpen.value = false;
		say({ kind: "good", text: t("pair_come", { name: fresh.name }) });
	}, [connected.value]);
	useEffect(() => {
		before.value = open ? new Set(connected.peek().map(keyOf)) : null;
	}, [open]);
}

export function Pairing() {
	const { connected, loaded } = useStudio().workers;
	const none = loaded.value && connected.value.length === 0;

	useFresh(pairingOpen.value || none);
	return pairingOpen.value ? <Dialog /> : null;
}

/** Not for who has no worker of their own, where others make the videos. */
export function FirstSteps() {
	const { models, workers } = useStudio();
	const none = workers.loaded.value && models.loaded.value && workers.connected.value.length === 0;

	return none && models.available.value.length === 0 ? <Panel /> : null;
}
