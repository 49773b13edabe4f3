/** Images that were sent, to be shown: asked for once with the key, then kept as an address of this page. */

import { signal, type ReadonlySignal } from "@preact/signals";

import type { Client } from "../api/client";

/** "": on its way; null: it is not there, or cannot be had now. */
type FileLink = string | null;

const MOST = 200;
const shelves = new WeakMap<Client, Map<string, ReadonlySignal<FileLink>>>();

function fetchOnto(client: Client, id: string): ReadonlySignal<FileLink> {
	const link = signal<FileLink>("");

	client.file(id).then(
		(blob) => (link.value = URL.createObjectURL(blob)),
		() => (link.value = null),
	);
	return link;
}

export function fileLink(client: Client, id: string): ReadonlySignal<FileLink> {
	let shelf = shelves.get(client);

	if (!shelf) shelves.set(client, (shelf = new Map()));
	const kept = shelf.get(id);

	// what could not be had is asked for again when it is shown again
	if (kept && kept.peek() !== null) return kept;
	const link = fetchOnto(client, id);

	shelf.delete(id);
	shelf.set(id, link);
	for (const [oldest, old] of shelf) {
		if (shelf.size <= MOST) break;
		if (old.peek()) URL.revokeObjectURL(old.peek()!);
		shelf.delete(oldest);
	}
	return link;
}
