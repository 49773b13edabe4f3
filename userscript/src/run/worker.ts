/** A worker and its site: what an engine is made of, but for the jobs. */

import { SiteError } from "../site/index";
import type { Settings } from "../store";
import { isAbort } from "../wait";
import { createAttention, type AttentionBoard } from "./attention";
import { createDoor, type Door } from "./door";
import type { EngineDeps } from "./engine";
import { fateOf } from "./failures";
import { createJournal, type Journal } from "./journal";
import { createNews, type News } from "./news";
import { createOffer, type Offer } from "./offer";
import { GENTLE } from "./pace";
import { createRecords, type Records } from "./records";
import { createRest, type Rest } from "./rest";

const DEFAULTS: Settings = { paused: false, direct: false, pace: GENTLE };

/** What the parts say to the engine that is made of them. */
export interface Hooks {
	signal: AbortSignal;
	/** Something has changed that the bridge may want to know. */
	tick: () => void;
	/** Something that only people want to know. */
	show: () => void;
}

/** What stands by itself: the worker and its site. */
export interface Worker {
	slots: number;
	settings: () => Settings;
	records: Records;
	rest: Rest;
	journal: Journal;
	news: News;
	door: Door;
	attention: AttentionBoard;
	offer: Offer;
	/** The site has been looked at. */
	started: boolean;
	/** Jobs that wait at the server, as it says. */
	waiting: number | null;
	/** Hosts that the bridge fetches from, as it says. */
	hosts: string[] | null;
}

export function createWorker(deps: EngineDeps, { signal, tick, show }: Hooks): Worker {
	const { site, connection, store, slots = 1, now = Date.now, random = Math.random } = deps;
	const settings = () => store.get("settings") ?? DEFAULTS;
	const rest = createRest(store, () => settings().pace, now);
	const news = createNews(connection);
	const journal = createJournal(now, (line) => {
		news.log(line);
		show();
	});
	const warn = (message: string) => journal.add("warn", message);
	const door = createDoor({
		site,
		store,
		troubled: rest.troubled,
		log: warn,
		signal,
		now,
		random,
	});

	return {
		slots,
		settings,
		records: createRecords(store, now),
		rest,
		journal,
		news,
		door,
		attention: createAttention({
			site,
			door,
			now,
			random,
			tabUrl: deps.tabUrl,
			onReturn: deps.onReturn,
			restsUntil: rest.limitUntil,
			changed: tick,
		}),
		offer: createOffer({
			site,
			direct: () => settings().direct,
			changed(models) {
				news.models(models);
				show();
			},
			log: warn,
			signal,
			now,
		}),
		started: false,
		waiting: null,
		hosts: null,
	};
}

/** Who is logged in? Where nobody is, a human may help, and later looks may mend it. */
export async function login({ door, attention, journal }: Worker) {
	try {
		if ((await door.whoami()) ?? (await door.letIn())) return;
		const e = new SiteError("login", "Nobody is logged in on the site.");

		attention.told("login", e.message, true);
	} catch (e) {
		if (isAbort(e)) return;
		const wanted = e instanceof SiteError && fateOf(e).attention;

		if (wanted) attention.told(wanted, e.message);
		else journal.add("warn", e instanceof Error ? e.message : String(e));
	}
}
