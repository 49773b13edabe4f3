/** What goes on: where a human is wanted, the connection, the job, the rest, the queue. */

import type { WireState } from "../connection";
import type { EngineState, RunState } from "../types";
import type { View } from "../view";
import { setText } from "./dom";
import { clockTime, sameDay, span, type Kit, type Part } from "./part";
import { adviceOf, type Speak, type Word } from "./texts";

export function linkWords(t: Speak, wire: WireState | null): string {
	if (!wire || wire.state === "connecting") return t("connecting");
	if (wire.state === "offline") return t("offline");
	if (wire.state === "stopped")
		return t(wire.stopped === "replaced" ? "replaced" : "stopped");
	if (wire.transport === "websocket") return t("by_websocket");
	return wire.bar ? `${t("by_http")} (${t(`bar_${wire.bar}` as Word)})` : t("by_http");
}

function queueWords(t: Speak, waiting: number | null): string {
	if (waiting === null) return "";
	if (waiting < 2) return t(waiting ? "waiting_one" : "waiting_none");
	return t("waiting_many", { n: waiting });
}

const stages: Record<string, Word> = {
	asking: "stage_asking",
	rendering: "stage_rendering",
	uploading: "stage_uploading",
};

/** What a run is at; as it was said where it is no word of ours. */
export function stageWords(t: Speak, stage: string): string {
	const part = /^(\d+) of (\d+) videos$/.exec(stage);
	const word = stages[stage];

	if (part) return t("stage_part", { n: part[1]!, all: part[2]! });
	return word ? t(word) : stage;
}

function attentionPart({ el, t }: Kit): Part {
	const advice = el("p", { class: "advice" });
	const said = el("p", { class: "soft" });
	const root = el(
		"div",
		{ class: "attention", role: "alert", hidden: true },
		el("h2", {}, t("attention")),
		advice,
		said,
	);

	return {
		root,
		draw({ engine }) {
			const wanted = engine?.attention;

			root.hidden = !wanted;
			setText(advice, wanted ? t(adviceOf[wanted.reason]) : "");
			setText(said, wanted?.message ?? "");
		},
	};
}

function runPart({ el, t, now }: Kit): { root: HTMLElement; draw(run: RunState | null): void } {
	const model = el("p", { class: "model" });
	const prompt = el("p", { class: "prompt" });
	const bar = el("progress", { max: 100, "aria-label": t("progress") });
	const stage = el("p", { class: "soft" });
	const root = el("div", { class: "job" }, model, prompt, bar, stage);

	return {
		root,
		draw(run) {
			root.hidden = !run;
			if (!run) return;
			setText(model, run.model);
			setText(prompt, run.prompt);
			bar.value = run.percent;
			const since = t("since", { time: span(now() - run.since) });

			setText(
				stage,
				[`${Math.round(run.percent)} %`, stageWords(t, run.stage), since]
					.filter(Boolean)
					.join(" · "),
			);
		},
	};
}

function restPart(kit: Kit): Part {
	const { el, t } = kit;
	const why = el("strong");
	const until = el("span");
	const said = el("p", { class: "soft" });
	const root = el(
		"div",
		{ class: "rest", hidden: true },
		el("p", {}, why, " · ", until),
		said,
	);
	const reasons: Record<string, Word> = {
		pace: "rest_pace",
		limit: "rest_limit",
		verification: "rest_verification",
	};

	function draw(engine: EngineState | null) {
		const rest = engine?.rest;

		root.hidden = !rest?.until || !rest.reason;
		if (!rest?.reason) return;
		setText(why, t(reasons[rest.reason] ?? "rest_limit"));
		const time = clockTime(kit, rest.until);

		setText(until, t(sameDay(kit.now(), rest.until) ? "rest" : "rest_day", { time }));
		// what is said above already needs no second time
		const known = rest.reason === "pace" || rest.message === engine?.attention?.message;

		setText(said, known ? "" : rest.message);
	}
	return { root, draw: ({ engine }) => draw(engine) };
}

function runsOf(engine: EngineState | null): RunState[] {
	return engine?.runs ?? [];
}

export function workPart(kit: Kit): Part {
	const { el, t, actions } = kit;
	const attention = attentionPart(kit);
	const rest = restPart(kit);
	const link = el("p", { class: "link" });
	const words = el("p", { class: "soft" });
	const standby = el("p", { class: "note" });
	const claim = el("button", { type: "button" }, t("claim"));
	const reconnect = el("button", { type: "button" }, t("reconnect"));
	const pause = el("button", { type: "button" });
	const jobs = el("div", { role: "group", "aria-label": t("job") });
	const runs = [runPart(kit)];
	const none = el("p", { class: "soft" });
	const account = el("p", { class: "soft" });

	jobs.append(...runs.map((run) => run.root));
	claim.addEventListener("click", () => actions().claim());
	reconnect.addEventListener("click", () => actions().reconnect());
	pause.addEventListener("click", () => actions().pause(pause.dataset.paused !== "yes"));

	function drawRuns({ engine, wire }: View) {
		const all = runsOf(engine);
		// what the server said last is old when it is out of reach
		const waiting = wire?.state === "online" ? engine?.waiting : null;

		while (runs.length < all.length) {
			const run = runPart(kit);

			runs.push(run);
			jobs.append(run.root);
		}
		runs.forEach((run, i) => run.draw(all[i] ?? null));
		const queue = queueWords(t, waiting ?? null);

		jobs.hidden = all.length === 0;
		setText(none, all.length ? queue : `${t("job_none")} ${queue}`.trim());
	}

	return {
		root: el(
			"div",
			{ class: "part" },
			attention.root,
			standby,
			el("div", {}, link, words),
			rest.root,
			jobs,
			none,
			account,
			el("div", { class: "row" }, pause, reconnect, claim),
		),
		draw(view) {
			const { engine, wire, phase } = view;
			const waits = phase === "standby";

			attention.draw(view);
			rest.draw(view);
			drawRuns(view);
			setText(link, linkWords(t, wire));
			setText(words, wire?.state === "offline" ? wire.words : "");
			standby.hidden = claim.hidden = !waits;
			setText(
				standby,
				waits ? `${t("standby_title")}. ${t("standby_text")}` : "",
			);
			reconnect.hidden = waits || wire?.stopped !== "replaced";
			pause.hidden = waits || !engine;
			pause.className = engine?.paused ? "main" : "";
			pause.dataset.paused = engine?.paused ? "yes" : "no";
			setText(pause, t(engine?.paused ? "resume" : "pause"));
			setText(
				account,
				!engine || engine.state === "starting"
					? ""
					: engine.account
						? t("account", { name: engine.account })
						: engine.account === null
							? t("account_none")
							: "",
			);
		},
	};
}
