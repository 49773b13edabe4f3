/** All that knows the site, against the stand-in. */

import assert from "node:assert/strict";
import test from "node:test";
import { SiteError, type RunEvent } from "../src/site/index";
import { until } from "./lib/wait";
import { all, brief, onSite } from "./lib/page";

const RUN = { prompt: "a red fox", mode: "battle" as const };
const WHOLE = "session, output a, output b, end";

function outputOf(events: RunEvent[], label: string) {
	return events.find((e) => e.kind === "output" && e.label === label);
}

for (const videoFrame of ["typed", "url", "video", "videoUrl", "string", "none"])
	test(`both videos of a battle, told as ${videoFrame}`, () =>
		onSite({ videoFrame }, async ({ site, standIn }) => {
			const events = await all(site.start(RUN));

			assert.equal(brief(events), WHOLE);
			assert.equal(
				events[0]?.kind === "session" && events[0].ref,
				standIn.seen.evaluations[0]?.body.id,
			);
			assert.deepEqual(standIn.seen.violations, []);
			assert.deepEqual(
				standIn.seen.tokens.map((t) => t.uses),
				[1],
			);
			for (const label of ["a", "b"]) {
				const output = outputOf(events, label);

				assert.ok(
					output?.kind === "output" &&
						output.url.includes("X-Amz-Signature"),
				);
			}
		}));

for (const knobs of [{ first: "b" }, { first: "b", ending: "early", resume: "missing" }])
	test(`the second video is there first: ${JSON.stringify(knobs)}`, () =>
		onSite(knobs, async ({ site }) => {
			const events = await all(site.start(RUN));

			assert.equal(events.filter((e) => e.kind === "output").length, 2);
			assert.ok(outputOf(events, "a") && outputOf(events, "b"), brief(events));
		}));

test("torn bytes, a prefix, and frames nobody documented, each told once", () =>
	onSite(
		{
			piece: 3,
			dataPrefix: true,
			text: "größer 🦊",
			noise: ["az:{}", 'a2:[{"type":"sparkle"}]', "az:{}"],
		},
		async ({ site }) => {
			const events = await all(site.start(RUN));

			assert.equal(
				brief(events),
				"session, unknown, unknown, output a, output b, end",
			);
		},
	));

for (const ending of ["early", "cut"])
	for (const resume of ["stream", "early", "cut", "missing"])
		test(`a stream that ends ${ending}, its resume ${resume}: the run is found again`, () =>
			onSite({ ending, resume, durationMs: 200 }, async ({ site, standIn }) => {
				assert.equal(brief(await all(site.start(RUN))), WHOLE);
				assert.equal(standIn.seen.evaluations.length, 1);
			}));

test("a session of an earlier page is resumed", () =>
	onSite({ hold: true }, async ({ site, standIn }) => {
		const stopper = new AbortController();
		let ref = "";

		await assert.rejects(
			async () => {
				for await (const event of site.start(RUN, stopper.signal))
					if (event.kind === "session") ref = event.ref;
					else stopper.abort();
			},
			{ name: "AbortError" },
		);
		standIn.knobs.hold = false;
		assert.equal(
			brief(await all(site.resume(ref, "battle"))),
			"output a, output b, end",
		);
		assert.equal(standIn.seen.evaluations.length, 1);
	}));

test("a session that the site does not know is gone", () =>
	onSite({}, async ({ site }) => {
		await assert.rejects(
			all(site.resume("0199a000-0000-7000-8000-000000000000", "battle")),
			{
				kind: "gone",
			},
		);
	}));

const outcomes: [string, string, RegExp][] = [
	["provider", "platform", /Übertragung brach ab/],
	["filtered", "content", /refused/],
	["platform", "platform", /Something went wrong/],
	["platform_text", "platform", /Something went wrong/],
	["arena_error", "platform", /problem/],
];

for (const [outcome, kind, words] of outcomes)
	test(`a run that ends as ${outcome} is final`, () =>
		onSite({ outcome }, async ({ site }) => {
			await assert.rejects(all(site.start(RUN)), (e: unknown) => {
				assert.ok(e instanceof SiteError && e.final);
				assert.equal(e.kind, kind);
				assert.match(e.message, words);
				return true;
			});
		}));

test("one video of a battle is better than none", () =>
	onSite({ outcome: "only_a" }, async ({ site }) => {
		assert.equal(brief(await all(site.start(RUN))), "session, output a, end");
	}));

const refusals: [string, string][] = [
	["invalid_content", "content"],
	["recaptcha", "verification"],
	["model", "model"],
	["too_large_html", "too_large"],
	["quota_hours", "limit"],
	["quota_minutes", "limit"],
	["quota_hour", "limit"],
	["quota_seconds", "limit"],
	["retry_after", "limit"],
	["retry_after_date", "limit"],
	["too_many", "limit"],
	["too_many_html", "limit"],
	["prompt_failed", "content"],
	["cloudflare_challenge", "challenge"],
	["cloudflare_blocked", "challenge"],
	["server_error", "platform"],
	["bad_gateway", "platform"],
	["unavailable", "platform"],
	["broken", "network"],
];

for (const [refusal, kind] of refusals)
	test(`refused with ${refusal}: ${kind}, asked once`, () =>
		onSite({ refuse: { create: refusal } }, async ({ site, standIn }) => {
			await assert.rejects(all(site.start(RUN)), { kind });
			assert.equal(standIn.seen.evaluations.length, 1);
		}));

test("a computer's clock may be hours off", () =>
	onSite({ clockSkewMs: -7_200_000 }, async ({ site, standIn }) => {
		await site.whoami();
		assert.equal(brief(await all(site.start(RUN))), WHOLE);
		assert.equal(standIn.seen.evaluations.length, 1);
	}));

test("a clock that jumps is mended by the refusal's own Date, with new ids and a new token", () =>
	onSite({ clockSkewMs: 3_600_000 }, async ({ site, standIn }) => {
		standIn.knobs.clockSkewMs = -3_600_000;
		assert.equal(brief(await all(site.start(RUN))), `session, ${WHOLE}`);
		assert.deepEqual(
			standIn.seen.evaluations.map((e) => e.refused),
			["spoofed", undefined],
		);
	}));

test("a login that has expired is refreshed once, and the run asked for with new ids", () =>
	onSite({ login: "expired" }, async ({ site, standIn }) => {
		assert.equal(brief(await all(site.start(RUN))), `session, ${WHOLE}`);
		assert.deepEqual(standIn.seen.violations, []);
	}));

test("nobody is logged in: told by whoami, and by a run", () =>
	onSite({ login: "out" }, async ({ site }) => {
		assert.equal(await site.whoami(), null);
		await assert.rejects(all(site.start(RUN)), { kind: "login" });
	}));

test("a visitor whose widget turns interactive: a human is called until it is answered", () =>
	onSite({ login: "visitor" }, async ({ site, standIn, page }) => {
		const told: (string | null)[] = [];
		const widget: { answer?: () => void } = {};

		page.turnstile!.render = (_, options) => {
			options["before-interactive-callback"]();
			widget.answer = () => {
				options["after-interactive-callback"]();
				options.callback(standIn.tokens.issue("turnstile", options.sitekey)!);
			};
			return "widget";
		};
		site.watchChallenges((seen) => told.push(seen?.reason ?? null));
		const visit = site.visit();

		await until("the widget to ask", () => widget.answer);
		assert.deepEqual([told, standIn.seen.signUps.length], [["challenge"], 0]);
		widget.answer!();
		await visit;
		assert.deepEqual(told, ["challenge", null]);
		assert.deepEqual(await site.whoami(), { name: "person", guest: true });
	}));

test("a visitor whose interactive widget fails: no human is called any more, nothing is signed up", () =>
	onSite({ login: "visitor" }, async ({ site, standIn, page }) => {
		const told: (string | null)[] = [];

		page.turnstile!.render = (_, options) => {
			options["before-interactive-callback"]();
			queueMicrotask(() => options["error-callback"]("300010"));
			return "widget";
		};
		site.watchChallenges((seen) => told.push(seen?.reason ?? null));
		await assert.rejects(site.visit(), { kind: "challenge", message: /300010/ });
		assert.deepEqual([told, standIn.seen.signUps], [["challenge", null], []]);
	}));

test("a visitor is let in with a token of the page's own widget", () =>
	onSite({ login: "visitor" }, async ({ site, standIn }) => {
		await site.visit();
		assert.deepEqual(await site.whoami(), { name: "person", guest: true });
		assert.equal(standIn.seen.signUps.length, 1);
	}));

test("an image goes up in three steps, before the run is asked for", () =>
	onSite({}, async ({ site, standIn }) => {
		const image = {
			bytes: new Blob([new Uint8Array(64)]),
			name: "a.png",
			mime: "image/png",
		};
		const events = await all(site.start({ ...RUN, image }));

		assert.equal(brief(events), WHOLE);
		assert.deepEqual(
			standIn.seen.uploads.map((u) => [u.size, u.type]),
			[[64, "image/png"]],
		);
	}));

test("an image that is too large for the store", () =>
	onSite({ uploadMax: 10 }, async ({ site, standIn }) => {
		const image = {
			bytes: new Blob([new Uint8Array(64)]),
			name: "a.png",
			mime: "image/png",
		};

		await assert.rejects(all(site.start({ ...RUN, image })), { kind: "too_large" });
		assert.equal(standIn.seen.evaluations.length, 0);
	}));

test("a deployment under way is told as a change, and asks for no run", () =>
	onSite({}, async ({ site, standIn }) => {
		const image = { bytes: new Blob(["x"]), name: "a.png", mime: "image/png" };

		standIn.knobs.deployment = 2;
		await assert.rejects(all(site.start({ ...RUN, image })), { kind: "changed" });
		assert.equal(standIn.seen.evaluations.length, 0);
	}));

test("a chosen model: refused in the site's words, or made", async () => {
	const run = {
		...RUN,
		mode: "direct" as const,
		modelId: "0199a000-0000-7000-8000-000000000012",
	};

	await onSite({}, async ({ site }) => {
		await assert.rejects(all(site.start(run)), {
			kind: "model",
			message: "'direct' mode is not allowed when starting a new conversation",
		});
	});
	await onSite({ directAllowed: true }, async ({ site }) => {
		assert.equal(brief(await all(site.start(run))), "session, output a, end");
	});
});

for (const reveal of ["record", "answer"])
	test(`a vote reveals the names in the ${reveal}`, () =>
		onSite({ reveal }, async ({ site, standIn }) => {
			await site.catalogue();
			const [first] = await all(site.start(RUN));

			assert.ok(first?.kind === "session");
			assert.deepEqual(await site.vote(first.ref, "b"), ["pika-v2.2", "veo-3"]);
			assert.deepEqual(
				standIn.seen.votes.map((v) => v.value),
				["model_b"],
			);
		}));

test("a vote that was cast already is not cast again", () =>
	onSite({}, async ({ site, standIn }) => {
		await site.catalogue();
		const [first] = await all(site.start(RUN));

		assert.ok(first?.kind === "session");
		await site.vote(first.ref, "a");
		assert.deepEqual(await site.vote(first.ref, "a"), ["pika-v2.2", "veo-3"]);
		assert.equal(standIn.seen.votes.length, 1);
	}));

test("stop stops both sides on the site, and says when it could not", () =>
	onSite({ hold: true }, async ({ site, standIn }) => {
		const stopper = new AbortController();
		let ref = "";

		await all(
			(async function* () {
				for await (const event of site.start(RUN, stopper.signal)) {
					if (event.kind === "session") ref = event.ref;
					else if (event.kind === "progress") return;
					yield event;
				}
			})(),
		);
		standIn.knobs.refuse = { stop: ["server_error"] };
		await assert.rejects(site.stop(ref), { kind: "platform" });
		await site.stop(ref);
		assert.equal(standIn.seen.stops.length, 3);
	}));

for (const catalogueMode of ["endpoint", "page"])
	test(`the models by the ${catalogueMode}`, () =>
		onSite({ catalogueMode }, async ({ site }) => {
			const names = (await site.catalogue()).map((m) => m.name);

			assert.ok(
				names.includes("veo-2") && names.includes("hailuo-02-standard"),
				names.join(),
			);
			assert.ok(
				!names.includes("talker-9") && !names.includes("reframe-1"),
				names.join(),
			);
			assert.equal(names.length, 9);
		}));

for (const catalogueMode of ["missing", "broken"])
	test(`no models: ${catalogueMode}`, () =>
		onSite({ catalogueMode }, async ({ site }) => {
			await assert.rejects(site.catalogue(), SiteError);
		}));

test("the page's own request is the template of the next, and is recorded without its secrets", () =>
	onSite({}, async ({ site, standIn, page, template }) => {
		const key = String(standIn.knobs.recaptchaKey);
		const token = standIn.tokens.issue("v3", key, "chat_submit")!;
		const id = (n: number) => {
			const hex = (Date.now() + n).toString(16).padStart(12, "0");

			return `${hex.slice(0, 8)}-${hex.slice(8)}-7abc-8abc-0123456789ab`;
		};
		const body = {
			id: id(0),
			mode: "battle",
			modality: "video",
			userMessageId: id(1),
			modelAMessageId: id(2),
			modelBMessageId: id(3),
			userMessage: {
				content: "by hand",
				experimental_attachments: [],
				metadata: { by: "page" },
			},
			recaptchaV3Token: token,
			brandNew: 7,
		};
		let ran = 0;

		site.onPageRun(() => ran++);
		site.recorder.start();
		const path = "/nextjs-api/stream/create-evaluation";
		const answer = await page.fetch(path, {
			method: "POST",
			body: JSON.stringify(body),
		});

		assert.match(await answer.text(), /finishReason/);
		assert.equal(ran, 1);
		assert.equal(template()?.brandNew, 7);
		await all(site.start(RUN));
		const sent = standIn.seen.evaluations[1]!.body;

		assert.equal(sent.brandNew, 7);
		assert.deepEqual(sent.userMessage, {
			content: RUN.prompt,
			experimental_attachments: [],
			metadata: { by: "page" },
		});
		site.recorder.stop();
		const recorded = site.recorder.text();

		for (const secret of [token, /X-Amz-Signature=[0-9a-f]/])
			assert.doesNotMatch(recorded, toPattern(secret));
		assert.match(recorded, /by hand/);
		assert.match(recorded, /finishReason/);
		assert.equal(site.recorder.state, "done");
		assert.equal(
			recorded.split("create-evaluation").length,
			2,
			"only what the page did is recorded",
		);
	}));

const toPattern = (what: string | RegExp) =>
	typeof what === "string" ? new RegExp(what.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")) : what;
