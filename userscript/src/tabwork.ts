/** What a tab that leads runs: an engine, over a connection of its own. */

import { createConnection, type Wire } from "./connection";
import type { Files } from "./files";
import type { Gm } from "./gm";
import type { Pairing } from "./pairing";
import { createEngine, type Engine } from "./run/engine";
import type { Site } from "./site/index";
import type { Store } from "./store";

export interface TabWorkDeps {
	gm: Gm;
	server: string;
	version: string;
	/** This browser, as a worker. */
	id: string;
	pairing: Pairing;
	site: Site;
	store: Store;
	files: Files;
	changed: () => void;
	/** The token is good no more. */
	refused: () => void;
}

export interface TabWork {
	engine: Engine;
	wire: Wire;
	/** Resolves when it has looked at the site, and connects. */
	start(): Promise<void>;
	stop(): void;
}

/** The human has come to the tab. Returns the way out. */
function onReturnTo(page: Gm["page"], fn: () => void) {
	const visible = () => {
		if (page.document.visibilityState === "visible") fn();
	};

	page.document.addEventListener("visibilitychange", visible);
	page.addEventListener("focus", visible);
	return () => {
		page.document.removeEventListener("visibilitychange", visible);
		page.removeEventListener("focus", visible);
	};
}

export function createTabWork(deps: TabWorkDeps): TabWork {
	const { gm, server, version, id, pairing, site, store, files, changed } = deps;
	const { page } = gm;
	const onReturn = (fn: () => void) => onReturnTo(page, fn);
	const wire = createConnection({
		request: gm.request,
		page,
		server,
		token: pairing.token,
		worker: { id, name: pairing.name, kind: "browser", version },
		presence: () => engine.presence(),
	});
	const engine = createEngine({
		site,
		connection: wire,
		store,
		files,
		tabUrl: () => page.location.href,
		onReturn,
	});
	const nudge = () => wire.nudge();
	const away = [
		engine.on(changed),
		wire.onState((state) => {
			if (state.stopped === "unauthorized") deps.refused();
			changed();
		}),
		onReturn(nudge),
		() => page.removeEventListener("online", nudge),
	];
	let over = false;

	page.addEventListener("online", nudge);
	return {
		engine,
		wire,
		async start() {
			await engine.start();
			if (!over) wire.start();
		},
		stop() {
			over = true;
			for (const fn of away) fn();
			engine.stop();
			wire.stop();
		},
	};
}
