/** The bridge by WebSocket: text frames, and uploads in binary ones under the bridge's window. */

import type { AckFrame } from "../types";
import { unlessAborted } from "../wait";
import { frameOf, type Channel, type ChannelEvents, type End } from "./channel";

export const SUBPROTOCOL = "arena-worker.v1";

const HEAD = 12;

/** What the close codes of proto/WORKER.md mean here; any other: lost. */
const ends: Record<number, End> = { 1013: "busy", 4001: "unauthorized", 4003: "replaced" };

interface Flow {
	acked: number;
	moved: () => void;
}

const keyOf = (f: { job: string; upload: string }) => `${f.job} ${f.upload}`;

function framed(channel: number, offset: number, bytes: Uint8Array): Uint8Array {
	const frame = new Uint8Array(HEAD + bytes.length);
	const view = new DataView(frame.buffer);

	view.setUint32(0, channel);
	view.setBigUint64(4, BigInt(offset));
	frame.set(bytes, HEAD);
	return frame;
}

/** Throws what the constructor throws, when the page may not even try. */
export function openSocket(Socket: typeof WebSocket, url: string, events: ChannelEvents): Channel {
	const socket = new Socket(url, SUBPROTOCOL);
	const flows = new Map<string, Flow>();
	let window = 1 << 20;
	let chunk = (64 << 10) - HEAD;
	let over = false;

	function ack(frame: AckFrame) {
		const flow = flows.get(keyOf(frame));

		if (!flow) return;
		flow.acked = Math.max(flow.acked, frame.offset);
		flow.moved();
	}

	socket.binaryType = "arraybuffer";
	socket.onopen = () => {
		if (!over) events.opened();
	};
	socket.onmessage = ({ data }: MessageEvent<unknown>) => {
		const frame = typeof data === "string" && !over ? frameOf(data) : null;

		if (!frame) return;
		if (frame.type === "ack") ack(frame);
		events.frame(frame);
	};
	socket.onclose = ({ code, reason }) => {
		if (over) return;
		over = true;
		events.ended(ends[code] ?? "lost", reason);
	};

	return {
		transport: "websocket",
		send(frame) {
			if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
		},
		async write(go, bytes, signal) {
			const flow: Flow = { acked: go.offset, moved: () => undefined };

			flows.set(keyOf(go), flow);
			try {
				for (let at = go.offset; at < bytes.size;) {
					const end = Math.min(at + chunk, bytes.size);

					while (end - flow.acked > window) {
						const moved = new Promise<void>((resolve) => {
							flow.moved = resolve;
						});

						await unlessAborted(moved, signal);
					}
					const part = await bytes.slice(at, end).arrayBuffer();

					signal.throwIfAborted();
					socket.send(framed(go.channel, at, new Uint8Array(part)));
					at = end;
				}
			} finally {
				flows.delete(keyOf(go));
			}
		},
		limits(limits) {
			window = limits.window;
			chunk = limits.frame - HEAD;
		},
		close() {
			over = true;
			socket.close(1000);
		},
	};
}
