/**
 * The words that the parts of the script share: the frames of proto/WORKER.md, what an engine shows
 * to a panel, and what it needs of a connection. Times are milliseconds since 1970.
 */

// ---- what is announced ----

export interface Model {
	id: string;
	name: string;
	owner: string;
	description: string;
	inputs: ("text" | "image")[];
	outputs: number;
	sizes: string[];
	max_width: number;
	max_height: number;
	min_seconds: number;
	max_seconds: number;
	max_prompt: number;
}

/** A job under a lease: what comes with an old one is told `lost`. */
export interface JobRef {
	job: string;
	lease: string;
}

export interface HeldJob extends JobRef {
	progress?: number;
	upstream_ref?: string;
}

export type AttentionReason =
	"challenge" | "login" | "blocked" | "verification" | "changed" | "other";

export type Winner = "a" | "b" | "tie" | "both_bad";

/** One video of a result: an upload that was `uploaded`, or a link. */
export interface Output {
	upload?: string;
	url?: string;
	label?: "a" | "b";
	name?: string;
}

// ---- worker -> bridge ----

export interface HelloFrame {
	type: "hello";
	token: string;
	worker: { id: string; name: string; kind: "browser"; version: string };
	slots: number;
	models: Model[];
	jobs: HeldJob[];
}
export interface ModelsFrame {
	type: "models";
	models: Model[];
}
export interface ReadyFrame {
	type: "ready";
	free: number;
}
export interface AcceptedFrame extends JobRef {
	type: "accepted";
}
export interface StoppedFrame extends JobRef {
	type: "stopped";
}
export interface ProgressFrame extends JobRef {
	type: "progress";
	percent: number;
	stage?: string;
	upstream_ref?: string;
}
export interface ResultFrame extends JobRef {
	type: "result";
	outputs: Output[];
}
export interface FailedFrame extends JobRef {
	type: "failed";
	code: string;
	message: string;
	retryable: boolean;
	retry_after_ms?: number;
}
export interface ReleaseFrame extends JobRef {
	type: "release";
	reason: string;
	not_before?: number;
	upstream_ref?: string;
	message?: string;
}
export interface AttentionFrame {
	type: "attention";
	reason: AttentionReason;
	message: string;
	url: string;
}
export interface AttentionOverFrame {
	type: "attention_over";
}
/** For people: the slots are told by `ready`. */
export interface StateFrame {
	type: "state";
	paused: boolean;
	until_ms: number;
	note: string;
}
export interface VotedFrame {
	type: "voted";
	job: string;
	ok: boolean;
	message: string;
	names: string[];
}
export interface LogFrame {
	type: "log";
	level: "info" | "warn" | "error";
	message: string;
}
export interface PongFrame {
	type: "pong";
	t: number;
}
export interface UploadFrame extends JobRef {
	type: "upload";
	upload: string;
	size: number;
	mime: string;
}
export interface UploadEndFrame {
	type: "upload_end";
	job: string;
	upload: string;
	size: number;
}

export type WorkerFrame =
	| HelloFrame
	| ModelsFrame
	| ReadyFrame
	| AcceptedFrame
	| StoppedFrame
	| ProgressFrame
	| ResultFrame
	| FailedFrame
	| ReleaseFrame
	| AttentionFrame
	| AttentionOverFrame
	| StateFrame
	| VotedFrame
	| LogFrame
	| PongFrame
	| UploadFrame
	| UploadEndFrame;

// ---- bridge -> worker ----

export interface WelcomeFrame {
	type: "welcome";
	bridge: string;
	worker: string;
	heartbeat_ms: number;
	lease_ms: number;
	limits: { frame: number; window: number; video: number };
	/** Hosts that links of results may name ("a.example", "*.a.example"); absent: not told. */
	links?: string[];
	jobs: (JobRef & { state: "yours" | "lost" })[];
}
export interface JobInput {
	role: "first_frame" | "last_frame" | "video";
	mime: string;
	size: number;
	width: number;
	height: number;
	sha256: string;
	/** Relative to the server's address; needs no key. */
	url: string;
}
export interface JobFrame extends JobRef {
	type: "job";
	deadline: number;
	model: string;
	prompt: string;
	seconds?: number;
	width?: number;
	height?: number;
	upstream_ref?: string;
	attempt?: number;
	inputs?: JobInput[];
}
export interface CancelFrame extends JobRef {
	type: "cancel";
	reason: string;
}
export interface DoneFrame extends JobRef {
	type: "done";
	status: string;
}
export interface RefusedFrame {
	type: "refused";
	job?: string;
	lease?: string;
	upload?: string;
	code: string;
	message?: string;
}
export interface UploadGoFrame {
	type: "upload_go";
	job: string;
	upload: string;
	channel: number;
	offset: number;
}
export interface AckFrame {
	type: "ack";
	job: string;
	upload: string;
	offset: number;
}
export interface UploadedFrame {
	type: "uploaded";
	job: string;
	upload: string;
	sha256: string;
	size: number;
}
export interface VoteFrame {
	type: "vote";
	job: string;
	winner: Winner;
	upstream_ref: string;
}
export interface QueueFrame {
	type: "queue";
	waiting: number;
}
export interface PingFrame {
	type: "ping";
	t: number;
}
export interface DrainFrame {
	type: "drain";
	reconnect_ms: number;
}
export interface ByeFrame {
	type: "bye";
	reason: "revoked" | "replaced";
}

export type BridgeFrame =
	| WelcomeFrame
	| JobFrame
	| CancelFrame
	| DoneFrame
	| RefusedFrame
	| UploadGoFrame
	| AckFrame
	| UploadedFrame
	| VoteFrame
	| QueueFrame
	| PingFrame
	| DrainFrame
	| ByeFrame;

export type BridgeFrameOf<T extends BridgeFrame["type"]> = Extract<BridgeFrame, { type: T }>;

// ---- what an engine needs of a connection ----

/** What `hello` says besides the token and who the worker is; asked for at every connection. */
export interface Presence {
	slots: number;
	models: Model[];
	jobs: HeldJob[];
}

/** An upload that the bridge will not have: `code` is that of its `refused`. */
export class UploadRefused extends Error {
	constructor(
		readonly code: string,
		message: string,
	) {
		super(message);
		this.name = "UploadRefused";
	}
}

export interface Connection {
	readonly state: "connecting" | "online" | "offline" | "stopped";
	readonly transport: "websocket" | "http" | null;
	/** Dropped when not online: what matters is said again after `welcome`. */
	send(frame: WorkerFrame): void;
	/**
	 * Resolves when it was `uploaded`, and goes on by itself after a lost connection. Rejects with
	 * UploadRefused when the bridge will not have it.
	 */
	upload(ref: JobRef & { upload: string }, bytes: Blob, signal: AbortSignal): Promise<void>;
	/** Returns what takes the listener away again. */
	on<T extends BridgeFrame["type"]>(
		type: T,
		fn: (frame: BridgeFrameOf<T>) => void,
	): () => void;
}

// ---- what an engine shows ----

export interface LogLine {
	at: number;
	level: "info" | "warn" | "error";
	message: string;
}

export interface Attention {
	reason: AttentionReason;
	message: string;
	url: string;
	since: number;
}

export interface RunState {
	job: string;
	model: string;
	prompt: string;
	percent: number;
	stage: string;
	since: number;
}

export interface PaceSettings {
	/** Between the beginnings of two runs. */
	gapMs: number;
	/** At most so many ... */
	most: number;
	/** ... in so long. */
	windowMs: number;
}

export type RestReason = "pace" | "limit" | "verification" | null;

export interface EngineState {
	state: "starting" | "ready" | "busy" | "attention" | "cooling_down" | "paused";
	attention: Attention | null;
	/** Why no run may begin now, and when that ends; 0: now. */
	rest: { reason: RestReason; until: number; message: string };
	paused: boolean;
	direct: boolean;
	pace: PaceSettings;
	runs: RunState[];
	models: Model[];
	/** Jobs that wait at the server for these models; null: not told yet. */
	waiting: number | null;
	account: string | null;
	log: LogLine[];
}
