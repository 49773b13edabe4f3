/**
 * The one connection of this browser to its server. What is lost is begun again with growing
 * pauses, and `hello` says which jobs are held: they go on under their leases. Only where the token
 * is no good, or another connection has taken this worker's name, it stops for the human.
 */

import type { Gm } from "./gm";
import { socketUrl } from "./server";
import { uploadAcross } from "./transport/across";
import { createChoice, type ChoicePage } from "./transport/choice";
import { dial, type Ended } from "./transport/line";
import { createPicker, type Picker } from "./transport/picker";
import { openPoll } from "./transport/poll";
import { openSocket } from "./transport/socket";
import { createStatus, type Status, type WireState } from "./transport/status";
import { createTalk, type Talk } from "./transport/talk";
import type { BridgeFrame, BridgeFrameOf, Connection, HelloFrame, Presence } from "./types";
import { growing, sleep as realSleep, type Sleep } from "./wait";

export type { StopReason, WireState } from "./transport/status";

export interface Wire extends Connection {
	start(): void;
	/** Ends it; start() begins again. */
	stop(): void;
	/** Do not wait any longer for the next try. */
	nudge(): void;
	look(): WireState;
	onState(fn: (state: WireState) => void): () => void;
}

export interface WireDeps {
	request: Gm["request"];
	page: ChoicePage & { WebSocket: typeof WebSocket };
	server: string;
	token: string;
	worker: HelloFrame["worker"];
	/** Asked for at every connection. */
	presence: () => Presence;
	now?: () => number;
	sleep?: Sleep;
	random?: () => number;
}

const FIRST_MS = 500;
const MOST_MS = 30_000;
/** A connection that held for so long was a good one. */
const GOOD_MS = 5000;

type AnyListener = (frame: BridgeFrame) => void;

/** The pause before a next try; a nudge ends it. */
function createPause(sleep: Sleep, random: () => number) {
	let pause: AbortController | null = null;

	return {
		/** As the bridge has asked for the next one; null: as it seems good to us. */
		wanted: null as number | null,
		async wait(n: number, signal: AbortSignal) {
			const ms = this.wanted ?? growing(n, FIRST_MS, 2, MOST_MS, random);
			const end = new AbortController();

			this.wanted = null;
			pause = end;
			signal.addEventListener("abort", () => end.abort(), { once: true });
			await sleep(ms, end.signal).catch(() => undefined);
			pause = null;
		},
		nudge: () => pause?.abort(),
	};
}

interface Parts {
	status: Status;
	picker: Picker;
	talk: Talk;
	pause: ReturnType<typeof createPause>;
	now: () => number;
}

async function once({ status, picker, talk }: Parts, signal: AbortSignal): Promise<Ended> {
	status.become("connecting");
	const got = await picker.pick();

	if ("end" in got) return got;
	if (!signal.aborted) return talk.use(got);
	got.quit();
	return got.ended;
}

/** Connects again and again, until it is stopped, or until a human is wanted: why. */
async function keepOn(parts: Parts, signal: AbortSignal) {
	const { status, talk, pause, now } = parts;

	for (let n = 0; !signal.aborted; n++) {
		talk.since = 0;
		const ended = await once(parts, signal).catch((e: unknown): Ended => {
			// a fault of ours is told, and tried again like a connection that was lost
			status.line?.quit();
			return { end: "lost", words: String(e) };
		});

		status.line = null;
		if (signal.aborted) return null;
		status.words = ended.words;
		if (ended.end === "unauthorized" || ended.end === "replaced") return ended.end;
		if (talk.since && now() - talk.since > GOOD_MS) n = 0;
		status.become("offline");
		await pause.wait(n, signal);
	}
	return null;
}

/** The ways to the server, and who uses them. */
function createParts(deps: WireDeps, listeners: Set<AnyListener>): Parts {
	const { request, page, server, token, worker, presence } = deps;
	const { now = Date.now, sleep = realSleep, random = Math.random } = deps;
	const url = socketUrl(server);
	const choice = createChoice(page, url, now);
	const status = createStatus(() => choice.bar);
	const pause = createPause(sleep, random);
	const talk = createTalk({
		status,
		hello: () => ({ type: "hello", token, worker, ...presence() }),
		heard(frame) {
			if (frame.type === "drain") pause.wanted = frame.reconnect_ms;
			if (choice.due()) void picker.beside();
			for (const fn of [...listeners]) fn(frame);
		},
		now,
		sleep,
	});
	const picker = createPicker({
		choice,
		sleep,
		socket() {
			try {
				const open = openSocket.bind(null, page.WebSocket, url);

				return dial(open, talk.receive);
			} catch {
				choice.threw();
				return null;
			}
		},
		poll() {
			const over = { request, server, token, sleep, random };

			return dial((events) => openPoll(over, events), talk.receive);
		},
		better: talk.better,
	});

	// a browser may take seconds to say that a socket which its page forbids has failed
	choice.onBlocked(picker.giveUp);
	choice.onFreed(() => {
		if (status.line?.channel.transport === "http") void picker.beside();
	});
	return { status, picker, talk, pause, now };
}

export function createConnection(deps: WireDeps): Wire {
	const listeners = new Set<AnyListener>();
	const parts = createParts(deps, listeners);
	const { status, picker, pause } = parts;
	let life: AbortController | null = null;

	function onAny(fn: AnyListener) {
		listeners.add(fn);
		return () => void listeners.delete(fn);
	}

	async function run(signal: AbortSignal) {
		const why = await keepOn(parts, signal);

		if (!why || signal.aborted) return;
		status.stopped = why;
		life = null;
		status.become("stopped");
	}

	return {
		get state() {
			return status.state;
		},
		get transport() {
			return status.look().transport;
		},
		send(frame) {
			if (status.state === "online") status.line?.channel.send(frame);
		},
		upload: uploadAcross(status.usable, onAny),
		on: (type, fn) =>
			onAny((frame) => {
				if (frame.type === type) fn(frame as BridgeFrameOf<typeof type>);
			}),
		start() {
			if (life) return;
			life = new AbortController();
			status.stopped = null;
			void run(life.signal);
		},
		stop() {
			life?.abort();
			life = null;
			picker.giveUp();
			status.line?.quit();
			status.line = null;
			status.become("stopped");
		},
		nudge: pause.nudge,
		look: status.look,
		onState: status.onState,
	};
}
