/** Everything that is there while a key is: made at sign-in, ended at sign-out. */

import { signal } from "@preact/signals";

import { createClient, type Client } from "../api/client";
import { ApiError, wordsOf } from "../api/errors";
import { t } from "../i18n/index";
import { createCache, type Cache } from "./cache";
import { createConversations, type Conversations } from "./conversations";
import { createDeletes, type Deletes } from "./deletes";
import { createFavourites, type Favourites } from "./favourites";
import { createModels, type Models } from "./models";
import { clear, read, write, type Where } from "./storage";
import { say, toasts } from "./toasts";
import { createVideos, type Videos } from "./videos";
import { createWorkers, type Workers } from "./workers";

export interface Studio {
	/** For "show as code", which masks it, and for nothing else. */
	readonly key: string;
	readonly client: Client;
	readonly cache: Cache;
	readonly videos: Videos;
	readonly models: Models;
	readonly workers: Workers;
	readonly conversations: Conversations;
	readonly favourites: Favourites;
	readonly deletes: Deletes;
	/** Aborted at sign-out. */
	readonly signal: AbortSignal;
}

const KEY = "key";

export const studio = signal<Studio | null>(null);
/** Why the reader stands at the door: "" when there is nothing to say. */
export const doorSays = signal("");

let stopper = new AbortController();

function open(key: string): Studio {
	stopper = new AbortController();
	const { signal: stop } = stopper;
	const client = createClient(key, () => studio.peek() === made && signOut(t("key_over")));
	const cache = createCache(key);
	const videos = createVideos(client, cache);
	const favourites = createFavourites(cache, stop);
	const made: Studio = {
		key,
		client,
		cache,
		videos,
		models: createModels(client, cache.models, stop),
		workers: createWorkers(client, stop),
		conversations: createConversations(cache, videos, stop),
		favourites,
		deletes: createDeletes({ client, cache, videos, favourites }, stop),
		signal: stop,
	};

	cache.follow(made, stop);
	videos.follow(stop).catch((e: unknown) => {
		if (studio.peek() === made) signOut(wordsOf(e));
	});
	return made;
}

/** Rejects with an ApiError when the gateway does not take the key, or does not answer. */
export async function signIn(key: string, keep: boolean): Promise<void> {
	await createClient(key).list({ limit: 1 });
	write(KEY, key, keep ? "device" : "session");
	doorSays.value = "";
	studio.value = open(key);
}

/** With the key that is kept here; asked for or not, the cache can be read. */
export function resume() {
	const key = read(KEY, "session") ?? read(KEY);

	if (key) studio.value = open(key);
}

export const keptHere = (): Where => (read(KEY) ? "device" : "session");

/** Where the key is kept from now on. false: the browser does not keep it. */
export function keepKey(where: Where): boolean {
	const key = studio.peek()?.key;

	if (!key || !write(KEY, key, where)) return false;
	write(KEY, null, where === "device" ? "session" : "device");
	return true;
}

/** Forgets what was kept, and begins anew with the same key. */
export function forget() {
	const key = studio.peek()?.key;

	if (!key) return;
	stopper.abort();
	clear("cache.");
	studio.value = open(key);
}

/** Forgets the key and what was kept under it. */
export function signOut(why = "") {
	stopper.abort();
	studio.value = null;
	doorSays.value = why;
	toasts.value = [];
	write(KEY, null, "session");
	write(KEY, null);
	clear("cache.");
}

/** Runs what a click asked for; trouble is told. */
export async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
	try {
		return await work();
	} catch (e) {
		if (!(e instanceof ApiError)) throw e;
		if (e.status !== 401) say({ kind: "bad", text: wordsOf(e), requestId: e.requestId });
		return undefined;
	}
}
