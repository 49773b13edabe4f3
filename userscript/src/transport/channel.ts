/** One open way to the bridge, by a socket or by requests: the same frames in order, both ways. */

import { fields, parse } from "../json";
import type { BridgeFrame, UploadGoFrame, WorkerFrame } from "../types";

export type Transport = "websocket" | "http";

/**
 * lost: try again. unauthorized: the token is not good (any more). replaced: another connection has
 * this worker's id. busy: the server wants us later.
 */
export type End = "lost" | "unauthorized" | "replaced" | "busy";

export interface ChannelEvents {
	/** `hello` may be said. */
	opened(): void;
	frame(frame: BridgeFrame): void;
	/** Once, and nothing after it; not after close(). `words`: of the server, or "". */
	ended(end: End, words: string): void;
}

export interface Channel {
	readonly transport: Transport;
	send(frame: WorkerFrame): void;
	/**
	 * The bytes from `go.offset` to the end. Resolves when all are on their way; rejects with
	 * UploadRefused, or AbortError. Never settles when the channel ends: the signal says so.
	 */
	write(go: UploadGoFrame, bytes: Blob, signal: AbortSignal): Promise<void>;
	/** Bytes that may be unacknowledged, and of a frame: as `welcome` says. */
	limits(limits: { window: number; frame: number }): void;
	close(): void;
}

export type OpenChannel = (events: ChannelEvents) => Channel;

/** null: nothing that can be a frame. */
export function frameOf(text: string): BridgeFrame | null {
	const value = parse(text);

	return isFrame(value) ? value : null;
}

/** Unknown types are ignored by who listens for known ones. */
export function isFrame(value: unknown): value is BridgeFrame {
	return typeof fields(value)?.type === "string";
}
