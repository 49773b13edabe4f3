/** How the reader likes to watch; kept on this device. */

import { signal } from "@preact/signals";

import { read, write } from "../state/storage";

export const muted = signal(read("muted") === "1");
export const loop = signal(read("loop") !== "0");

export function setMuted(value: boolean) {
	muted.value = value;
	write("muted", value ? "1" : "0");
}

export function setLoop(value: boolean) {
	loop.value = value;
	write("loop", value ? "1" : "0");
}
