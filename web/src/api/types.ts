/** What the gateway's API answers, as far as the page reads it. docs/openapi.json has all of it. */

export type Status = "queued" | "in_progress" | "completed" | "failed" | "cancelled";
export type Winner = "a" | "b" | "tie" | "both_bad";

export interface Output {
	/** Signed links: good without a key, for a day. */
	url: string;
	thumbnail_url: string | null;
	spritesheet_url: string | null;
	width: number | null;
	height: number | null;
	seconds: number | null;
	fps: number | null;
	bytes: number;
	label: string | null;
	model_name: string | null;
}

interface Vote {
	winner: Winner;
	state: "pending" | "sent" | "failed";
	message?: string | null;
}

export interface Video {
	id: string;
	model: string;
	status: Status;
	/** 0 to 100. */
	progress: number;
	/** Seconds since 1970, as all times of the API. */
	created_at: number;
	completed_at: number | null;
	prompt: string | null;
	/** "720x1280" */
	size: string;
	/** "4" */
	seconds: string;
	remixed_from_video_id: string | null;
	error: { code: string; message: string } | null;
	url: string | null;
	thumbnail_url: string | null;
	spritesheet_url: string | null;
	queue_position: number | null;
	eta_seconds: number | null;
	attempts: number;
	worker: string | null;
	stage: string | null;
	note: string | null;
	negative_prompt: string | null;
	seed: number | null;
	fps: number | null;
	vote: Vote | null;
	outputs: Output[];
	ignored_parameters: string[];
	/** The page's own notes on it: see state/notes.ts. */
	metadata: Record<string, string>;
}

export interface Model {
	id: string;
	name: string;
	description: string;
	owned_by: string;
	aliases: string[];
	inputs: ("text" | "image" | "first_last_frame")[];
	/** What else it honours: seed, negative_prompt, fps. */
	parameters: string[];
	/** What it can do with a video: remix, edit, extend. */
	operations: string[];
	/** Videos of one run; two: a battle. */
	outputs: number;
	/** "720x1280"; empty: any even pair up to the greatest. */
	sizes: string[];
	max_width: number;
	max_height: number;
	min_seconds: number;
	max_seconds: number;
	max_prompt: number;
	available: boolean;
	typical_seconds: number | null;
}

type WorkerState = "ready" | "busy" | "attention" | "cooling_down" | "paused";

export interface Worker {
	id: string;
	name: string;
	connected: boolean;
	state: WorkerState | null;
	attention: {
		reason: string;
		message: string | null;
		url: string | null;
	} | null;
	/** When its cool-down ends. */
	until: number | null;
	note: string | null;
	slots: number;
	busy: number;
	models: string[];
	key_id: string | null;
	/** Its key is its own, so it can be removed. Other keys the operator made, for any number. */
	paired: boolean;
}

export interface StoredFile {
	id: string;
}

export interface PairingCode {
	code: string;
	expires_at: number;
}

export interface Page<T> {
	data: T[];
	has_more: boolean;
	last_id: string | null;
}

/** A request for one video. */
export interface Wish {
	prompt: string;
	/** The video that it changes: what is not said is as it was there. */
	parent?: string;
	model?: string;
	size?: string;
	seconds?: number;
	seed?: number;
	negative_prompt?: string;
	fps?: number;
	/** Ids of files that were sent before. */
	first_frame?: string;
	last_frame?: string;
	metadata?: Record<string, string>;
}

export interface VideoQuery {
	after?: string;
	order?: "asc" | "desc";
	limit?: number;
	status?: Status;
	model?: string;
	q?: string;
}
