/**
 * What is kept over reloads, in the manager's storage: one versioned value for each section. Read
 * once at the start, written through; who awaits `put` knows that it is kept.
 */

import type { FailedFrame, JobFrame, PaceSettings, ReleaseFrame } from "./types";
import { fields, parse, type Fields } from "./json";
import type { RunMode } from "./site/index";
import type { DoorNote } from "./run/door";
import type { Limits } from "./run/limits";

export interface Values {
	get(key: string): Promise<string | null>;
	set(key: string, value: string): Promise<void>;
}

export interface RunOutput {
	label: "a" | "b";
	url: string;
	mime: string;
	name?: string;
}

/** A job under its lease, and how far it is. */
export interface JobRecord {
	frame: JobFrame;
	mode: RunMode;
	modelId?: string;
	/** The site's session. */
	ref: string | null;
	/** The session is one of an earlier try. */
	inherited: boolean;
	/** asking: the site may have been asked; making: it was, and has said so. */
	phase: "taken" | "asking" | "making" | "handing";
	outputs: RunOutput[];
	percent: number;
	since: number;
	/** How it ended, while the bridge has not answered. */
	final: FailedFrame | ReleaseFrame | null;
}

/** What is remembered of a session after its job. */
export interface RefNote {
	job: string;
	at: number;
	/** Nothing more comes of it: a next try begins a new one. */
	dead?: boolean;
	/** Who made the two videos, since a vote. */
	names?: string[];
}

export interface Settings {
	paused: boolean;
	direct: boolean;
	pace: PaceSettings;
}

export interface Sections {
	/** By lease. */
	jobs: Record<string, JobRecord>;
	/** By session. */
	refs: Record<string, RefNote>;
	limits: Limits | null;
	door: DoorNote | null;
	/** When the last runs began. */
	starts: number[];
	settings: Settings | null;
	template: Fields | null;
	/** Hosts whose links the bridge could not fetch, and when. */
	closed: Record<string, number>;
}

export interface Store {
	get<K extends keyof Sections>(key: K): Sections[K];
	put<K extends keyof Sections>(key: K, value: Sections[K]): Promise<void>;
}

const FORMAT = 1;
const keyOf = (key: string) => `state.${key}`;

const empty: { [K in keyof Sections]: () => Sections[K] } = {
	jobs: () => ({}),
	refs: () => ({}),
	limits: () => null,
	door: () => null,
	starts: () => [],
	settings: () => null,
	template: () => null,
	closed: () => ({}),
};

/** What another version has written is not ours to read: it begins anew. */
function unwrap(kept: string | null): unknown {
	const section = fields(parse(kept ?? ""));

	return section?.version === FORMAT ? section.value : undefined;
}

export async function openStore(values: Values): Promise<Store> {
	const keys = Object.keys(empty) as (keyof Sections)[];
	const kept = await Promise.all(keys.map((key) => values.get(keyOf(key))));
	const sections = Object.fromEntries(
		keys.map((key, i) => [key, unwrap(kept[i]!) ?? empty[key]()]),
	) as unknown as Sections;
	let last: Promise<void> = Promise.resolve();

	return {
		get: (key) => sections[key],
		put(key, value) {
			sections[key] = value;
			const text = JSON.stringify({ version: FORMAT, value });

			// in order: an older state must never come to lie above a newer one
			last = last.catch(() => undefined).then(() => values.set(keyOf(key), text));
			return last;
		},
	};
}
