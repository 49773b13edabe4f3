/** One upload over one channel, as proto/WORKER.md has it under "Files". */

import { UploadRefused, type BridgeFrame, type JobRef } from "../types";
import { unlessAborted } from "../wait";
import type { Channel } from "./channel";

export type Listen = (fn: (frame: BridgeFrame) => void) => () => void;

/** The frames about one upload, in order. */
function inbox(listen: Listen, ref: JobRef & { upload: string }) {
	const frames: BridgeFrame[] = [];
	let wake = () => undefined as void;
	const away = listen((frame) => {
		if (!("upload" in frame) || frame.upload !== ref.upload) return;
		if (frame.job !== undefined && frame.job !== ref.job) return;
		frames.push(frame);
		wake();
	});

	/** The next of that type; a refusal is thrown. */
	async function next<T extends "upload_go" | "uploaded">(type: T, signal: AbortSignal) {
		for (;;) {
			for (let frame = frames.shift(); frame; frame = frames.shift()) {
				if (frame.type === "refused")
					throw new UploadRefused(frame.code, frame.message ?? "");
				if (frame.type === type)
					return frame as Extract<BridgeFrame, { type: T }>;
			}
			const news = new Promise<void>((resolve) => {
				wake = resolve;
			});

			await unlessAborted(news, signal);
		}
	}
	return { next, away };
}

/** Rejects with UploadRefused, or AbortError when the signal says so. */
export async function uploadOver(
	channel: Channel,
	listen: Listen,
	ref: JobRef & { upload: string },
	bytes: Blob,
	signal: AbortSignal,
): Promise<void> {
	const { job, lease, upload } = ref;
	const box = inbox(listen, ref);

	try {
		const mime = bytes.type || "video/mp4";

		channel.send({ type: "upload", upload, job, lease, size: bytes.size, mime });
		const go = await box.next("upload_go", signal);
		const uploaded = box.next("uploaded", signal);

		// a refusal in the middle ends the writing; nothing else comes before the end
		uploaded.catch(() => undefined);
		await Promise.race([
			unlessAborted(channel.write(go, bytes, signal), signal),
			uploaded,
		]);
		channel.send({ type: "upload_end", upload, job, size: bytes.size });
		await uploaded;
	} finally {
		box.away();
	}
}
