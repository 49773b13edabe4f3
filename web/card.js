// One video as a card. All that comes from outside is set as text.

import { isDuel, makeDuel } from "./duel.js";
import { isOver } from "./videos.js";
import { ago, known, t } from "./texts.js";

// The gateway's links are whole addresses; the page stays where it is and takes only the path.
function local(link, extra) {
	const url = new URL(link, location.href);
	if (extra) url.searchParams.set(...extra);
	return url.pathname + url.search;
}

function sides(size) {
	const [w, h] = (size ?? "").split("x").map(Number);
	return w > 0 && h > 0 ? [w, h] : [16, 9];
}

function stageWord(stage) {
	return known(`stage_${stage}`) ? t(`stage_${stage}`) : stage;
}

const VOTE_MS = 5000; // between looks at a vote that is on its way

// does: {cancel(id), remove(id), again(video), refresh(id), vote(id, winner)}, promises where they take time
export function makeCard(first, does) {
	const root = document.getElementById("card").content.firstElementChild.cloneNode(true);
	const $ = (selector) => root.querySelector(selector);
	const player = $("video");
	let video = first;
	let busy = ""; // the key of what is being done, or ""
	let sure = 0; // timer of the question whether to delete
	let source = "";
	let lost = false; // its file could not be played
	let side = 0; // of two videos, the one that is shown
	let voting = 0; // timer of the next look at a vote
	const duel = makeDuel($(".duel"), {
		show(index) { side = index; lost = false; draw(); },
		vote: (winner) => during("voting", () => does.vote(video.id, winner)),
	});

	const output = () => (isDuel(video) ? video.outputs[side] : video);

	function setText(selector, text) {
		const el = $(selector);
		if (el.textContent !== text) el.textContent = text;
		el.hidden = text === "";
	}

	function drawStage() {
		const shown = video.status === "completed" && output().url && !lost;
		const [w, h] = sides(video.size);
		$(".stage").style.setProperty("--w", w);
		$(".stage").style.setProperty("--h", h);
		root.classList.toggle("plain", !shown);
		player.hidden = !shown;
		$(".play").hidden = !shown || player.controls;
		$(".play").setAttribute("aria-label", t("play"));
		$(".board").hidden = shown;
		if (shown && source !== output().url) {
			source = output().url;
			if (output().thumbnail_url) player.poster = local(output().thumbnail_url);
			else player.preload = "metadata";
			player.src = local(source);
		}
		if (!shown) drawBoard();
	}

	function drawBoard() {
		const going = video.status === "in_progress";
		const why = video.status === "failed" ? whyText() : "";
		setText(".big", video.status === "failed" || lost ? "" : video.prompt ?? "");
		setText(".word", lost ? t("gone") : busy ? t(busy) : t(video.status));
		setText(".percent", going ? `${video.progress}\u2009%` : "");
		setText(".why", why);
		const film = $(".film");
		film.hidden = isOver(video);
		film.classList.toggle("waiting", !going);
		film.style.setProperty("--at", `${going ? video.progress : 0}%`);
		film.setAttribute("aria-valuenow", video.progress);
		film.setAttribute("aria-label", t(video.status));
	}

	function whyText() {
		const code = video.error?.code;
		return code && known(`e_${code}`) ? t(`e_${code}`) : video.error?.message ?? "";
	}

	function drawFoot() {
		const facts = [video.model, video.size?.replace("x", "\u2009×\u2009"), t("second", { n: video.seconds })];
		if (video.status === "in_progress" && video.stage) facts.push(stageWord(video.stage));
		if (!isOver(video) && video.attempts > 1) facts.push(t("attempt", { n: video.attempts }));
		facts.push(ago(video.created_at));
		setText(".said", video.prompt ?? "");
		$(".said").title = video.prompt ?? "";
		setText(".facts", facts.filter(Boolean).join(" · "));
		drawActs();
	}

	function drawAct(selector, there, key) {
		const el = $(selector);
		el.hidden = !there;
		el.lastElementChild.textContent = t(key);
		el.title = t(key);
		if (el.tagName === "BUTTON") el.disabled = busy !== "";
	}

	function drawActs() {
		const over = isOver(video);
		const there = video.status === "completed" && output().url && !lost;
		drawAct(".cancel", !over, "cancel");
		drawAct(".save", there, "save");
		drawAct(".again", over, "again");
		drawAct(".bin", over, sure ? "sure" : "bin");
		$(".bin").classList.toggle("sure", sure !== 0);
		if (there) $(".save").href = local(output().url, ["download", "1"]);
	}

	function draw() {
		root.dataset.status = video.status;
		drawStage();
		drawFoot();
		duel.draw(video, side, busy !== "");
		followVote();
	}

	// No event tells of a video that is over, so a vote on its way is asked after.
	function followVote() {
		if (voting || video.vote?.state !== "pending") return;
		voting = setTimeout(async () => {
			const fresh = await does.refresh(video.id);
			voting = 0;
			if (fresh) video = fresh;
			if (root.isConnected) draw();
		}, VOTE_MS);
	}

	async function during(key, work) {
		busy = key;
		draw();
		try {
			await work();
		} finally {
			busy = "";
			draw();
		}
	}

	$(".play").addEventListener("click", () => {
		player.controls = true;
		$(".play").hidden = true;
		player.focus();
		player.play().catch(() => { /* told by its error event, or by its controls */ });
	});
	$(".cancel").addEventListener("click", () => during("cancelling", () => does.cancel(video.id)));
	$(".again").addEventListener("click", () => does.again(video));
	$(".bin").addEventListener("click", () => {
		if (sure) {
			clearTimeout(sure);
			sure = 0;
			during("deleting", () => does.remove(video.id));
			return;
		}
		sure = setTimeout(() => { sure = 0; drawActs(); }, 3000);
		drawActs();
	});
	// A link lasts a day or so; a page may stay open longer. Ask for a new one, once.
	player.addEventListener("error", async () => {
		const before = source;
		const fresh = await does.refresh(video.id);
		if (fresh?.url && (isDuel(fresh) ? fresh.outputs[side] : fresh).url !== before) {
			video = fresh;
		} else {
			lost = true;
		}
		draw();
	});

	draw();
	return {
		root,
		draw,
		update(next) { video = next; lost = false; draw(); },
		created: () => video.created_at,
		close() { clearTimeout(sure); clearTimeout(voting); player.removeAttribute("src"); player.load(); },
	};
}
