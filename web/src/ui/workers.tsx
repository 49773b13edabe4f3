/** Who makes the videos: the strip at the foot of the sidebar. All that comes from outside is text. */

import { known, t } from "../i18n/index";
import { clock, sameDay } from "../i18n/times";
import type { Worker } from "../api/types";
import { attempt } from "../state/studio";
import { wantsHuman } from "../state/workers";
import { pairingOpen } from "./first-steps";
import { useStudio } from "./studio";
import { Sure } from "./sure";
import { Tool } from "./tool";

/** Only such links may be followed; a worker could send anything. */
const linkOf = (url: string | null): string | null =>
	url && /^https?:\/\//i.test(url) ? url : null;

function stateOf(worker: Worker): string {
	if (!worker.connected) return t("w_away");
	if (worker.state === "cooling_down" && worker.until) {
		const now = Date.now();
		const word = sameDay(worker.until, now) ? "w_until" : "w_until_day";

		return t(word, { time: clock(worker.until, now) });
	}
	return t(`w_${worker.state ?? "ready"}`);
}

/** Why it wants a human, in the reader's words and its own. */
export function Wish({ worker }: { worker: Worker }) {
	if (!worker.attention) return null;
	const { reason, message, url } = worker.attention;
	const link = linkOf(url);

	return (
		<p class="wish">
			<b>{t(known(`a_${reason}`) ? `a_${reason}` : "a_other")}</b>{" "}
			{message && <bdi>{message}</bdi>}{" "}
			{link && (
				<a href={link} target="_blank" rel="noopener noreferrer">
					{t("w_look")}
				</a>
			)}
		</p>
	);
}

function Item({ worker }: { worker: Worker }) {
	const { workers, models } = useStudio();
	const names = worker.models
		.map(models.nameOf)
		.filter((name) => name !== worker.name);

	return (
		<li
			class="worker"
			data-id={worker.id}
			data-state={worker.connected ? worker.state : "away"}
		>
			<span class="dot" />
			<div class="worker-text">
				<bdi class="name">{worker.name}</bdi>
				<span class="soft">
					{stateOf(worker)}
					{worker.busy > 0 && worker.slots > 1 && ` ${worker.busy}/${worker.slots}`}
				</span>
				{names.length > 0 && (
					<span class="soft offers" title={names.join(", ")}>
						<bdi>{names.join(", ")}</bdi>
					</span>
				)}
				{worker.note && worker.state === "cooling_down" && (
					<bdi class="soft">{worker.note}</bdi>
				)}
			</div>
			{worker.paired && (
				<Sure
					label={t("w_remove", { name: worker.name })}
					icon="bin"
					run={() => void attempt(() => workers.remove(worker.id))}
				/>
			)}
			{wantsHuman(worker) && <Wish worker={worker} />}
		</li>
	);
}

/** Who wants something first, who is away last. */
const rank = (worker: Worker): number => (wantsHuman(worker) ? 0 : worker.connected ? 1 : 2);

export function WorkerStrip() {
	const { models, workers } = useStudio();
	// a key that the operator made, and nobody uses just now, is no worker
	const all = workers.all.value
		.filter((worker) => worker.connected || worker.paired)
		.sort((a, b) => rank(a) - rank(b));
	const none = workers.loaded.value && workers.connected.value.length === 0;

	return (
		<section class="workers" aria-label={t("workers")}>
			<header>
				<h2 class="small soft">{t("workers")}</h2>
				<Tool
					icon="plus"
					label={t("worker_add")}
					onClick={() => (pairingOpen.value = true)}
				/>
			</header>
			{none && (
				<p class="soft small">
					{t(models.available.value.length ? "workers_others" : "workers_none")}
				</p>
			)}
			<ul>
				{all.map((worker) => (
					<Item worker={worker} key={worker.id} />
				))}
			</ul>
		</section>
	);
}
