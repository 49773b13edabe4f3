/**
 * Tells that a video is over to those who do not look: by the browser where they want that, else by
 * the title and by a message when they are back. Asked for once, when the first wait is a long one.
 */

import { effect, signal } from "@preact/signals";

import type { Video } from "../api/types";
import { t } from "../i18n/index";
import { notesOf } from "./notes";
import { go, hrefOf, type Route } from "./route";
import { read, write } from "./storage";
import type { Studio } from "./studio";
import { say } from "./toasts";
import { isOver } from "./videos";

const LONG_WAIT_MS = 30_000;
const ASK_STAY_MS = 20_000;
const PROMPT = 120;

/** What the reader chose; the browser has its say besides. */
export const notifying = signal(read("notify") === "on");
/** Those that ended while the page was not looked at, until it is. */
export const unseen = signal<readonly Video[]>([]);

type CanNotify = "yes" | "ask" | "blocked" | "no";

/** Notifications are for https and localhost only. */
export function canNotify(): CanNotify {
	if (!("Notification" in globalThis) || !isSecureContext) return "no";
	const { permission } = Notification;

	return permission === "granted" ? "yes" : permission === "denied" ? "blocked" : "ask";
}

/** Asks the browser when it has not said yet. false: it does not let us. */
export async function notifyOn(): Promise<boolean> {
	const granted =
		canNotify() === "yes" ||
		(canNotify() === "ask" && (await Notification.requestPermission()) === "granted");

	notifying.value = granted;
	write("notify", granted ? "on" : null);
	return granted;
}

export function notifyOff() {
	notifying.value = false;
	write("notify", null);
}

function placeOf(video: Video): Route {
	const { conversation } = notesOf(video);

	return conversation ? { at: "conversation", id: conversation } : { at: "gallery" };
}

const wordsFor = (list: readonly Video[]): string => {
	const done = list.filter((video) => video.status === "completed").length;

	return done === 0 ? t("over_failed", { n: list.length }) : t("over_done", { n: done });
};

async function tellByBrowser(video: Video) {
	const title = wordsFor([video]);
	const options: NotificationOptions = {
		body: (video.prompt ?? "").slice(0, PROMPT),
		icon: "/video-chat/icon-192.png",
		tag: notesOf(video).group ?? video.id, // one for all of a request; two tabs tell once
		data: location.pathname + hrefOf(placeOf(video)),
	};
	const worker = await navigator.serviceWorker?.getRegistration("/video-chat");

	// on phones only the service worker may
	if (worker?.active) return worker.showNotification(title, options);
	const told = new Notification(title, options);

	told.onclick = () => {
		focus();
		go(placeOf(video));
		told.close();
	};
}

function tell(video: Video) {
	unseen.value = [...unseen.peek(), video];
	if (notifying.peek() && canNotify() === "yes") tellByBrowser(video).catch(() => undefined);
}

/** Back again: what was missed is said. */
function back() {
	const missed = unseen.peek();
	const last = missed.at(-1);

	if (document.hidden || !last) return;
	unseen.value = [];
	say({
		kind: "info",
		text: wordsFor(missed),
		action: { label: t("show"), run: () => go(placeOf(last)) },
	});
}

function ask() {
	if (canNotify() !== "ask" || notifying.peek() || read("notify.asked") || document.hidden) return;
	write("notify.asked", "yes");
	say(
		{
			kind: "info",
			text: t("notify_ask"),
			action: { label: t("notify_yes"), run: () => void notifyOn() },
		},
		ASK_STAY_MS,
	);
}

/** Asks when a video that is being made has taken long. */
function askAfterLongWait({ videos }: Studio): () => void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	const end = effect(() => {
		const since = Math.min(...videos.running.value.map((video) => video.created_at));

		clearTimeout(timer);
		if (since < Infinity)
			timer = setTimeout(ask, since * 1000 + LONG_WAIT_MS - Date.now());
	});

	return () => {
		end();
		clearTimeout(timer);
	};
}

export function followNotify(studio: Studio) {
	const { signal: stop } = studio;
	const ends = [
		askAfterLongWait(studio),
		studio.videos.onChange((video, before) => {
			const ended = before !== null && !isOver(before) && isOver(video);

			if (ended && video.status !== "cancelled" && document.hidden) tell(video);
		}),
	];

	document.addEventListener("visibilitychange", back, { signal: stop });
	stop.addEventListener("abort", () => {
		ends.forEach((fn) => fn());
		unseen.value = [];
	});
}
