import assert from "node:assert/strict";
import test, { afterEach } from "node:test";
import {
	look,
	watchChallenges,
	type Challenge,
	type ChallengePage,
	type ChallengeWatch,
} from "../src/site/challenges";

interface Element {
	tag: "iframe" | "dialog";
	src?: string;
	title?: string;
	text?: string;
	width?: number;
	height?: number;
	left?: number;
	top?: number;
	style?: Partial<CSSStyleDeclaration>;
}

const BOX: Element = {
	tag: "iframe",
	src: "https://www.google.com/recaptcha/enterprise/anchor?k=1",
	title: "reCAPTCHA",
	width: 304,
	height: 78,
};
const DIALOG: Element = { tag: "dialog", width: 400, height: 200 };

function page(elements: Element[] = [], more: Partial<ChallengePage> = {}, title = "Arena") {
	const seen = (el: Element) => {
		const { width = 0, height = 0, left = 10, top = 10 } = el;

		return {
			src: el.src ?? "",
			title: el.title ?? "",
			textContent: el.text ?? "",
			style: { visibility: "visible", display: "block", opacity: "1", ...el.style },
			getBoundingClientRect: () => ({
				width,
				height,
				left,
				top,
				right: left + width,
				bottom: top + height,
			}),
		};
	};
	const observers = new Set<() => void>();
	const document = {
		title,
		querySelectorAll: (query: string) =>
			elements.filter((el) => query.includes(el.tag)).map(seen),
	};
	const window = {
		document,
		innerWidth: 1000,
		innerHeight: 800,
		getComputedStyle: (el: ReturnType<typeof seen>) => el.style,
		MutationObserver: class {
			constructor(readonly fn: () => void) {}
			observe() {
				observers.add(this.fn);
			}
			disconnect() {
				observers.delete(this.fn);
			}
		},
		...more,
	} as unknown as ChallengePage;

	return {
		window,
		document,
		elements,
		observers,
		/** As the page does when its elements change. */
		changed: () => observers.forEach((fn) => fn()),
	};
}

const reason = (...made: Parameters<typeof page>) => look(page(...made).window)?.reason ?? null;

const seen: [string, Parameters<typeof page>, Challenge["reason"] | null][] = [
	["nothing", [], null],
	["Cloudflare's page, by its title", [[], {}, "Just a moment..."], "blocked"],
	["Cloudflare's block", [[], {}, "Attention Required! | Cloudflare"], "blocked"],
	["Cloudflare's page under our own mark", [[], {}, "⚠ · Just a moment..."], "blocked"],
	["Cloudflare's page, by its options", [[], { _cf_chl_opt: {} }], "blocked"],
	["a title that only speaks of a moment", [[], {}, "Wait just a moment | Arena"], null],
	["the box of reCAPTCHA", [[BOX]], "challenge"],
	["a frame that its title tells", [[{ ...BOX, src: "about:blank" }]], "challenge"],
	[
		"Turnstile that wants a click",
		[
			[
				{
					...BOX,
					src: "https://challenges.cloudflare.com/x",
					title: "",
					width: 300,
					height: 65,
				},
			],
		],
		"challenge",
	],
	["hCaptcha", [[{ ...BOX, src: "https://newassets.hcaptcha.com/", title: "" }]], "challenge"],
	["any other frame", [[{ ...BOX, src: "https://example.com/player", title: "A film" }]], null],
	["the badge", [[{ ...BOX, src: `${BOX.src}&size=invisible` }]], null],
	["Turnstile that asks nothing", [[{ ...BOX, width: 0, height: 0 }]], null],
	["a frame of 199 pixels", [[{ ...BOX, width: 199 }]], null],
	["a frame of 200 by 60", [[{ ...BOX, width: 200, height: 60 }]], "challenge"],
	["a frame of 59 pixels' height", [[{ ...BOX, height: 59 }]], null],
	["one that is not displayed", [[{ ...BOX, style: { display: "none" } }]], null],
	["one that is hidden", [[{ ...BOX, style: { visibility: "hidden" } }]], null],
	["one that is seen through", [[{ ...BOX, style: { opacity: "0" } }]], null],
	["one above the screen", [[{ ...BOX, top: -10_000 }]], null],
	["one below the screen", [[{ ...BOX, top: 800 }]], null],
	["one left of the screen", [[{ ...BOX, left: -9999 }]], null],
	["one right of the screen", [[{ ...BOX, left: 1000 }]], null],
	["one that looks in at the edge", [[{ ...BOX, left: 999, top: 799 }]], "challenge"],
	["Security Verification", [[{ ...DIALOG, text: "Security Verification" }]], "verification"],
	[
		"Security Verification with its box: said as what it is",
		[[BOX, { ...DIALOG, text: "Security Verification: tick the box" }]],
		"verification",
	],
	["a dialog that is not shown", [[{ ...DIALOG, text: "Security Verification", width: 0 }]], null],
	["the login gate", [[{ ...DIALOG, text: "Sign in to continue" }]], "login"],
	["another dialog", [[{ ...DIALOG, text: "Log in or stay as you are" }]], null],
];

for (const [name, made, wanted] of seen)
	test(`on screen: ${name}: ${wanted ?? "nobody is wanted"}`, () => {
		assert.equal(reason(...made), wanted);
	});

interface Timer {
	at: number;
	fn: () => void;
}

const { setTimeout: realSet, clearTimeout: realClear } = globalThis;

afterEach(() => Object.assign(globalThis, { setTimeout: realSet, clearTimeout: realClear }));

/** Timers that fire as the test lets time pass. */
function timers() {
	const set = new Set<Timer>();
	let now = 0;

	Object.assign(globalThis, {
		setTimeout(fn: () => void, ms: number) {
			const timer = { at: now + ms, fn };

			set.add(timer);
			return timer;
		},
		clearTimeout: (timer: Timer) => set.delete(timer),
	});
	return function pass(ms: number) {
		const end = now + ms;

		for (;;) {
			const [next] = [...set].sort((a, b) => a.at - b.at);

			if (!next || next.at > end) break;
			set.delete(next);
			now = next.at;
			next.fn();
		}
		now = end;
	};
}

function watching(elements: Element[] = []) {
	const pass = timers();
	const p = page(elements);
	const watch: ChallengeWatch = watchChallenges(p.window);
	const told: (string | null)[] = [];

	watch.on((challenge) => told.push(challenge?.reason ?? null));
	return { ...p, watch, told, pass };
}

test("what is there already is told at once, and what comes when the page has settled", () => {
	assert.deepEqual(watching([BOX]).told, ["challenge"]);
	const w = watching();

	assert.deepEqual([w.told, w.watch.now()], [[], null]);
	w.elements.push(BOX);
	for (let i = 0; i < 100; i++) w.changed();
	assert.deepEqual(w.told, []);
	w.pass(249);
	assert.deepEqual(w.told, []);
	w.changed();
	w.pass(1);
	assert.deepEqual(w.told, ["challenge"]);
	w.changed();
	w.pass(250);
	assert.deepEqual(w.told, ["challenge"], "said once");
	assert.equal(w.watch.now()?.reason, "challenge");
});

test("what goes away by a change of style alone is seen to go", () => {
	const w = watching([BOX]);

	w.pass(2000);
	assert.deepEqual(w.told, ["challenge"]);
	w.elements[0] = { ...BOX, style: { visibility: "hidden" } };
	w.pass(2000);
	assert.deepEqual(w.told, ["challenge", null]);
	w.elements[0] = BOX;
	w.pass(60_000);
	assert.deepEqual(w.told, ["challenge", null], "nothing looks while nothing was there");
});

test("a widget of ours that wants a human is told until it is done", () => {
	const w = watching();

	w.watch.raise(true);
	assert.deepEqual(w.told, ["challenge"]);
	assert.match(w.watch.now()!.message, /^A verification on the page wants a human/);
	w.pass(10_000);
	assert.deepEqual(w.told, ["challenge"]);
	w.watch.raise(false);
	assert.deepEqual([w.told, w.watch.now()], [["challenge", null], null]);
});

test("a widget of ours behind a page of Cloudflare's: that page is what is told", () => {
	const w = watching();

	w.watch.raise(true);
	w.document.title = "Just a moment...";
	w.changed();
	w.pass(250);
	w.document.title = "Arena";
	w.changed();
	w.pass(250);
	w.watch.raise(false);
	assert.deepEqual(w.told, ["challenge", "blocked", "challenge", null]);
});

test("who has gone is told nothing, and a watch that has ended looks no more", () => {
	const w = watching();
	const others: unknown[] = [];
	const leave = w.watch.on((challenge) => others.push(challenge));

	leave();
	w.watch.raise(true);
	assert.deepEqual([w.told, others], [["challenge"], []]);
	w.watch.stop();
	assert.equal(w.observers.size, 0);
	w.document.title = "Just a moment...";
	w.pass(10_000);
	assert.deepEqual(w.told, ["challenge"]);
});
