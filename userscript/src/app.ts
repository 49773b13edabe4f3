/**
 * From the page's load to work: the human agrees, the browser is paired, the tab leads, and an
 * engine runs over a connection. Before the human has agreed, nothing of the page is touched.
 */

import { createConnection, type Wire } from "./connection";
import { createFiles } from "./files";
import type { Gm } from "./gm";
import { createLeader, type Leader } from "./leader";
import { createPairings, type Pairing } from "./pairing";
import { createEngine, type Engine } from "./run/engine";
import { createSite, type Site, type SitePage } from "./site/index";
import { openStore, type Store } from "./store";
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

interface Work {
	engine: Engine;
	wire: Wire;
	away: (() => void)[];
}

type News = Pick<View, "wire" | "engine">;

export function startApp({ gm, server, version, show }: AppDeps): Actions {
	const { page } = gm;
	const pairings = createPairings(gm, server);
	const files = createFiles(gm, server);
	let agreed = false;
	let pairing: Pairing | null = null;
	let revoked = false;
	let site: Site | null = null;
	let store: Store | null = null;
	let leader: Leader<News> | null = null;
	let work: Work | null = null;
	let other: News | null = null;
	let toldAt = 0;
	let telling: ReturnType<typeof setTimeout> | null = null;

	function phase(): View["phase"] {
		if (!agreed) return "consent";
		if (!pairing) return "pairing";
		return leader?.leads ? "working" : "standby";
	}

	const news = (): News => ({
		wire: work?.wire.look() ?? null,
		engine: work?.engine.state ?? null,
	});

	function view(): View {
		const standby = phase() === "standby";

		return {
			phase: phase(),
			name: pairing?.name ?? "",
			server,
			version,
			...(standby && other ? other : news()),
			recorder: site?.recorder.state ?? "off",
			revoked,
		};
	}

	/** The other tabs hear of it too, at most twice a second. */
	function changed() {
		show(view());
		if (!leader?.leads || telling) return;
		telling = setTimeout(
			() => {
				telling = null;
				toldAt = Date.now();
				leader?.tell(news());
			},
			Math.max(0, toldAt + NEWS_MS - Date.now()),
		);
	}

	function openSite() {
		site ??= createSite({
			page: page as unknown as SitePage,
			version,
			template: {
				get: () => store?.get("template") ?? null,
				set: (template) => void store?.put("template", template),
			},
			log: (message) => work?.engine.log("info", message),
		});
		site.recorder.on(changed);
		return site;
	}

	function onReturn(fn: () => void) {
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

	async function openWork(token: string, name: string) {
		const id = await pairings.workerId();

		store = await openStore({ get: gm.getValue, set: gm.setValue });
		if (!leader?.leads || !site || work || pairing?.token !== token) return;
		const wire = createConnection({
			request: gm.request,
			page,
			server,
			token,
			worker: { id, name, kind: "browser", version },
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

		page.addEventListener("online", nudge);
		work = {
			engine,
			wire,
			away: [
				engine.on(changed),
				wire.onState((state) => {
					if (state.stopped === "unauthorized") void refused();
					changed();
				}),
				onReturn(nudge),
				() => page.removeEventListener("online", nudge),
			],
		};
		await engine.start();
		if (work?.wire === wire) wire.start();
	}

	function closeWork() {
		const was = work;

		work = null;
		for (const fn of was?.away ?? []) fn();
		was?.engine.stop();
		was?.wire.stop();
	}

	/** The token is good no more. */
	async function refused() {
		revoked = true;
		closeWork();
		pairing = null;
		await pairings.forget();
		standDown();
		changed();
	}

	function standDown() {
		leader?.stop();
		leader = null;
	}

	function begin() {
		if (pairing && leader?.leads) void openWork(pairing.token, pairing.name);
	}

	function standUp() {
		leader ??= createLeader<News>(page, {
			lead() {
				other = null;
				begin();
				changed();
			},
			async yield() {
				closeWork();
				other = null;
			},
			news(news) {
				other = news;
				changed();
			},
			asked: changed,
		});
	}

	async function refresh() {
		agreed = (await gm.getValue(AGREED)) === TEXT;
		pairing = agreed ? await pairings.get() : null;
		if (agreed) openSite();
		if (pairing) standUp();
		else {
			closeWork();
			standDown();
		}
		changed();
	}

	gm.addValueChangeListener(AGREED, (_value, remote) => {
		if (remote) void refresh();
	});
	pairings.onChange(() => void refresh());
	void refresh();

	return {
		agree: () => void gm.setValue(AGREED, TEXT).then(refresh),
		async pair(code, name) {
			await pairings.pair(code, name);
			revoked = false;
			await refresh();
		},
		unpair: () => void pairings.forget().then(refresh),
		claim: () => leader?.claim(),
		reconnect: () => work?.wire.start(),
		pause: (paused) => work?.engine.pause(paused),
		setPace: (pace) => work?.engine.setPace(pace),
		setDirect: (direct) => work?.engine.setDirect(direct),
		record(on) {
			if (on) site?.recorder.start();
			else site?.recorder.stop();
		},
		recording: () => site?.recorder.text() ?? "",
	};
}
