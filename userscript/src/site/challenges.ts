/** What is on screen that only a human may do: it is seen and told, never touched. */

import type { AttentionReason } from "../types";

export interface Challenge {
	reason: AttentionReason;
	message: string;
}

export interface ChallengePage {
	document: Document;
	MutationObserver: typeof MutationObserver;
	_cf_chl_opt?: unknown;
	innerWidth: number;
	innerHeight: number;
	getComputedStyle(el: Element): CSSStyleDeclaration;
}

const LEAST_WIDTH = 200;
const LEAST_HEIGHT = 60;

/** The page's badge is a frame of that size too, and wants nothing. */
const badge = /[?&]size=invisible/;

function visible(page: ChallengePage, el: Element): boolean {
	const box = el.getBoundingClientRect();
	const style = page.getComputedStyle(el);

	return (
		box.width >= LEAST_WIDTH &&
		box.height >= LEAST_HEIGHT &&
		box.bottom > 0 &&
		box.right > 0 &&
		box.top < page.innerHeight &&
		box.left < page.innerWidth &&
		style.visibility !== "hidden" &&
		style.display !== "none" &&
		style.opacity !== "0"
	);
}

function frameWanted(page: ChallengePage): boolean {
	return [...page.document.querySelectorAll("iframe")].some(
		(frame) =>
			/recaptcha|hcaptcha|turnstile|challenge/i.test(
				`${frame.src} ${frame.title}`,
			) &&
			!badge.test(frame.src) &&
			visible(page, frame),
	);
}

function dialogSays(page: ChallengePage, words: RegExp): boolean {
	return [...page.document.querySelectorAll('[role="dialog"], dialog[open]')].some(
		(dialog) => words.test(dialog.textContent ?? "") && visible(page, dialog),
	);
}

interface Rule extends Challenge {
	seen(page: ChallengePage): boolean;
}

/** The first that is seen counts. */
const rules: Rule[] = [
	{
		reason: "blocked",
		message: "Cloudflare wants to see a human.",
		// our own mark may stand before the title
		seen: (page) =>
			/(^|·)\s*(just a moment|attention required!)/i.test(page.document.title) ||
			page._cf_chl_opt !== undefined,
	},
	{
		reason: "verification",
		message: "The site asks for its Security Verification.",
		seen: (page) => dialogSays(page, /security verification/i),
	},
	{
		reason: "challenge",
		message: "A challenge on the page wants a human.",
		seen: frameWanted,
	},
	{
		reason: "login",
		message: "The site wants a login.",
		seen: (page) =>
			dialogSays(page, /\b(log|sign) ?in to (continue|keep|use|generate)/i),
	},
];

export function look(page: ChallengePage): Challenge | null {
	const rule = rules.find((one) => one.seen(page));

	return rule ? { reason: rule.reason, message: rule.message } : null;
}

export interface ChallengeWatch {
	now(): Challenge | null;
	/** A widget of ours has turned interactive: shown, and for the human to do. */
	raise(wanted: boolean): void;
	on(fn: (challenge: Challenge | null) => void): () => void;
	stop(): void;
}

const SETTLE_MS = 250;
/** While something is on screen a change of style alone may take it away. */
const AGAIN_MS = 2000;

const watched = { childList: true, subtree: true, attributes: true };
const attributeFilter = ["src", "style", "class", "title", "hidden", "open"];

export function watchChallenges(page: ChallengePage): ChallengeWatch {
	const listeners = new Set<(challenge: Challenge | null) => void>();
	let raised = false;
	let last: Challenge | null = null;
	let timer: ReturnType<typeof setTimeout> | null = null;
	let settling = false;

	const widget: Challenge = {
		reason: "challenge",
		message: "A verification on the page wants a human.",
	};

	function check() {
		const seen = look(page) ?? (raised ? widget : null);

		if (seen?.message !== last?.message) {
			last = seen;
			for (const fn of listeners) fn(seen);
		}
		if (last && !timer) later(AGAIN_MS);
	}

	function later(ms: number) {
		if (timer) clearTimeout(timer);
		timer = setTimeout(() => {
			timer = null;
			settling = false;
			check();
		}, ms);
	}

	// a page that never comes to rest is looked at all the same
	const observer = new page.MutationObserver(() => {
		if (settling) return;
		settling = true;
		later(SETTLE_MS);
	});

	observer.observe(page.document, { ...watched, attributeFilter });
	check();
	return {
		now: () => last,
		raise(wanted) {
			raised = wanted;
			check();
		},
		on(fn) {
			listeners.add(fn);
			if (last) fn(last);
			return () => listeners.delete(fn);
		},
		stop() {
			observer.disconnect();
			if (timer) clearTimeout(timer);
		},
	};
}
