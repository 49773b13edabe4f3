/** The work of a worker: jobs, votes, and how it stands with them. */

import type { EngineState } from "../types";
import { sleep as realSleep } from "../wait";
import type { EngineDeps } from "./engine";
import { createHand } from "./hand";
import { createJob } from "./job";
import { createOrders, type Orders } from "./orders";
import { createRunning, type Running } from "./running";
import { createVotes } from "./votes";
import type { Hooks, Worker } from "./worker";

/** What makes jobs with a worker's parts. */
export interface Work {
	running: Running;
	orders: Orders;
}

export function createWork(deps: EngineDeps, w: Worker, { signal, tick, show }: Hooks): Work {
	const { site, connection, now = Date.now, sleep = realSleep, random = Math.random } = deps;
	const { records, rest, attention, offer, journal } = w;
	const result = createHand({
		connection,
		records,
		hosts: () => w.hosts,
		download: deps.files.download,
		sleep,
		random,
	});
	const running = createRunning({
		connection,
		records,
		drive: (record, stopped) => drive(record, stopped),
		changed: tick,
		moved: show,
		broke: (e) => journal.add("error", `a job broke: ${String(e)}`),
		signal,
		now,
	});
	const drive = createJob({
		site,
		records,
		rest,
		attention,
		input: deps.files.input,
		result,
		tell: running.tell,
		progress: running.progress,
		availability: tick,
		models: () => void offer.refresh(),
		log: journal.add,
		now,
		sleep,
		random,
	});
	const orders = createOrders({
		connection,
		site,
		records,
		running,
		choose: offer.choose,
		took: w.news.took,
		changed: tick,
		warn: (message) => journal.add("warn", message),
		now,
	});

	return { running, orders };
}

/** To the bridge, and to what the page does by itself. Returns the ways out. */
export function listen(deps: EngineDeps, w: Worker, work: Work, { signal, tick, show }: Hooks) {
	const { site, connection, now = Date.now, sleep = realSleep, random = Math.random } = deps;
	const { orders, running } = work;
	const send = connection.send.bind(connection);
	const { records, attention, rest } = w;
	const onVote = createVotes({
		site,
		records,
		attention,
		rest,
		changed: tick,
		send,
		now,
		sleep,
		random,
	});

	return [
		site.onPageRun(() => {
			w.rest.verified();
			tick();
		}),
		connection.on("welcome", (frame) => {
			w.hosts = frame.links ?? null;
			w.news.welcome();
			orders.welcome(frame);
			w.news.models(w.offer.announced());
			tick();
		}),
		connection.on("job", (frame) => {
			orders.job(frame).catch((e) => w.journal.add("error", `not taken: ${String(e)}`));
		}),
		connection.on("cancel", (frame) => void orders.cancel(frame)),
		connection.on("done", (f) => running.answered(f.job, f.lease, { done: f.status })),
		connection.on("refused", ({ job, lease, upload, code, message }) => {
			if (!upload) running.answered(job, lease, { refused: code, message });
		}),
		connection.on("vote", (frame) => void onVote(frame, signal)),
		connection.on("queue", (frame) => {
			w.waiting = frame.waiting;
			show();
		}),
		connection.on("ping", tick),
	];
}

/** For people. */
export function stateOf(w: Worker, { running }: Work): EngineState {
	const wanted = w.attention.current();
	const { paused, direct, pace } = w.settings();

	function word(): EngineState["state"] {
		// the first look may be what waits for the human
		if (wanted) return "attention";
		if (!w.started) return "starting";
		if (running.size()) return "busy";
		if (paused) return "paused";
		return w.rest.until() ? "cooling_down" : "ready";
	}

	return {
		state: word(),
		attention: wanted,
		rest: w.rest.now(),
		paused,
		direct,
		pace,
		runs: running.shown(),
		models: w.offer.announced(),
		waiting: w.waiting,
		account: w.door.account?.name ?? null,
		log: w.journal.lines(),
	};
}

/** For the bridge. */
export function tellStanding(w: Worker, { running }: Work) {
	const { paused } = w.settings();
	const attention = w.attention.current();
	const hindered = !w.started || paused || attention || w.rest.until();
	// the pause after a run is no news while the run is on
	const until = running.size() ? w.rest.limitUntil() : w.rest.until();

	w.news.standing({
		free: hindered ? 0 : Math.max(0, w.slots - running.size()),
		attention,
		paused,
		until,
		note: until ? w.rest.now().message.slice(0, 500) : "",
	});
}
