/**
 * Takes jobs from the bridge and has the site make them. Driven by what the bridge and the site
 * say; a timer only where time itself is what is waited for, for timers of hidden tabs are slow.
 */

import { SiteError, type Site, type SiteModel } from "../site/index";
import type { JobRecord, Settings, Store } from "../store";
import type {
	CancelFrame,
	Connection,
	EngineState,
	FailedFrame,
	JobFrame,
	JobInput,
	LogLine,
	PaceSettings,
	Presence,
	ReleaseFrame,
	ResultFrame,
	WelcomeFrame,
} from "../types";
import { abortError, isAbort, sleep as realSleep, type Sleep } from "../wait";
import { createAttention, wordsFor } from "./attention";
import { createDoor } from "./door";
import { fateOf } from "./failures";
import { createHand, type Answer } from "./hand";
import { createJob } from "./job";
import { mapModels } from "./models";
import { GENTLE, soundPace } from "./pace";
import { createRecords } from "./records";
import { createRest } from "./rest";
import { createVotes } from "./votes";

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

const CATALOGUE_MS = 10 * 60_000;
const LOG_LINES = 100;
const PROGRESS_MS = 500;
/** For a first look at the site. */
const START_MS = 5000;
/** No timer is set for longer: what it waits for may have changed. */
const TIMER_MS = 60_000;
const CANCEL_ON_SITE = new Set(["cancelled", "deleted", "expired"]);

interface Running {
	record: JobRecord;
	stopper: AbortController;
	stage: string;
	saidAt: number;
	said: string;
	/** What the bridge has not answered yet. */
	telling: {
		frame: ResultFrame | FailedFrame | ReleaseFrame;
		resolve(answer: Answer): void;
	} | null;
}

export function createEngine(deps: EngineDeps): Engine {
	const { site, connection, store, files, slots = 1 } = deps;
	const { now = Date.now, sleep = realSleep, random = Math.random } = deps;
	const defaults: Settings = { paused: false, direct: false, pace: GENTLE };
	const settings = () => store.get("settings") ?? defaults;
	const records = createRecords(store, now);
	const rest = createRest(store, () => settings().pace, now);
	const running = new Map<string, Running>();
	const listeners = new Set<(state: EngineState) => void>();
	const stopper = new AbortController();
	const lines: LogLine[] = [];
	let catalogue: SiteModel[] = [];
	let mapped = mapModels(catalogue, settings().direct);
	let catalogueAt = Number.NEGATIVE_INFINITY;
	let built = false;
	let started = false;
	let waiting: number | null = null;
	let hosts: string[] | null = null;
	let welcomed = false;
	let toldFree: number | null = null;
	let toldState = "";
	let toldAttention = "";
	let timer: ReturnType<typeof setTimeout> | null = null;

	const door = createDoor({
		site,
		store,
		troubled: rest.troubled,
		log: (message) => log("warn", message),
		signal: stopper.signal,
		now,
		random,
	});
	const attention = createAttention({
		site,
		door,
		now,
		random,
		tabUrl: deps.tabUrl,
		onReturn: deps.onReturn,
		restsUntil: rest.limitUntil,
		// it may tell of what is on the screen before all of this is there
		changed: () => {
			if (built) tick();
		},
	});

	// ---- what is shown and said ----

	function log(level: LogLine["level"], message: string) {
		lines.push({ at: now(), level, message });
		lines.splice(0, lines.length - LOG_LINES);
		if (welcomed)
			connection.send({ type: "log", level, message: message.slice(0, 1000) });
		show();
	}

	function stateNow(): EngineState["state"] {
		if (!started) return "starting";
		if (attention.current()) return "attention";
		if (running.size) return "busy";
		if (settings().paused) return "paused";
		return rest.until() ? "cooling_down" : "ready";
	}

	function state(): EngineState {
		return {
			state: stateNow(),
			attention: attention.current(),
			rest: rest.now(),
			paused: settings().paused,
			direct: settings().direct,
			pace: settings().pace,
			slots,
			runs: [...running.values()].map(({ record, stage }) => ({
				job: record.frame.job,
				model: record.frame.model,
				prompt: record.frame.prompt,
				percent: record.percent,
				stage,
				since: record.since,
			})),
			models: mapped.announced,
			waiting,
			account: door.account?.name ?? null,
			log: [...lines],
		};
	}

	function show() {
		const shown = state();

		for (const fn of listeners) fn(shown);
	}

	function free(): number {
		const hindered =
			!started || settings().paused || attention.current() || rest.until();

		return hindered ? 0 : Math.max(0, slots - running.size);
	}

	function sayAttention() {
		const wanted = attention.current();
		const key = wanted ? `${wanted.reason} ${wanted.message}` : "";

		if (key === toldAttention) return;
		toldAttention = key;
		if (wanted) {
			const { reason, message, url } = wanted;

			connection.send({ type: "attention", reason, message, url });
		} else connection.send({ type: "attention_over" });
	}

	function sayState() {
		// the pause after a run is no news while the run is on
		const until = running.size ? rest.limitUntil() : rest.until();
		const note = until ? rest.now().message.slice(0, 500) : "";
		const key = `${settings().paused} ${until} ${note}`;

		if (key === toldState) return;
		toldState = key;
		connection.send({
			type: "state",
			paused: settings().paused,
			until_ms: until,
			note,
		});
	}

	function sayFree() {
		const n = free();

		if (n === toldFree) return;
		toldFree = n;
		connection.send({ type: "ready", free: n });
	}

	/** Says what has changed, and sets the timer for what time alone will change. */
	function tick() {
		if (stopper.signal.aborted) return;
		if (welcomed) {
			// slots first: a job that is given back must not come here again
			sayFree();
			sayAttention();
			sayState();
		}
		attention.tick();
		if (started && now() - catalogueAt > CATALOGUE_MS) void refresh();
		if (timer) clearTimeout(timer);
		const until = rest.until();

		timer = until
			? setTimeout(tick, Math.min(Math.max(until - now(), 10), TIMER_MS))
			: null;
		show();
	}

	function say(record: JobRecord, stage: string) {
		const one = running.get(record.frame.lease);
		const key = `${record.percent} ${stage} ${record.ref}`;
		const { job, lease } = record.frame;
		const news = !one || one.stage !== stage || !one.said.endsWith(` ${record.ref}`);

		if (!one || one.said === key || (!news && now() - one.saidAt < PROGRESS_MS)) return;
		Object.assign(one, { stage, said: key, saidAt: now() });
		connection.send({
			type: "progress",
			job,
			lease,
			percent: record.percent,
			stage,
			...(record.ref ? { upstream_ref: record.ref } : {}),
		});
		show();
	}

	// ---- the site ----

	async function refresh() {
		catalogueAt = now();
		try {
			catalogue = await site.catalogue(stopper.signal);
		} catch (e) {
			if (!isAbort(e))
				log(
					"warn",
					`no list of models: ${e instanceof Error ? e.message : ""}`,
				);
			return;
		}
		announce();
	}

	function announce() {
		mapped = mapModels(catalogue, settings().direct);
		void store.put("models", mapped.announced);
		if (welcomed) connection.send({ type: "models", models: mapped.announced });
		show();
	}

	/** Who is logged in? Where nobody is, a human may help, and later looks may mend it. */
	async function login() {
		try {
			if ((await door.whoami()) ?? (await door.letIn())) return;
			const e = new SiteError("login", "Nobody is logged in on the site.");

			attention.told("login", wordsFor("login", e), true);
		} catch (e) {
			if (isAbort(e)) return;
			const wanted = e instanceof SiteError && fateOf(e).attention;

			if (wanted) attention.told(wanted, wordsFor(wanted, e));
			else log("warn", e instanceof Error ? e.message : String(e));
		}
	}

	// ---- jobs ----

	const result = createHand({
		connection,
		records,
		hosts: () => hosts,
		download: files.download,
		sleep,
		random,
	});

	function tell(frame: ResultFrame | FailedFrame | ReleaseFrame, signal: AbortSignal) {
		const one = running.get(frame.lease);

		return new Promise<Answer>((resolve, reject) => {
			if (!one || signal.aborted) return reject(abortError());
			signal.addEventListener("abort", () => reject(abortError()), {
				once: true,
			});
			one.telling = { frame, resolve };
			connection.send(frame);
		});
	}

	const drive = createJob({
		site,
		records,
		rest,
		attention,
		input: files.input,
		result,
		tell,
		progress: say,
		availability: tick,
		models: () => void refresh(),
		log,
		now,
		sleep,
		random,
	});

	async function run(record: JobRecord) {
		const one: Running = {
			record,
			stopper: new AbortController(),
			stage: "",
			saidAt: 0,
			said: "",
			telling: null,
		};

		running.set(record.frame.lease, one);
		tick();
		try {
			await drive(record, one.stopper.signal);
		} catch (e) {
			if (!isAbort(e)) throw e;
			if (stopper.signal.aborted) return; // kept for the tab that goes on
		}
		if (running.get(record.frame.lease) === one) running.delete(record.frame.lease);
		await records.drop(record);
		tick();
	}

	function begin(record: JobRecord) {
		run(record).catch((e: unknown) => log("error", `a job broke: ${String(e)}`));
	}

	/** An older lease of the same job is over; its session is not. */
	function earlier(job: string): string | null {
		let ref: string | null = null;

		for (const record of records.all().filter((r) => r.frame.job === job)) {
			ref = record.ref ?? ref;
			running.get(record.frame.lease)?.stopper.abort();
			running.delete(record.frame.lease);
			void records.drop(record);
		}
		return ref;
	}

	async function onJob(frame: JobFrame) {
		const { job, lease, model } = frame;

		if (running.has(lease)) return connection.send({ type: "accepted", job, lease });
		if (toldFree) toldFree--;
		const left = earlier(job) ?? frame.upstream_ref ?? null;
		const ref = left && !records.note(left)?.dead ? left : null;
		const choice = mapped.choose(model, Boolean(frame.inputs?.length));
		const record: JobRecord = {
			frame,
			mode: choice?.mode ?? "battle",
			modelId: choice?.modelId,
			ref,
			inherited: ref !== null,
			phase: ref ? "making" : "taken",
			outputs: [],
			percent: 0,
			since: now(),
			final: choice
				? null
				: {
						type: "failed",
						job,
						lease,
						code: "unsupported",
						message: `The site does not offer the model ${model} for this.`,
						retryable: false,
					},
		};

		await records.keep(record);
		connection.send({ type: "accepted", job, lease });
		begin(record);
	}

	async function onCancel({ job, lease, reason }: CancelFrame) {
		const one = running.get(lease);
		const record = records.find({ job, lease });

		one?.stopper.abort();
		running.delete(lease);
		if (record) await records.drop(record);
		connection.send({ type: "stopped", job, lease });
		tick();
		if (record?.ref && CANCEL_ON_SITE.has(reason)) {
			await records.remember(record.ref, { dead: true });
			await site
				.stop(record.ref)
				.catch(() =>
					log("warn", "the run could not be stopped on the site"),
				);
		}
	}

	function onWelcome(frame: WelcomeFrame) {
		const mine = new Set(
			frame.jobs.filter((j) => j.state === "yours").map((j) => j.lease),
		);

		welcomed = true;
		hosts = frame.links ?? null;
		toldFree = null;
		toldState = "";
		toldAttention = "";
		for (const record of records.all()) {
			const { lease } = record.frame;
			const one = running.get(lease);

			if (!mine.has(lease)) {
				one?.stopper.abort();
				running.delete(lease);
				void records.drop(record);
			} else if (!one) begin(record);
			else if (one.telling) connection.send(one.telling.frame);
			else {
				one.said = "";
				say(record, one.stage || "asking");
			}
		}
		connection.send({ type: "models", models: mapped.announced });
		tick();
	}

	function answered(job: string | undefined, lease: string | undefined, answer: Answer) {
		const one = lease ? running.get(lease) : undefined;

		if (!one?.telling || one.record.frame.job !== job) return;
		one.telling.resolve(answer);
		one.telling = null;
	}

	const onVote = createVotes({
		site,
		records,
		attention,
		send: (frame) => connection.send(frame),
		sleep,
		random,
	});

	const away = [
		site.onPageRun(() => {
			rest.verified();
			tick();
		}),
		connection.on("welcome", onWelcome),
		connection.on("job", (frame) => void onJob(frame)),
		connection.on("cancel", (frame) => void onCancel(frame)),
		connection.on("done", (f) => answered(f.job, f.lease, { done: f.status })),
		connection.on("refused", (f) => {
			if (!f.upload)
				answered(f.job, f.lease, { refused: f.code, message: f.message });
		}),
		connection.on("vote", (frame) => void onVote(frame, stopper.signal)),
		connection.on("queue", (frame) => {
			waiting = frame.waiting;
			show();
		}),
		connection.on("ping", tick),
	];

	function set(change: Partial<Settings>) {
		void store.put("settings", { ...settings(), ...change });
		tick();
	}

	built = true;
	return {
		presence: () => ({ slots, models: mapped.announced, jobs: records.held() }),
		async start() {
			const ready = login().finally(() => {
				started = true;
				tick();
			});

			// a widget of the page may wait for a human: that is told over a connection
			await Promise.race([Promise.all([ready, refresh()]), sleep(START_MS)]);
		},
		stop() {
			stopper.abort();
			for (const one of running.values()) one.stopper.abort();
			for (const fn of away) fn();
			attention.stop();
			if (timer) clearTimeout(timer);
		},
		get state() {
			return state();
		},
		on(fn) {
			listeners.add(fn);
			fn(state());
			return () => listeners.delete(fn);
		},
		pause: (paused) => set({ paused }),
		setPace: (pace) => set({ pace: soundPace(pace) }),
		setDirect(direct) {
			set({ direct });
			announce();
		},
		log,
	};
}
