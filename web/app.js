// The page at /video-chat: who is in, which language and light, and what goes where.

import { ApiError, makeApi, wordsOf } from "./api.js";
import { makeCard } from "./card.js";
import { makeComposer } from "./composer.js";
import { languageAtFirst, speak, t } from "./texts.js";
import { makePairing } from "./pair.js";
import { makeVideos } from "./videos.js";
import { makeWorkers, wantsHuman } from "./workers.js";

const KEY = "arena-video.key";
const LANG = "arena-video.language";
const THEME = "arena-video.theme";
const MODELS_MS = 10000;
const WORKERS_MS = 3000;
const ROW = 8; // px: the wall's grid, as in style.css

const $ = (id) => document.getElementById(id);
const cards = new Map(); // id to card
let session = null; // {api, videos, end}
let health = null; // the last trouble, or null
let models = [];
let workers = [];

// ---- language and light ----

function setLanguage(lang) {
	speak(lang);
	composer.redraw();
	for (const card of cards.values()) card.draw();
	crew.draw();
	pairing.draw();
	drawHealth();
}

function setTheme(theme) {
	if (theme) document.documentElement.dataset.theme = theme;
	else delete document.documentElement.dataset.theme;
}

function otherTheme() {
	const dark = matchMedia("(prefers-color-scheme: dark)").matches;
	const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
	const next = now === "dark" ? "light" : "dark";
	// What the system says needs no note of ours.
	if ((next === "dark") === dark) localStorage.removeItem(THEME);
	else localStorage.setItem(THEME, next);
	setTheme(next);
}

// ---- the wall ----

const sized = new ResizeObserver((entries) => {
	for (const { target } of entries) place(target);
});

// Each card takes as many rows of the grid as it is high: so the wall has no holes.
function place(root) {
	const high = root.getBoundingClientRect().height;
	root.style.gridRowEnd = `span ${Math.ceil((high + 24) / ROW)}`;
}

const does = {
	async cancel(id) { await tell(async () => session.videos.put(await session.api.cancel(id))); },
	async remove(id) {
		await tell(async () => {
			try {
				await session.api.remove(id);
			} catch (e) {
				if (e.status !== 404) throw e;
			}
			session.videos.drop(id);
		});
	},
	again: (video) => composer.again(video),
	async vote(id, winner) { await tell(async () => session.videos.put(await session.api.vote(id, winner))); },
	async refresh(id) {
		const fresh = await session?.api.get(id).catch(() => null);
		return fresh;
	},
};

// Trouble with something that was clicked is told where the state is told.
async function tell(work) {
	try {
		await work();
		setHealth(null);
	} catch (e) {
		if (!(e instanceof ApiError)) throw e;
		setHealth(e);
	}
}

function show(video) {
	const old = cards.get(video.id);
	if (old) {
		old.update(video);
	} else {
		const card = makeCard(video, does);
		cards.set(video.id, card);
		card.root.dataset.id = video.id;
		// Newest first; ids grow with time.
		const below = [...$("wall").children].find((el) => el.dataset.id < video.id);
		$("wall").insertBefore(card.root, below ?? null);
		place(card.root);
		sized.observe(card.root);
	}
	drawEmpty();
	drawTitle();
}

function hide(id) {
	const card = cards.get(id);
	if (!card) return;
	cards.delete(id);
	sized.unobserve(card.root);
	card.close();
	card.root.remove();
	drawEmpty();
	drawTitle();
}

function drawEmpty() {
	$("empty").hidden = !session?.loaded || cards.size > 0;
}

function drawTitle() {
	const going = session?.videos.running().filter((v) => v.status === "in_progress") ?? [];
	const title = going.length ? `${Math.max(...going.map((v) => v.progress))} % · Arena video` : "Arena video";
	document.title = workers.some(wantsHuman) ? `⚠ ${title}` : title;
}

// ---- the state line ----

function setHealth(error) {
	if (error?.status === 401) return signOut(error);
	health = error;
	drawHealth();
}

function drawHealth() {
	const el = $("health");
	let [state, text] = ["", ""];
	if (session && health) {
		state = "bad";
		text = health.status === 0 ? t("down")
			: health.status === 429 && health.waitMs ? t("limited", { n: Math.ceil(health.waitMs / 1000) })
			: wordsOf(health);
	} else if (session?.modelsKnown) {
		state = models.length ? "good" : "none";
		text = models.length === 1 ? t("up_model", { model: models[0].name || models[0].id })
			: models.length ? t("up") : t("workers_none");
	}
	el.dataset.state = state;
	if (el.textContent !== text) el.textContent = text;
}

// ---- in and out ----

const keyKept = () => sessionStorage.getItem(KEY) ?? localStorage.getItem(KEY);

function forgetKey() {
	sessionStorage.removeItem(KEY);
	localStorage.removeItem(KEY);
}

async function followModels(me) {
	while (session === me) {
		try {
			const list = await me.api.models();
			if (session !== me) return;
			models = list.data.filter((m) => m.available);
			me.modelsKnown = true;
			composer.setModels(models);
			drawHealth();
		} catch (e) {
			if (session === me && e.status === 401) return setHealth(e);
		}
		await new Promise((done) => setTimeout(done, document.hidden ? 6 * MODELS_MS : MODELS_MS));
	}
}

function setWorkers(list) {
	workers = list;
	crew.set(list);
	pairing.workers(list);
	drawTitle();
}

async function followWorkers(me) {
	while (session === me) {
		try {
			const list = await me.api.workers();
			if (session !== me) return;
			setWorkers(list.data);
		} catch (e) {
			if (session === me && e.status === 401) return setHealth(e);
		}
		await new Promise((done) => setTimeout(done, document.hidden ? 5 * WORKERS_MS : WORKERS_MS));
	}
}

async function older() {
	const me = session;
	$("more").disabled = true;
	await tell(async () => {
		const more = await me.videos.older();
		if (session !== me) return;
		me.loaded = true;
		$("more").hidden = !more;
	});
	$("more").disabled = false;
	drawEmpty();
}

function signIn(key) {
	const api = makeApi(key);
	const videos = makeVideos(api, { change: show, gone: hide, health: setHealth });
	session = { api, videos, loaded: false, modelsKnown: false };
	$("door").hidden = true;
	$("studio").hidden = false;
	$("leave").hidden = false;
	older();
	followModels(session);
	followWorkers(session);
	composer.redraw();
	composer.focus();
}

function signOut(error) {
	session?.videos.stop();
	session = null;
	health = null;
	models = [];
	setWorkers([]);
	pairing.close();
	forgetKey();
	for (const id of [...cards.keys()]) hide(id);
	composer.clear();
	$("studio").hidden = true;
	$("leave").hidden = true;
	$("more").hidden = true;
	$("door").hidden = false;
	doorSays(error ? wordsOf(error) : "");
	drawHealth();
	$("key").focus();
}

function doorSays(text) {
	$("door-wrong").hidden = text === "";
	$("door-wrong").textContent = text;
}

async function knock(event) {
	event.preventDefault();
	const key = $("key").value.trim();
	const button = $("door-form").querySelector("button");
	if (key.startsWith("wk_")) return doorSays(t("key_worker"));
	if (!/^av_[\w-]{43}$/.test(key)) return doorSays(t("key_shape"));
	button.disabled = true;
	try {
		await makeApi(key).list(null, 1);
		($("keep").checked ? localStorage : sessionStorage).setItem(KEY, key);
		$("key").value = "";
		doorSays("");
		signIn(key);
	} catch (e) {
		doorSays(wordsOf(e));
	} finally {
		button.disabled = false;
	}
}

// ---- images from anywhere ----

const imageIn = (data) => [...(data?.files ?? [])].find((f) => f.type.startsWith("image/")) ?? data?.files?.[0];

function listenForImages() {
	let depth = 0; // dragenter and dragleave come for every element crossed
	const carries = (e) => session && e.dataTransfer?.types.includes("Files");
	const draw = () => { $("drop").hidden = depth === 0; };
	addEventListener("dragenter", (e) => { if (carries(e)) { depth++; draw(); } });
	addEventListener("dragleave", (e) => { if (carries(e)) { depth = Math.max(0, depth - 1); draw(); } });
	addEventListener("dragover", (e) => { if (carries(e)) e.preventDefault(); });
	addEventListener("drop", (e) => {
		if (!carries(e)) return;
		e.preventDefault();
		depth = 0;
		draw();
		const file = imageIn(e.dataTransfer);
		if (file) composer.setImage(file);
	});
	addEventListener("paste", (e) => {
		const file = session && imageIn(e.clipboardData);
		if (!file) return;
		e.preventDefault();
		composer.setImage(file);
	});
}

// ---- begin ----

const composer = makeComposer(async (wish) => {
	const video = await session.api.create(wish);
	session.videos.put(video);
	setHealth(null);
});

const crew = makeWorkers($("workers"), {
	remove: (worker) => tell(async () => {
		await session.api.removeWorker(worker.id);
		setWorkers(workers.filter((each) => each.id !== worker.id));
	}),
});
const pairing = makePairing(() => session.api.pairingCode());

setTheme(localStorage.getItem(THEME));
setLanguage(languageAtFirst(localStorage.getItem(LANG), navigator.languages ?? []));
for (const button of document.querySelectorAll("[data-lang]"))
	button.addEventListener("click", () => {
		localStorage.setItem(LANG, button.dataset.lang);
		setLanguage(button.dataset.lang);
	});
$("theme").addEventListener("click", otherTheme);
$("leave").addEventListener("click", () => signOut());
$("door-form").addEventListener("submit", knock);
$("key").addEventListener("input", () => doorSays(""));
$("more").addEventListener("click", older);
$("add-worker").addEventListener("click", () => pairing.open(workers));
listenForImages();
setInterval(() => { if (!document.hidden) for (const card of cards.values()) card.draw(); }, 30000);

if (keyKept()) signIn(keyKept());
else signOut();
