/**
 * Where a human is wanted: what is on the screen, and what an answer of the site told. The screen
 * tells by itself when it is over; after an answer the site is asked, at growing pauses and as soon
 * as the human comes to the tab.
 */

import type { Site } from "../site/index";
import type { Attention, AttentionReason } from "../types";
import { growing } from "../wait";
import type { Door } from "./door";

export interface AttentionDeps {
	site: Pick<Site, "watchChallenges" | "onPageRun">;
	door: Pick<Door, "whoami" | "letIn">;
	now: () => number;
	random: () => number;
	tabUrl: () => string;
	/** The human has come to the tab. */
	onReturn: (fn: () => void) => () => void;
	/** Until when a verification rests; it needs no human after that. */
	restsUntil: () => number;
	changed: () => void;
}

export interface AttentionBoard {
	current(): Attention | null;
	/** An answer of the site, in its words: a human is wanted. vacant: for nobody is in, so a visitor will do. */
	told(reason: AttentionReason, message: string, vacant?: boolean): void;
	/** Resolves when nobody is wanted. */
	over(signal: AbortSignal): Promise<void>;
	/** The site took a run: if it was troubled, it is no more. */
	calm(): void;
	/** Looks whether it is over, when it is time to. */
	tick(): void;
	stop(): void;
}

const FIRST_MS = 15_000;
const MOST_MS = 5 * 60_000;

export function createAttention(deps: AttentionDeps): AttentionBoard {
	const { site, door, now, random, tabUrl, onReturn, restsUntil } = deps;
	let screen: Attention | null = null;
	let answer: Attention | null = null;
	/** Nobody was in since that answer. */
	let vacant = false;
	let tries = 0;
	let nextLook = 0;
	let looking = false;
	let timer: ReturnType<typeof setTimeout> | null = null;
	const waiting = new Set<() => void>();

	const make = (
		reason: AttentionReason,
		message: string,
		old: Attention | null,
	): Attention => ({
		reason,
		message,
		url: tabUrl(),
		since: old?.since ?? now(),
	});
	const current = () => screen ?? answer;

	function changed() {
		if (!current()) for (const go of [...waiting]) go();
		deps.changed();
	}

	function later() {
		nextLook = now() + growing(tries++, FIRST_MS, 2, MOST_MS, random);
		if (timer) clearTimeout(timer);
		timer = setTimeout(tick, nextLook - now());
	}

	function clear() {
		answer = null;
		if (timer) clearTimeout(timer);
		timer = null;
		changed();
	}

	/** Is the site as it should be? A visitor is not enough where one was in, and a login wanted. */
	async function well(reason: AttentionReason): Promise<boolean> {
		if (reason === "verification") return restsUntil() === 0;
		const account = await door.whoami();

		if (account) return vacant || reason !== "login" || !account.guest;
		vacant = true;
		return (await door.letIn()) !== null;
	}

	async function look() {
		const before = answer;

		if (!before || looking) return;
		looking = true;
		const good = await well(before.reason).catch(() => false);

		looking = false;
		if (answer !== before) return;
		if (good) clear();
		else later();
	}

	function tick() {
		if (answer && now() >= nextLook) void look();
	}

	const away = [
		onReturn(() => void look()),
		site.watchChallenges((seen) => {
			const was = screen;

			screen = seen ? make(seen.reason, seen.message, screen) : null;
			changed();
			// the human has done something: perhaps all that was wanted
			if (was && !seen) void look();
		}),
		site.onPageRun(() => {
			if (answer) clear();
		}),
	];

	return {
		current,
		told(reason, message, nobody = false) {
			vacant = nobody;
			answer = make(reason, message, answer);
			later();
			changed();
		},
		over: (signal) =>
			new Promise((resolve) => {
				if (!current() || signal.aborted) return resolve();
				const go = () => {
					waiting.delete(go);
					resolve();
				};

				waiting.add(go);
				signal.addEventListener("abort", go, { once: true });
			}),
		calm() {
			tries = 0;
		},
		tick,
		stop() {
			for (const fn of away) fn();
			if (timer) clearTimeout(timer);
		},
	};
}
