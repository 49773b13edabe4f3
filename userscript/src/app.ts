/**
 * From the page's load to work: the human agrees, the browser is paired, the tab leads, and an
 * engine runs over a connection. Before the human has agreed, nothing of the page is touched.
 */

import { createFiles, type Files } from "./files";
import type { Gm } from "./gm";
import { createLeader, type Leader } from "./leader";
import { createPairings, type Pairing, type Pairings } from "./pairing";
import { createSite, type Site, type SitePage } from "./site/index";
import { openStore, type Store } from "./store";
import { createTabWork, type TabWork } from "./tabwork";
import type { Actions, View } from "./view";

export interface AppDeps {
	gm: Gm;
	server: string;
	version: string;
	show: (view: View) => void;
}

/** Kept as the number of the text that was agreed to: another text asks anew. */
const AGREED = "agreed";
const TEXT = "1";
const NEWS_MS = 500;

type News = Pick<View, "wire" | "engine">;

/** How far it has come, and what is there by then. */
interface App extends AppDeps {
	pairings: Pairings;
	files: Files;
	agreed: boolean;
	pairing: Pairing | null;
	/** The server has taken the pairing back. */
	revoked: boolean;
	site: Site | null;
	store: Store | null;
	leader: Leader<News> | null;
	work: TabWork | null;
	/** Of the tab that leads. */
	other: News | null;
	changed: () => void;
}

function phaseOf({ agreed, pairing, leader }: App): View["phase"] {
	if (!agreed) return "consent";
	if (!pairing) return "pairing";
	return leader?.leads ? "working" : "standby";
}

const newsOf = ({ work }: App): News => ({
	wire: work?.wire.look() ?? null,
	engine: work?.engine.state ?? null,
});

function viewOf(app: App): View {
	const phase = phaseOf(app);

	return {
		phase,
		name: app.pairing?.name ?? "",
		server: app.server,
		version: app.version,
		...(phase === "standby" && app.other ? app.other : newsOf(app)),
		recorder: app.site?.recorder.state ?? "off",
		revoked: app.revoked,
	};
}

/** Shows it here, and to the other tabs, at most twice a second. */
function createTeller(app: App) {
	let toldAt = 0;
	let timer: ReturnType<typeof setTimeout> | null = null;

	function tell() {
		timer = null;
		toldAt = Date.now();
		app.leader?.tell(newsOf(app));
	}

	return function changed() {
		app.show(viewOf(app));
		if (!app.leader?.leads || timer) return;
		timer = setTimeout(tell, Math.max(0, toldAt + NEWS_MS - Date.now()));
	};
}

function openSite(app: App) {
	app.site ??= createSite({
		page: app.gm.page as unknown as SitePage,
		version: app.version,
		template: {
			get: () => app.store?.get("template") ?? null,
			set: (template) => void app.store?.put("template", template),
		},
		log: (message) => app.work?.engine.log("info", message),
	});
	app.site.recorder.on(app.changed);
}

function closeWork(app: App) {
	const was = app.work;

	app.work = null;
	was?.stop();
}

function standDown(app: App) {
	app.leader?.stop();
	app.leader = null;
}

/** The token is good no more. */
async function refused(app: App) {
	app.revoked = true;
	closeWork(app);
	app.pairing = null;
	await app.pairings.forget();
	standDown(app);
	app.changed();
}

async function openWork(app: App, pairing: Pairing) {
	const { gm, server, version, files, changed } = app;
	const id = await app.pairings.workerId();
	const store = await openStore({ get: gm.getValue, set: gm.setValue });
	const { site } = app;

	app.store = store;
	// much may have happened meanwhile
	if (!app.leader?.leads || !site || app.work || app.pairing?.token !== pairing.token) return;
	app.work = createTabWork({
		gm,
		server,
		version,
		id,
		pairing,
		site,
		store,
		files,
		changed,
		refused: () => void refused(app),
	});
	await app.work.start();
}

function begin(app: App) {
	if (app.pairing && app.leader?.leads) void openWork(app, app.pairing);
}

function standUp(app: App) {
	app.leader ??= createLeader<News>(app.gm.page, {
		lead() {
			app.other = null;
			begin(app);
			app.changed();
		},
		async yield() {
			closeWork(app);
			app.other = null;
		},
		news(news) {
			app.other = news;
			app.changed();
		},
		asked: app.changed,
	});
}

/** As far as what is kept says that it may go. */
async function refresh(app: App) {
	app.agreed = (await app.gm.getValue(AGREED)) === TEXT;
	app.pairing = app.agreed ? await app.pairings.get() : null;
	if (app.agreed) openSite(app);
	if (app.pairing) standUp(app);
	else {
		closeWork(app);
		standDown(app);
	}
	app.changed();
}

export function startApp(deps: AppDeps): Actions {
	const { gm, server } = deps;
	const pairings = createPairings(gm, server);
	const app: App = {
		...deps,
		pairings,
		files: createFiles(gm, server),
		agreed: false,
		pairing: null,
		revoked: false,
		site: null,
		store: null,
		leader: null,
		work: null,
		other: null,
		changed: () => undefined,
	};

	app.changed = createTeller(app);
	gm.addValueChangeListener(AGREED, (_value, remote) => {
		if (remote) void refresh(app);
	});
	pairings.onChange(() => void refresh(app));
	void refresh(app);

	return {
		agree: () => void gm.setValue(AGREED, TEXT).then(() => refresh(app)),
		async pair(code, name) {
			await pairings.pair(code, name);
			app.revoked = false;
			await refresh(app);
		},
		unpair: () => void pairings.forget().then(() => refresh(app)),
		claim: () => app.leader?.claim(),
		reconnect: () => app.work?.wire.start(),
		pause: (paused) => app.work?.engine.pause(paused),
		setPace: (pace) => app.work?.engine.setPace(pace),
		setDirect: (direct) => app.work?.engine.setDirect(direct),
		record(on) {
			if (on) app.site?.recorder.start();
			else app.site?.recorder.stop();
		},
		recording: () => app.site?.recorder.text() ?? "",
	};
}
