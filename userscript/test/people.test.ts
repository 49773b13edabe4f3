import assert from "node:assert/strict";
import test, { afterEach } from "node:test";
import { SiteError } from "../src/site/index";
import { battle, finished, jobFrame, rig, stopAll } from "./lib/fakes";
import { settle, until } from "./lib/wait";

afterEach(stopAll);

test("a challenge on the screen: no slots, attention, and on by itself when it is gone", async () => {
	const r = await rig();

	r.site.show({ reason: "challenge", message: "A challenge wants a human." });
	assert.equal(r.connection.free, 0);
	const { reason, message, url } = r.connection.last("attention")!;

	assert.deepEqual(
		[reason, message, url],
		["challenge", "A challenge wants a human.", "https://arena.ai/video"],
	);
	assert.equal(r.engine.state.state, "attention");
	r.site.show(null);
	assert.equal(r.connection.frames.at(-1)!.type, "attention_over");
	assert.equal(r.connection.free, 1);
});

test("a challenge that was there before is told as soon as there is a connection", async () => {
	const first = await rig();

	first.site.show({ reason: "blocked", message: "Cloudflare." });
	const r = await first.reload();

	await r.engine.start();
	r.connection.welcome();
	assert.equal(r.connection.last("attention")!.reason, "blocked");
	assert.equal(r.connection.free, 0);
});

test("a login gate ends when the human is back and logged in; a visitor is not enough", async () => {
	const r = await rig();

	r.site.account = { name: "", guest: true };
	r.site.script = async function* () {
		throw new SiteError("login", "LOGIN_GATE");
	};
	r.connection.say(jobFrame());
	await finished(r, "release");
	const { looks } = r.site;

	r.returns();
	await until("the site is asked", () => r.site.looks > looks);
	await settle();
	assert.equal(r.engine.state.attention?.reason, "login");
	r.site.account = { name: "person", guest: false };
	r.returns();
	await until("attention is over", () => r.engine.state.attention === null);
	assert.equal(r.connection.last("attention_over")?.type, "attention_over");
});

test("a challenge in the middle of a run: the job is kept, and gone on with", async () => {
	const r = await rig();
	let calls = 0;

	r.site.script = async function* () {
		yield { kind: "progress", percent: 5, stage: "rendering" };
		throw new SiteError("challenge", "Just a moment", undefined, "blocked");
	};
	r.site.resumeScript = async function* () {
		calls++;
		yield* battle();
	};
	r.connection.say(jobFrame());
	await until("attention", () => r.connection.last("attention"));
	assert.equal(calls, 0);
	assert.equal(r.engine.state.runs.length, 1);
	r.returns();
	await finished(r, "result");
	assert.deepEqual([r.site.asked.length, r.site.resumed], [1, ["session-1"]]);
	assert.equal(r.connection.last("release"), undefined);
});

test("nobody is logged in: a visitor is let in as by the page, but not where a run was refused", async () => {
	const r = await rig({ start: false });

	r.site.account = null;
	await r.engine.start();
	assert.deepEqual([r.site.visits, r.engine.state.state], [1, "ready"]);
	r.site.account = null;
	await r.store.put("limits", {
		until: 0,
		reason: null,
		message: "",
		hits: 1,
		strikes: 0,
		at: Date.now(),
	});
	const again = await r.reload();

	await again.engine.start();
	assert.deepEqual([again.site.visits, again.engine.state.attention?.reason], [1, "login"]);
});

test("a visitor who was not let in by chance is let in later, by nobody's hand", async () => {
	const r = await rig({ start: false });

	r.site.account = null;
	r.site.visitFails = [
		new SiteError("challenge", "The page's verification failed: it has not loaded."),
		new TypeError("widget.render is not a function"),
	];
	await r.engine.start();
	r.connection.welcome();
	assert.equal(r.engine.state.attention?.reason, "login");
	for (const [seconds, visits] of [
		[5, 1],
		[20, 2],
		[25, 2],
		[60, 3],
	] as const) {
		r.clock.ms = seconds * 1000;
		r.connection.say({ type: "ping", t: 1 });
		await settle();
		assert.equal(r.site.visits, visits, `after ${seconds} s`);
	}
	await until("attention is over", () => r.engine.state.attention === null);
	assert.equal(r.connection.free, 1);
});

test("a visitor whose session ends is let in again; a person's own login is theirs to renew", async () => {
	for (const guest of [true, false]) {
		const r = await rig({ start: false });

		r.site.account = { name: "", guest };
		await r.engine.start();
		r.connection.welcome();
		r.site.script = async function* () {
			r.site.account = null;
			throw new SiteError("login", "Unauthorized");
		};
		r.connection.say(jobFrame());
		await finished(r, "release");
		const { looks } = r.site;

		r.clock.ms = 60_000;
		r.connection.say({ type: "ping", t: 1 });
		await until("the site is asked", () => r.site.looks > looks);
		await settle();
		assert.deepEqual(
			[r.site.visits, r.engine.state.attention?.reason],
			guest ? [1, undefined] : [0, "login"],
		);
	}
});
