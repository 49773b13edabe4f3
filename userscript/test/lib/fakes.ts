/** What an engine works with, in the hands of a test. */

import { createEngine, type Engine } from "../../src/run/engine";
import type {
	Challenge,
	RunEvent,
	RunMode,
	RunRequest,
	Site,
	SiteModel,
} from "../../src/site/index";
import { openStore, type Store } from "../../src/store";
import type {
	BridgeFrame,
	BridgeFrameOf,
	Connection,
	JobFrame,
	Model,
	Winner,
	WorkerFrame,
} from "../../src/types";
import { abortError, type Sleep } from "../../src/wait";
import { until } from "./wait";

export const LEASE = "5f1e5f1e5f1e5f1e5f1e5f1e5f1e5f1e";

/** The job of jobFrame(), as it is told of. */
export const JOB = { job: "video_1", lease: LEASE };
export const MIN = 60_000;

export function jobFrame(more: Partial<JobFrame> = {}): JobFrame {
	return {
		type: "job",
		job: "video_1",
		lease: LEASE,
		deadline: Date.now() + 1_800_000,
		model: "arena-battle",
		prompt: "a red fox",
		...more,
	};
}

/** Pauses of the code under test last a hundredth. */
const quick: Sleep = (ms, signal) =>
	new Promise((resolve, reject) => {
		const timer = setTimeout(resolve, ms / 100);

		signal?.addEventListener("abort", () => {
			clearTimeout(timer);
			reject(abortError());
		});
	});

export class FakeConnection implements Connection {
	readonly state = "online";
	readonly transport = "websocket";
	frames: WorkerFrame[] = [];
	uploads: { upload: string; bytes: string }[] = [];
	refuseUpload: Error | null = null;
	/** Frames are lost, as on a broken connection. */
	deaf = false;
	/** As the bridge counts: `ready` says how many, and each job takes one away. */
	free = 0;
	freeWhen = new Map<string, number>();
	private listeners = new Map<string, Set<(frame: never) => void>>();

	send(frame: WorkerFrame) {
		if (this.deaf) return;
		if (frame.type === "ready") this.free = frame.free;
		this.freeWhen.set(frame.type, this.free);
		this.frames.push(frame);
	}
	async upload(ref: { upload: string }, bytes: Blob) {
		if (this.refuseUpload) throw this.refuseUpload;
		this.uploads.push({ upload: ref.upload, bytes: await bytes.text() });
	}
	on<T extends BridgeFrame["type"]>(type: T, fn: (frame: BridgeFrameOf<T>) => void) {
		const set = this.listeners.get(type) ?? new Set();

		set.add(fn as (frame: never) => void);
		this.listeners.set(type, set);
		return () => set.delete(fn as (frame: never) => void);
	}
	say(frame: BridgeFrame) {
		if (frame.type === "job") this.free--;
		for (const fn of this.listeners.get(frame.type) ?? []) fn(frame as never);
	}
	welcome(
		jobs: { job: string; lease: string; state: "yours" | "lost" }[] = [],
		links?: string[],
	) {
		const limits = { frame: 1, window: 1, video: 1 };

		this.say({
			type: "welcome",
			bridge: "b",
			worker: "w",
			heartbeat_ms: 20000,
			lease_ms: 60000,
			limits,
			links,
			jobs,
		});
	}
	of<T extends WorkerFrame["type"]>(type: T): Extract<WorkerFrame, { type: T }>[] {
		return this.frames.filter(
			(f): f is Extract<WorkerFrame, { type: T }> => f.type === type,
		);
	}
	last<T extends WorkerFrame["type"]>(type: T) {
		return this.of(type).at(-1);
	}
}

type Script = (
	run: RunRequest | null,
	ref: string,
	signal?: AbortSignal,
) => AsyncGenerator<RunEvent>;

export class FakeSite implements Site {
	asked: { ref: string; run: RunRequest }[] = [];
	resumed: string[] = [];
	stopped: string[] = [];
	votes: [string, Winner][] = [];
	visits = 0;
	/** Of the next visitors; after that they are let in. */
	visitFails: Error[] = [];
	/** Who a visitor is then; null: the site does not know them all the same. */
	visitor: { name: string; guest: boolean } | null = { name: "", guest: true };
	account: { name: string; guest: boolean } | null = { name: "person", guest: false };
	/** How often it was asked who is logged in. */
	looks = 0;
	voteFails: Error[] = [];
	models: SiteModel[] = [];
	/** How often it was asked for its models. */
	lists = 0;
	/** Of the next list. */
	listFails: Error | null = null;
	/** What a run does after it has been asked for; thrown errors are the site's. */
	script: Script = async function* () {
		yield { kind: "end" };
	};
	resumeScript: Script | null = null;
	private challenge: Challenge | null = null;
	private watchers = new Set<(c: Challenge | null) => void>();
	private pageRuns = new Set<() => void>();
	private n = 0;

	async whoami() {
		this.looks++;
		return this.account;
	}
	async visit() {
		this.visits++;
		const e = this.visitFails.shift();

		if (e) throw e;
		this.account = this.visitor;
	}
	async catalogue() {
		const e = this.listFails;

		this.lists++;
		this.listFails = null;
		if (e) throw e;
		return this.models;
	}
	async *start(run: RunRequest, signal?: AbortSignal): AsyncGenerator<RunEvent> {
		const ref = `session-${++this.n}`;

		yield { kind: "session", ref };
		this.asked.push({ ref, run });
		yield* this.script(run, ref, signal);
	}
	async *resume(ref: string, _mode: RunMode, signal?: AbortSignal): AsyncGenerator<RunEvent> {
		this.resumed.push(ref);
		yield* (this.resumeScript ?? this.script)(null, ref, signal);
	}
	async stop(ref: string) {
		this.stopped.push(ref);
	}
	async vote(ref: string, winner: Winner) {
		const e = this.voteFails.shift();

		if (e) throw e;
		this.votes.push([ref, winner]);
		return ["veo-3", "kling"];
	}
	watchChallenges = (fn: (c: Challenge | null) => void) => {
		this.watchers.add(fn);
		if (this.challenge) fn(this.challenge);
		return () => this.watchers.delete(fn);
	};
	onPageRun(fn: () => void) {
		this.pageRuns.add(fn);
		return () => this.pageRuns.delete(fn);
	}
	recorder = {
		state: "off" as const,
		start() {},
		stop() {},
		text: () => "",
		on: () => () => {},
	};
	show(challenge: Challenge | null) {
		this.challenge = challenge;
		for (const fn of this.watchers) fn(challenge);
	}
	pageRan() {
		for (const fn of this.pageRuns) fn();
	}
}

const VIDEOS = { a: "https://files.example/a.mp4", b: "https://files.example/b.mp4" };

/** A run that gives its videos. */
export async function* battle(): AsyncGenerator<RunEvent> {
	yield { kind: "progress", percent: 5, stage: "rendering" };
	yield { kind: "output", label: "b", url: VIDEOS.b, mime: "video/mp4" };
	yield { kind: "output", label: "a", url: VIDEOS.a, mime: "video/mp4" };
	yield { kind: "end" };
}

/** A run that has begun and says nothing more until it is stopped. */
export async function* held(
	_run: unknown,
	_ref: string,
	signal?: AbortSignal,
): AsyncGenerator<RunEvent> {
	yield { kind: "progress", percent: 5, stage: "rendering" };
	await new Promise((_, reject) => {
		signal?.addEventListener("abort", () => reject(abortError()));
	});
}

export interface Rig {
	site: FakeSite;
	connection: FakeConnection;
	store: Store;
	engine: Engine;
	values: Map<string, string>;
	returns: () => void;
	clock: { ms: number };
	/** Full: nothing more can be kept. */
	disk: { full: boolean };
	/** A reload of the tab: the same storage, all else new. */
	reload(site?: FakeSite): Promise<Rig>;
}

export interface RigOptions {
	site?: FakeSite;
	values?: Map<string, string>;
	clock?: { ms: number };
	models?: Model[];
	start?: boolean;
}

const engines = new Set<Engine>();

/** Of a test that is over: its timers would keep the process. */
export function stopAll() {
	for (const engine of engines) engine.stop();
	engines.clear();
}

/** The bridge takes what the worker says of its job in the end. */
export async function finished(r: Rig, frame: "result" | "failed" | "release") {
	await until(frame, () => r.connection.last(frame));
	r.connection.say({ type: "done", ...JOB, status: "completed" });
	await until("the job is over", () => r.engine.state.runs.length === 0);
	return r.connection.last(frame)!;
}

export async function rig(options: RigOptions = {}): Promise<Rig> {
	const { site = new FakeSite(), values = new Map(), clock = { ms: 0 } } = options;
	const disk = { full: false };
	const store = await openStore({
		get: async (key) => values.get(key) ?? null,
		async set(key, value) {
			if (disk.full) throw new Error("no room");
			values.set(key, value);
		},
	});
	const connection = new FakeConnection();
	const backs = new Set<() => void>();
	const engine = createEngine({
		site,
		connection,
		store,
		files: {
			input: async () => new Blob(["image"]),
			download: async (url) => new Blob([`bytes of ${url}`]),
		},
		tabUrl: () => "https://arena.ai/video",
		onReturn: (fn) => {
			backs.add(fn);
			return () => backs.delete(fn);
		},
		now: () => Date.now() + clock.ms,
		sleep: quick,
		random: () => 0.5,
	});

	engines.add(engine);
	if (options.start !== false) {
		await engine.start();
		connection.welcome();
	}
	return {
		site,
		connection,
		store,
		engine,
		values,
		clock,
		disk,
		returns: () => {
			for (const fn of backs) fn();
		},
		reload: (next = site) => {
			engine.stop();
			return rig({ site: next, values, clock, start: false });
		},
	};
}
