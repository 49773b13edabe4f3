import assert from "node:assert/strict";
import test, { afterEach } from "node:test";
import { SiteError } from "../src/site/index";
import type { EngineState } from "../src/types";
import { LEASE, MIN, battle, finished, jobFrame, rig, stopAll } from "./lib/fakes";
import { until } from "./lib/wait";

afterEach(stopAll);

const refusals: [SiteError, "failed" | "release", object, EngineState["state"]][] = [
	[
		new SiteError("content", "Invalid content"),
		"failed",
		{ code: "content_policy", message: "Invalid content", retryable: false },
		"cooling_down",
	],
	[
		new SiteError("model", "Model(s) not found"),
		"failed",
		{ code: "unsupported", retryable: false },
		"cooling_down",
	],
	[
		new SiteError("too_large", "too large"),
		"failed",
		{ code: "unsupported", retryable: false },
		"cooling_down",
	],
	[
		new SiteError("login", "LOGIN_GATE"),
		"release",
		{ reason: "login", message: "LOGIN_GATE" },
		"attention",
	],
	[
		new SiteError("challenge", "Just a moment", undefined, "blocked"),
		"release",
		{ reason: "challenge" },
		"attention",
	],
	[
		new SiteError(
			"verification",
			"recaptcha validation failed",
			undefined,
			"verification",
		),
		"release",
		{ reason: "verification" },
		"attention",
	],
	[
		new SiteError("limit", "try again in 10 hours", 600 * MIN),
		"release",
		{ reason: "cooling_down" },
		"cooling_down",
	],
	[
		new SiteError("changed", "a route is gone", undefined, "changed"),
		"release",
		{ reason: "changed" },
		"attention",
	],
];

for (const [e, how, what, state] of refusals)
	test(`refused as ${e.kind}: ${how}, and no slots before the job is given back`, async () => {
		const r = await rig();

		r.site.script = async function* () {
			throw e;
		};
		r.connection.say(jobFrame());
		const said = await finished(r, how);

		for (const [key, value] of Object.entries(what))
			assert.deepEqual(said[key as keyof typeof said], value, key);
		assert.equal(r.connection.free, 0);
		assert.equal(r.connection.freeWhen.get(how), 0, "no slots before it is given back");
		assert.equal(r.site.asked.length, 1);
		assert.equal(r.engine.state.state, state);
	});

test("a quota of ten hours is obeyed over reloads, and shown with its end and its words", async () => {
	const r = await rig();

	r.site.script = async function* () {
		throw new SiteError("limit", "Please try again in 10 hours.", 600 * MIN);
	};
	r.connection.say(jobFrame());
	await finished(r, "release");
	const again = await r.reload();

	await again.engine.start();
	again.connection.welcome();
	assert.equal(again.connection.free, 0);
	assert.equal(again.engine.state.rest.reason, "limit");
	assert.match(again.connection.last("state")!.note, /10 hours/);
	assert.ok(again.engine.state.rest.until > Date.now() + 599 * MIN);
	again.connection.say(jobFrame({ lease: LEASE.replace("5", "6") }));
	await until("given back", () => again.connection.last("release"));
	assert.equal(again.site.asked.length, 1);
	again.clock.ms = 601 * MIN;
	again.connection.say({
		type: "done",
		job: "video_1",
		lease: LEASE.replace("5", "6"),
		status: "queued",
	});
	await until("over", () => again.engine.state.runs.length === 0);
	again.connection.say({ type: "ping", t: 1 });
	assert.equal(again.connection.free, 1);
});

test("a verification that failed rests 20 min; a run that the human makes ends it", async () => {
	const r = await rig();

	r.site.script = async function* () {
		throw new SiteError(
			"verification",
			"recaptcha validation failed",
			undefined,
			"verification",
		);
	};
	r.connection.say(jobFrame());
	await finished(r, "release");
	const { until: end, reason } = r.engine.state.rest;

	assert.equal(reason, "verification");
	assert.ok(end > Date.now() + 19 * MIN && end < Date.now() + 21 * MIN);
	r.site.pageRan();
	assert.equal(r.engine.state.attention, null);
	assert.notEqual(r.engine.state.rest.reason, "verification");
});

test("after a run the worker rests 45 s, says until when, and then is free by itself", async () => {
	const r = await rig();

	r.site.script = battle;
	r.connection.say(jobFrame());
	await finished(r, "result");
	assert.equal(r.engine.state.state, "cooling_down");
	assert.equal(r.engine.state.rest.reason, "pace");
	const state = r.connection.last("state")!;

	assert.ok(state.until_ms > Date.now() + 40_000 && state.until_ms < Date.now() + 46_000);
	assert.equal(r.connection.free, 0);
	r.clock.ms = 46_000;
	r.connection.say({ type: "ping", t: 1 });
	assert.equal(r.connection.free, 1);
	assert.equal(r.connection.last("state")!.until_ms, 0);
});

test("pause announces no slots, is kept over a reload, and lets the run under way finish", async () => {
	const r = await rig();

	r.site.script = battle;
	r.connection.say(jobFrame());
	r.engine.pause(true);
	await finished(r, "result");
	assert.equal(r.engine.state.state, "paused");
	assert.equal(r.connection.last("state")!.paused, true);
	const again = await r.reload();

	assert.equal(again.engine.state.paused, true);
});
