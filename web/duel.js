// Two videos of one prompt on a card: which one is shown, and which one is better.

import { t } from "./texts.js";

const WINNERS = ["a", "b", "tie", "both_bad"];

export const isDuel = (video) => video.status === "completed" && video.outputs?.length === 2;

function button(className, fn) {
	const it = document.createElement("button");
	it.type = "button";
	it.className = className;
	it.addEventListener("click", fn);
	return it;
}

// does: {show(index), vote(winner)}
export function makeDuel(root, does) {
	const sides = [0, 1].map((index) => button("side", () => does.show(index)));
	const votes = WINNERS.map((winner) => button("vote", () => does.vote(winner)));
	const verdict = root.querySelector(".verdict");

	root.querySelector(".sides").append(...sides);
	root.querySelector(".votes").append(...votes);
	WINNERS.forEach((winner, i) => { votes[i].dataset.winner = winner; });

	function verdictOf(vote) {
		if (!vote) return "";
		if (vote.state === "failed") return t("vote_failed", { message: vote.message ?? "" });
		return t(vote.state === "pending" ? "vote_pending" : "vote_sent", { winner: t(`vote_${vote.winner}`) });
	}

	return {
		draw(video, shown, busy) {
			root.hidden = !isDuel(video);
			if (root.hidden) return;
			const letter = (i) => (video.outputs[i].label ?? "ab"[i]).toUpperCase();
			const open = !video.vote || video.vote.state === "failed";
			sides.forEach((side, i) => {
				side.textContent = [letter(i), video.outputs[i].model_name].filter(Boolean).join(" · ");
				side.setAttribute("aria-pressed", String(i === shown));
			});
			root.querySelector(".sides").setAttribute("aria-label", t("sides"));
			root.querySelector(".votes").setAttribute("aria-label", t("votes"));
			root.querySelector(".votes").hidden = !open;
			votes.forEach((vote, i) => {
				vote.textContent = t(`vote_${WINNERS[i]}`);
				vote.disabled = busy;
			});
			verdict.textContent = verdictOf(video.vote);
			verdict.hidden = verdict.textContent === "";
		},
	};
}
