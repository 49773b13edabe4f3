/**
 * One tab of a browser works, the others stand by. The browser's lock decides: it is free the
 * moment its tab is closed, reloaded or has crashed, and the next in the row has it.
 */

import { isAbort } from "./wait";

export interface LeaderPage {
	navigator: { locks: Pick<LockManager, "request"> };
	BroadcastChannel: typeof BroadcastChannel;
}

export interface Leader<News> {
	readonly leads: boolean;
	/** To the tabs that stand by. */
	tell(news: News): void;
	/** A tab that stands by asks for its turn. */
	claim(): void;
	stop(): void;
}

export interface LeaderEvents<News> {
	/** This tab works from now on. */
	lead(): void;
	/** Another tab wants to: end what is under way, then it is given up. */
	yield(): Promise<void>;
	/** Of the tab that works, while this one stands by. */
	news(news: News): void;
	/** A tab has come that knows nothing yet. */
	asked(): void;
}

const NAME = "arena-video-worker";

type Message<News> = { kind: "news"; news: News } | { kind: "ask" } | { kind: "claim" };

export function createLeader<News>(page: LeaderPage, events: LeaderEvents<News>): Leader<News> {
	const radio = new page.BroadcastChannel(NAME);
	const life = new AbortController();
	let leads = false;
	let giveUp: () => void = () => undefined;

	async function queue() {
		try {
			await page.navigator.locks.request(NAME, { signal: life.signal }, () => {
				leads = true;
				events.lead();
				return new Promise<void>((resolve) => {
					giveUp = resolve;
				});
			});
		} finally {
			leads = false;
		}
	}

	async function stand() {
		while (!life.signal.aborted) await queue();
	}

	radio.onmessage = ({ data }: MessageEvent<Message<News>>) => {
		if (data.kind === "news" && !leads) events.news(data.news);
		else if (data.kind === "ask" && leads) events.asked();
		else if (data.kind === "claim" && leads) void events.yield().then(() => giveUp());
	};
	stand().catch((e: unknown) => {
		if (!isAbort(e)) throw e;
	});
	radio.postMessage({ kind: "ask" } satisfies Message<News>);

	return {
		get leads() {
			return leads;
		},
		tell(news) {
			if (leads)
				radio.postMessage({ kind: "news", news } satisfies Message<News>);
		},
		claim() {
			radio.postMessage({ kind: "claim" } satisfies Message<News>);
		},
		stop() {
			life.abort();
			giveUp();
			radio.close();
		},
	};
}
