// The strip of workers: how each does, and where a human is wanted. All that comes from outside is
// set as text.

import { known, t } from "./texts.js";

const SURE_MS = 3000;

export const wantsHuman = (worker) => worker.state === "attention" && worker.attention !== null;

function el(tag, className, text = "") {
	const it = document.createElement(tag);
	it.className = className;
	it.textContent = text;
	return it;
}

// "21:05", with the day when that is not today.
export function clock(seconds, now = new Date()) {
	const when = new Date(seconds * 1000);
	const day = when.toDateString() === now.toDateString() ? {} : { weekday: "short" };
	return when.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", ...day });
}

function stateWords(worker) {
	if (!worker.connected) return t("w_away");
	const word = t(`w_${worker.state}`);
	return worker.state === "cooling_down" && worker.until ? t("w_until", { time: clock(worker.until) }) : word;
}

// Only such links may be followed; a worker could send anything.
function linkTo(url) {
	if (!/^https?:\/\//i.test(url ?? "")) return null;
	const link = el("a", "look", t("w_look"));
	link.href = url;
	link.target = "_blank";
	link.rel = "noreferrer";
	return link;
}

function wish({ reason, message, url }) {
	const box = el("div", "wish");
	box.append(el("b", "", t(known(`a_${reason}`) ? `a_${reason}` : "a_other")));
	if (message) box.append(el("span", "", message));
	const link = linkTo(url);
	if (link) box.append(link);
	return box;
}

// does: {remove(worker)}: a promise
export function makeWorkers(root, does) {
	let workers = [];
	let asked = ""; // the id of the worker that may be removed by one more click
	let timer = 0;
	let drawn = "";

	function bin(worker) {
		const sure = asked === worker.id;
		const button = el("button", sure ? "act sure" : "act", t(sure ? "sure" : "w_remove"));
		button.type = "button";
		button.setAttribute("aria-label", `${button.textContent}: ${worker.name}`);
		button.addEventListener("click", async () => {
			clearTimeout(timer);
			asked = sure ? "" : worker.id;
			if (!sure) timer = setTimeout(() => { asked = ""; draw(); }, SURE_MS);
			draw();
			root.querySelector(".sure")?.focus();
			if (sure) await does.remove(worker);
		});
		return button;
	}

	function item(worker) {
		const it = el("li", "worker");
		it.dataset.state = worker.connected ? worker.state : "away";
		it.append(el("span", "name", worker.name), el("span", "state soft small", stateWords(worker)));
		if (worker.note && worker.state === "cooling_down") it.append(el("span", "note soft small", worker.note));
		// Other workers may use the same key, such as those that the operator starts.
		if (worker.paired) it.append(bin(worker));
		if (wantsHuman(worker)) it.append(wish(worker.attention));
		return it;
	}

	// Drawn only when something is new, so that nobody's focus is lost.
	function draw() {
		const now = JSON.stringify([document.documentElement.lang, workers, asked]);
		if (now === drawn) return;
		drawn = now;
		root.replaceChildren(...workers.map(item));
		root.hidden = workers.length === 0;
	}

	return {
		draw,
		set(list) { workers = list; draw(); },
	};
}
