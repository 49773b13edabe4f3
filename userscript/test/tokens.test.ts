import assert from "node:assert/strict";
import test from "node:test";
import {
	createTokens,
	recaptchaKey,
	turnstileKey,
	type TokenPage,
	type Tokens,
} from "../src/site/tokens";
import { abortError, type Sleep } from "../src/wait";
import { until } from "./lib/wait";

type Options = Parameters<NonNullable<TokenPage["turnstile"]>["render"]>[1];

interface Pause {
	ms: number;
	over(): void;
}

/** A page whose widgets come and answer when the test says so; pauses end when it says so, too. */
function page(keys: { sites?: string[]; frames?: string[]; scripts?: string[] } = {}) {
	const { sites = ["0x4AAAkey"], frames = [], scripts = [] } = keys;
	const places = new Set<object>();
	const pauses = new Set<Pause>();
	const told: boolean[] = [];
	const document = {
		body: { append: (el: object) => void places.add(el) },
		createElement: () => {
			const el = { style: {}, remove: () => void places.delete(el) };

			return el;
		},
		querySelectorAll: (query: string) =>
			query === "[data-sitekey]"
				? sites.map((sitekey) => ({ dataset: { sitekey } }))
				: query === "iframe"
					? frames.map((src) => ({ src }))
					: scripts.map((src) => ({ src })),
	};
	const sleep: Sleep = (ms, signal) =>
		new Promise((resolve, reject) => {
			const pause = {
				ms,
				over() {
					pauses.delete(pause);
					resolve();
				},
			};

			pauses.add(pause);
			signal?.addEventListener("abort", () => {
				pauses.delete(pause);
				reject(abortError());
			});
		});
	const window = { document } as unknown as TokenPage;
	const widget = { options: null as Options | null, removed: [] as string[] };
	const tokens: Tokens = createTokens({
		page: window,
		sleep,
		interactive: (wanted) => told.push(wanted),
	});

	return {
		window,
		tokens,
		places,
		pauses,
		told,
		widget,
		/** The widget's script has come. */
		loaded() {
			window.turnstile = {
				render(_, options) {
					widget.options = options;
					return "w1";
				},
				remove: (id) => widget.removed.push(id),
			};
		},
		/** Ends the pauses that there are, n times over. */
		async pass(n: number) {
			for (let i = 0; i < n; i++) {
				await new Promise((resolve) => setImmediate(resolve));
				for (const pause of [...pauses]) pause.over();
			}
		},
		rendered: () => until("the widget to be rendered", () => widget.options),
	};
}

type Page = ReturnType<typeof page>;

/** Nothing of a widget is left behind, on the page or in the air. */
function gone(p: Page) {
	assert.deepEqual([p.places.size, p.pauses.size, p.widget.removed], [0, 0, ["w1"]]);
	assert.equal(p.told.at(-1), false, "no human is called any more");
}

test("Turnstile: its token, by nobody's hand", async () => {
	const p = page();

	p.loaded();
	const token = p.tokens.turnstile();

	await p.rendered();
	assert.equal(p.widget.options?.sitekey, "0x4AAAkey");
	assert.equal(p.places.size, 1);
	p.widget.options?.callback("good");
	assert.equal(await token, "good");
	assert.ok(!p.told.includes(true));
	gone(p);
});

test("Turnstile that turns interactive is shown and told, and waits for the human", async () => {
	const p = page();

	p.loaded();
	const token = p.tokens.turnstile();

	await p.rendered();
	p.widget.options?.["before-interactive-callback"]();
	assert.deepEqual(p.told, [true]);
	assert.equal(p.places.size, 1, "it stays on the page");
	assert.deepEqual(
		[...p.pauses].map((pause) => pause.ms),
		[10 * 60_000],
	);
	p.widget.options?.["after-interactive-callback"]();
	assert.deepEqual(p.told, [true, false]);
	p.widget.options?.callback("by a human");
	assert.equal(await token, "by a human");
	gone(p);
});

const endings: [string, (p: Page, stop: AbortController) => void, object][] = [
	[
		"its error",
		(p) => p.widget.options?.["error-callback"]("300010"),
		{ kind: "challenge", message: /Turnstile\) failed: 300010/ },
	],
	[
		"its expiry",
		(p) => p.widget.options?.["expired-callback"](),
		{ kind: "challenge", message: /it expired/ },
	],
	[
		"nobody's answer",
		(p) => [...p.pauses].forEach((pause) => pause.over()),
		{ kind: "challenge", message: /no answer/ },
	],
	["a stop", (_, stop) => stop.abort(), { name: "AbortError" }],
];

for (const [name, end, error] of endings)
	test(`Turnstile that is interactive ends with ${name}, and leaves nothing behind`, async () => {
		const p = page();
		const stop = new AbortController();

		p.loaded();
		const token = p.tokens.turnstile(stop.signal);

		await p.rendered();
		p.widget.options?.["before-interactive-callback"]();
		end(p, stop);
		await assert.rejects(token, error);
		gone(p);
	});

test("Turnstile that cannot be rendered is a challenge that failed, in its own words", async () => {
	const p = page();

	p.loaded();
	p.window.turnstile!.render = () => {
		throw new Error("Invalid input for parameter");
	};
	await assert.rejects(p.tokens.turnstile(), {
		kind: "challenge",
		message: /failed: Invalid input for parameter/,
	});
	assert.deepEqual([p.places.size, p.pauses.size], [0, 0]);
});

test("an element named as the widget is not the widget: its script is waited for", async () => {
	const p = page();

	// <div id="turnstile"> is window.turnstile until the script has come
	p.window.turnstile = { dataset: {} } as never;
	const token = p.tokens.turnstile();

	await p.pass(3);
	p.loaded();
	await p.pass(1);
	await p.rendered();
	p.widget.options?.callback("good");
	assert.equal(await token, "good");
});

for (const [name, ask] of [
	["turnstile", (p: Page) => p.tokens.turnstile()],
	["recaptcha", (p: Page) => p.tokens.recaptcha("chat_submit")],
] as const)
	test(`a widget that never loads (${name}) is waited for ten seconds`, async () => {
		const p = page();
		let waited = 0;
		let over = false;
		const token = ask(p).finally(() => (over = true));

		token.catch(() => undefined);
		while (!over) {
			for (const pause of [...p.pauses]) {
				waited += pause.ms;
				pause.over();
			}
			await new Promise((resolve) => setImmediate(resolve));
		}
		await assert.rejects(token, { kind: "challenge", message: /it has not loaded/ });
		assert.equal(waited, 10_000);
	});

const RENDER = "https://www.google.com/recaptcha/enterprise.js?render=";

test("reCAPTCHA: with the newest key of the page, for the action; its failures are told", async () => {
	const p = page({ scripts: [`${RENDER}old`, `${RENDER}new`, `${RENDER}explicit`] });
	const asked: unknown[] = [];
	let answer: () => Promise<string> = async () => "token";

	p.window.grecaptcha = {
		enterprise: {
			ready: (fn) => fn(),
			execute(key, options) {
				asked.push([key, options.action]);
				return answer();
			},
		},
	};
	assert.equal(await p.tokens.recaptcha("chat_submit"), "token");
	assert.deepEqual(asked, [["new", "chat_submit"]]);
	for (const [fail, message] of [
		[() => Promise.reject(new Error("no key")), /failed: no key/],
		[() => Promise.resolve(""), /no token/],
		[
			() => {
				throw new Error("broken");
			},
			/failed: broken/,
		],
	] as const) {
		answer = fail;
		await assert.rejects(p.tokens.recaptcha("vote"), { kind: "challenge", message });
	}
	assert.equal(p.pauses.size, 0);
});

test("reCAPTCHA that never answers is given up after half a minute", async () => {
	const p = page({ scripts: [`${RENDER}key`] });

	p.window.grecaptcha = {
		enterprise: { ready: () => undefined, execute: async () => "never" },
	};
	const token = p.tokens.recaptcha("chat_submit");

	await until("a deadline", () => p.pauses.size);
	assert.deepEqual(
		[...p.pauses].map((pause) => pause.ms),
		[30_000],
	);
	await p.pass(1);
	await assert.rejects(token, { kind: "challenge", message: /no answer/ });
});

test("keys are the page's own", () => {
	const FRAME = "https://challenges.cloudflare.com/cdn-cgi/turnstile/if/0x4BBB-_9/light";

	for (const [keys, key] of [
		[{ sites: ["6Lrecaptcha", "0x4AAA"] }, "0x4AAA"],
		[{ sites: [], frames: ["https://example.com/0x4CCC", FRAME] }, "0x4BBB-_9"],
		[{ sites: [] }, ""],
	] as const)
		assert.equal(turnstileKey(page(keys as object).window.document), key);
	assert.equal(recaptchaKey(page({ scripts: [`${RENDER}a%2Bb&hl=es`] }).window.document), "a+b");
	assert.equal(recaptchaKey(page().window.document), "");
});
