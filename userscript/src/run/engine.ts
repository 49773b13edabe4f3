/**
 * Takes jobs from the bridge and has the site make them. Driven by what the bridge and the site
 * say; a timer only where time itself is what is waited for, for timers of hidden tabs are slow.
 */

import type { Site } from "../site/index";
import type { Settings, Store } from "../store";
import type {
	Connection,
	EngineState,
	JobInput,
	LogLine,
	PaceSettings,
	Presence,
} from "../types";
import { sleep as realSleep, type Sleep } from "../wait";
import { soundPace } from "./pace";
import type { Rest } from "./rest";
import { createWork, listen, stateOf, tellStanding } from "./work";
import { createWorker, login, type Hooks, type Worker } from "./worker";

export interface EngineDeps {
	site: Site;
	connection: Connection;
	store: Store;
	files: {
		/** An input of a job; its url is relative to the server. */
		input(input: JobInput, signal: AbortSignal): Promise<Blob>;
		/** A finished video, from wherever the site keeps it. Rejects unless it was all there. */
		download(url: string, signal: AbortSignal): Promise<Blob>;
	};
	tabUrl: () => string;
	/** The human has come to the tab. Returns the way out. */
	onReturn: (fn: () => void) => () => void;
	slots?: number;
	now?: () => number;
	sleep?: Sleep;
	random?: () => number;
}

export interface Engine {
	/** What `hello` says. */
	presence(): Presence;
	/** Looks at the site, and takes part from here on. The connection may be opened after it. */
	start(): Promise<void>;
	/** Another tab goes on: nothing is given back, nothing stopped on the site. */
	stop(): void;
	readonly state: EngineState;
	on(fn: (state: EngineState) => void): () => void;
	pause(paused: boolean): void;
	setPace(pace: PaceSettings): void;
	setDirect(direct: boolean): void;
	log(level: LogLine["level"], message: string): void;
}

/** For a first look at the site. */
const START_MS = 5000;
/** No timer is set for longer: what it waits for may have changed. */
const TIMER_MS = 60_000;

/** Calls tick when the worker's rest is over. */
function createAlarm(rest: Rest, now: () => number, tick: () => void) {
	let timer: ReturnType<typeof setTimeout> | undefined;

	return {
		set() {
			const until = rest.until();
			const ms = Math.min(Math.max(until - now(), 10), TIMER_MS);

			clearTimeout(timer);
			timer = until ? setTimeout(tick, ms) : undefined;
		},
		stop: () => clearTimeout(timer),
	};
}

/** A first look at the site: at who is logged in, and at the models. */
async function firstLook(w: Worker, tick: () => void, sleep: Sleep) {
	const ready = login(w).finally(() => {
		w.started = true;
		tick();
	});

	// a widget of the page may wait for a human: that is told over a connection
	await Promise.race([Promise.all([ready, w.offer.refresh()]), sleep(START_MS)]);
}

export function createEngine(deps: EngineDeps): Engine {
	const { store, now = Date.now, sleep = realSleep } = deps;
	const stopper = new AbortController();
	const listeners = new Set<(state: EngineState) => void>();
	const hooks: Hooks = { signal: stopper.signal, tick, show };
	/** The parts may speak while they are made. */
	let made = false;
	const w = createWorker(deps, hooks);
	const work = createWork(deps, w, hooks);
	const away = listen(deps, w, work, hooks);
	const alarm = createAlarm(w.rest, now, tick);

	made = true;

	function show() {
		if (!made) return;
		const shown = stateOf(w, work);

		for (const fn of listeners) fn(shown);
	}

	/** Says what has changed, and waits for what time alone will change. */
	function tick() {
		if (!made || stopper.signal.aborted) return;
		tellStanding(w, work);
		w.attention.tick();
		if (w.started) w.offer.tick();
		alarm.set();
		show();
	}

	function set(change: Partial<Settings>) {
		void store.put("settings", { ...w.settings(), ...change });
		tick();
	}

	return {
		presence: () => ({
			slots: w.slots,
			models: w.offer.announced(),
			jobs: w.records.held(),
		}),
		start: () => firstLook(w, tick, sleep),
		stop() {
			stopper.abort();
			work.running.endAll();
			for (const fn of away) fn();
			w.attention.stop();
			alarm.stop();
		},
		get state() {
			return stateOf(w, work);
		},
		on(fn) {
			listeners.add(fn);
			fn(stateOf(w, work));
			return () => listeners.delete(fn);
		},
		pause: (paused) => set({ paused }),
		setPace: (pace) => set({ pace: soundPace(pace) }),
		setDirect(direct) {
			set({ direct });
			w.offer.announce();
		},
		log: w.journal.add,
	};
}
