/**
 * The one connection of this browser to its server. What is lost is begun again with growing
 * pauses, and `hello` says which jobs are held: they go on under their leases. Only where the token
 * is no good, or another connection has taken this worker's name, it stops for the human.
 */

import type { Gm } from "./gm";
import { socketUrl } from "./server";
import type { Transport } from "./transport/channel";
import { createChoice, type Bar, type ChoicePage } from "./transport/choice";
import { dial, type Ended, type Line } from "./transport/line";
import { createPicker } from "./transport/picker";
import { openPoll } from "./transport/poll";
import { openSocket } from "./transport/socket";
import { uploadOver } from "./transport/upload";
import {
	UploadRefused,
	type BridgeFrame,
	type BridgeFrameOf,
	type Connection,
	type HelloFrame,
	type Presence,
	type WelcomeFrame,
} from "./types";
import {
	abortError,
	growing,
	isAbort,
	sleep as realSleep,
	unlessAborted,
	type Sleep,
} from "./wait";

export type StopReason = "unauthorized" | "replaced";

export interface WireState {
	state: Connection["state"];
	transport: Transport | null;
	/** Why it is not a socket. */
	bar: Bar | null;
	/** Why it stopped, for a human. */
	stopped: StopReason | null;
	/** The last words of the server, or of the manager, about what failed. */
	words: string;
}

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
const HEARTBEAT_MS = 20_000;
/** An upload is opened again when the bridge counts otherwise than we do. */
const REOPEN = 5;

type AnyListener = (frame: BridgeFrame) => void;

export function createConnection(deps: WireDeps): Wire {
	const { request, page, server, token, worker, presence } = deps;
	const { now = Date.now, sleep = realSleep, random = Math.random } = deps;
	const Socket = page.WebSocket;
	const url = socketUrl(server);
	const choice = createChoice(page, url, now);
	const listeners = new Set<AnyListener>();
	const watchers = new Set<(state: WireState) => void>();
	const picker = createPicker({
		choice,
		sleep,
		socket() {
			try {
				return dial((events) => openSocket(Socket, url, events), receive);
			} catch {
				choice.threw();
				return null;
			}
		},
		poll: () =>
			dial(
				(events) =>
					openPoll({ request, server, token, sleep, random }, events),
				receive,
			),
		better(line) {
			if (current && state === "online") takeOver(line);
			else line.quit();
		},
	});
	let life: AbortController | null = null;
	let pause: AbortController | null = null;
	let current: Line | null = null;
	let takeOver: (line: Line) => void = () => undefined;
	let state: Connection["state"] = "offline";
	let stopped: StopReason | null = null;
	let words = "";
	let heartbeat = HEARTBEAT_MS;
	let heard = 0;
	let onlineSince = 0;
	let drain: number | null = null;

	const look = (): WireState => ({
		state,
		transport: state === "online" && current ? current.channel.transport : null,
		bar: choice.bar,
		stopped,
		words,
	});

	function become(next: Connection["state"]) {
		state = next;
		for (const fn of [...watchers]) fn(look());
	}

	function welcome(line: Line, frame: WelcomeFrame) {
		heartbeat = frame.heartbeat_ms || HEARTBEAT_MS;
		line.channel.limits(frame.limits);
		onlineSince = now();
		words = "";
		become("online");
	}

	function receive(line: Line, frame: BridgeFrame) {
		if (line !== current) return;
		heard = now();
		if (frame.type === "ping") line.channel.send({ type: "pong", t: frame.t });
		else if (frame.type === "welcome") welcome(line, frame);
		else if (frame.type === "drain") drain = frame.reconnect_ms;
		else if (frame.type === "bye")
			line.quit({
				end: frame.reason === "revoked" ? "unauthorized" : "replaced",
				words: "",
			});
		if (choice.due()) void picker.beside();
		for (const fn of [...listeners]) fn(frame);
	}

	async function watchSilence(line: Line) {
		while (!line.life.aborted) {
			await sleep(heartbeat, line.life);
			if (now() - heard > 2.5 * heartbeat) line.quit();
		}
	}

	/** From hello to the end; a better way takes over in between. */
	async function use(first: Line): Promise<Ended> {
		for (let line = first; ;) {
			const better = new Promise<Line>((resolve) => {
				takeOver = resolve;
			});

			current = line;
			heard = now();
			line.channel.send({ type: "hello", token, worker, ...presence() });
			watchSilence(line).catch(() => undefined);
			const next = await Promise.race([line.ended, better]);

			if ("end" in next) return next;
			become("connecting");
			line.quit();
			line = next;
		}
	}

	async function once(signal: AbortSignal): Promise<Ended> {
		become("connecting");
		const got = await picker.pick();

		if ("end" in got) return got;
		if (signal.aborted) {
			got.quit();
			throw abortError();
		}
		return use(got);
	}

	async function wait(n: number, signal: AbortSignal) {
		const ms = drain ?? growing(n, FIRST_MS, 2, MOST_MS, random);
		const end = new AbortController();

		drain = null;
		pause = end;
		signal.addEventListener("abort", () => end.abort(), { once: true });
		await sleep(ms, end.signal).catch(() => undefined);
		pause = null;
	}

	async function run(signal: AbortSignal) {
		for (let n = 0; !signal.aborted; n++) {
			onlineSince = 0;
			const ended = await once(signal);

			current = null;
			if (signal.aborted) return;
			words = ended.words;
			if (ended.end === "unauthorized" || ended.end === "replaced") {
				stopped = ended.end;
				life = null;
				return become("stopped");
			}
			if (onlineSince && now() - onlineSince > GOOD_MS) n = 0;
			become("offline");
			await wait(n, signal);
		}
	}

	/** The line, as soon as there is one that is welcome. */
	function usable(signal: AbortSignal): Promise<Line> {
		const found = new Promise<Line>((resolve) => {
			const check = () => {
				if (state !== "online" || !current || current.life.aborted) return;
				watchers.delete(check);
				resolve(current);
			};

			watchers.add(check);
			signal.addEventListener("abort", () => watchers.delete(check), {
				once: true,
			});
			check();
		});

		return unlessAborted(found, signal);
	}

	async function upload(
		...[ref, bytes, signal]: Parameters<Connection["upload"]>
	): Promise<void> {
		for (let reopened = 0; ;) {
			const line = await usable(signal);
			const both = new AbortController();
			const end = () => both.abort();

			signal.addEventListener("abort", end, { once: true });
			line.life.addEventListener("abort", end, { once: true });
			try {
				return await uploadOver(
					line.channel,
					onAny,
					ref,
					bytes,
					both.signal,
				);
			} catch (e) {
				if (isAbort(e) && !signal.aborted) continue;
				if (!(e instanceof UploadRefused) || e.code !== "bad_offset")
					throw e;
				if (++reopened > REOPEN) throw e;
			} finally {
				signal.removeEventListener("abort", end);
				line.life.removeEventListener("abort", end);
				both.abort();
			}
		}
	}

	function onAny(fn: AnyListener) {
		listeners.add(fn);
		return () => void listeners.delete(fn);
	}

	// a browser may take seconds to say that a socket which its page forbids has failed
	choice.onBlocked(picker.giveUp);
	choice.onFreed(() => {
		if (current?.channel.transport === "http") void picker.beside();
	});
	return {
		get state() {
			return state;
		},
		get transport() {
			return look().transport;
		},
		send(frame) {
			if (state === "online") current?.channel.send(frame);
		},
		upload,
		on: (type, fn) =>
			onAny((frame) => {
				if (frame.type === type) fn(frame as BridgeFrameOf<typeof type>);
			}),
		start() {
			if (life) return;
			life = new AbortController();
			stopped = null;
			run(life.signal).catch(() => undefined);
		},
		stop() {
			life?.abort();
			life = null;
			picker.giveUp();
			current?.quit();
			current = null;
			become("stopped");
		},
		nudge: () => pause?.abort(),
		look,
		onState(fn) {
			watchers.add(fn);
			return () => watchers.delete(fn);
		},
	};
}
