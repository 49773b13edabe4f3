/**
 * Images that a video starts from or ends with: looked at before they are sent, sent at once, and
 * sent again when the gateway has them no more.
 */

import { signal, type ReadonlySignal } from "@preact/signals";

import type { Client } from "../api/client";
import { ApiError, isAbort, wordsOf } from "../api/errors";
import { bytes } from "../i18n/times";
import { t } from "../i18n/index";
import { imageOf } from "./magic";

export type Role = "first" | "last";

export type Sent =
	| { at: "sending"; part: number }
	| { at: "ready"; id: string }
	| { at: "failed"; words: string }
	/** The gateway has it no more, and neither have we. */
	| { at: "gone" };

export interface Picture {
	readonly name: string;
	readonly sent: ReadonlySignal<Sent>;
	/** To be shown; "" while it is fetched. */
	readonly preview: ReadonlySignal<string>;
	/** The id of its file, once it is sent. Rejects when that fails. */
	ready(): Promise<string>;
	/** Sends it, or sends it again. */
	send(): void;
	/** Not wanted any more: stops sending. */
	drop(): void;
}

const IMAGE_BYTES = 10 * 1024 * 1024;
const IMAGE_SIDE = 8192;
/** A JPEG says its size behind what a camera wrote about it. */
const HEAD = 512 * 1024;

/** Why it cannot be used, in words; null: it can. */
export async function faultOf(file: Blob): Promise<string | null> {
	const head = new Uint8Array(await file.slice(0, HEAD).arrayBuffer());
	const image = imageOf(head);

	if (!image) return t("no_image");
	if (file.size > IMAGE_BYTES) return t("too_large", { size: bytes(file.size) });
	if (Math.max(image.width, image.height) > IMAGE_SIDE)
		return t("too_wide", { w: image.width, h: image.height, most: IMAGE_SIDE });
	return null;
}

type Sender = Pick<Client, "upload" | "file">;

function pictureWith(client: Sender, name: string, begin: Sent, blob: Blob | null): Picture {
	const sent = signal<Sent>(begin);
	const preview = signal(blob ? URL.createObjectURL(blob) : "");
	let stopper = new AbortController();
	let sending: Promise<string> | null = null;

	async function upload(file: Blob): Promise<string> {
		const { signal: stop } = (stopper = new AbortController());

		sent.value = { at: "sending", part: 0 };
		try {
			const part = (now: number) => (sent.value = { at: "sending", part: now });
			const { id } = await client.upload(file, name, part, stop);

			sent.value = { at: "ready", id };
			return id;
		} catch (e) {
			if (!isAbort(e)) sent.value = { at: "failed", words: wordsOf(e) };
			throw e;
		}
	}

	function send() {
		if (!blob) return;
		sending = upload(blob);
		sending.catch(() => undefined); // told by `sent`
	}

	async function fetchBlob(id: string) {
		try {
			blob = await client.file(id);
			preview.value = URL.createObjectURL(blob);
		} catch (e) {
			if (e instanceof ApiError && e.status === 404) sent.value = { at: "gone" };
		}
	}

	if (begin.at === "ready") void fetchBlob(begin.id);
	else send();
	return {
		name,
		sent,
		preview,
		send,
		async ready() {
			if (sent.value.at === "ready") return sent.value.id;
			if (!sending || sent.value.at === "failed") send();
			if (!sending) throw new Error(t("image_missing"));
			return sending;
		},
		drop() {
			stopper.abort();
			if (preview.peek()) URL.revokeObjectURL(preview.peek());
		},
	};
}

/** Of a file that faultOf() found nothing against. */
export const newPicture = (client: Sender, file: Blob, name: string): Picture =>
	pictureWith(client, name, { at: "sending", part: 0 }, file);

/** Of a file that the gateway was given before. */
export const keptPicture = (client: Sender, id: string, name: string): Picture =>
	pictureWith(client, name, { at: "ready", id }, null);
