import assert from "node:assert/strict";
import test, { afterEach } from "node:test";
import { SiteError } from "../src/site/index";
import type { EngineState } from "../src/types";
import { LEASE, battle, held, jobFrame, rig, stopAll, until, type Rig } from "./lib/fakes";

const JOB = { job: "video_1", lease: LEASE };
const MIN = 60_000;

afterEach(stopAll);

async function finished(r: Rig, frame: "result" | "failed" | "release") {
	await until(frame, () => r.connection.last(frame));
	r.connection.say({ type: "done", ...JOB, status: "completed" });
	await until("the job is over", () => r.engine.state.runs.length === 0);
	return r.connection.last(frame)!;
}

test("a job goes from its frame to its result, and the session is told before it is asked for", async () => {
	const r = await rig();
	let told: unknown;

	r.site.script = async function* () {
		told = r.connection.last("progress");
		assert.ok(
			r.values.get("state.jobs")?.includes("session-1"),
			"it is kept before it is asked for",
		);
		yield* battle();
	};
	assert.deepEqual(r.connection.last("ready"), { type: "ready", free: 1 });
	r.connection.say(jobFrame());
	const result = await finished(r, "result");

	assert.deepEqual(told, {
		type: "progress",
		...JOB,
		percent: 0,
		stage: "asking",
		upstream_ref: "session-1",
	});
	assert.deepEqual(r.connection.of("accepted"), [{ type: "accepted", ...JOB }]);
	assert.deepEqual(result, {
		type: "result",
		...JOB,
		outputs: [
			{ url: "https://files.example/a.mp4", label: "a" },
			{ url: "https://files.example/b.mp4", label: "b" },
		],
	});
	assert.equal(r.site.asked.length, 1);
	assert.deepEqual(r.store.get("jobs"), {});
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

test("a reload in the middle goes on with the session: the site is asked once", async () => {
	const r = await rig();

	r.site.script = held;
	r.connection.say(jobFrame());
	await until("the run has begun", () => r.engine.state.runs[0]?.percent === 5);
	const again = await r.reload();

	assert.deepEqual(again.engine.presence().jobs, [
		{ ...JOB, progress: 5, upstream_ref: "session-1" },
	]);
	again.site.script = battle;
	again.connection.welcome([{ ...JOB, state: "yours" }]);
	await finished(again, "result");
	assert.deepEqual([again.site.asked.length, again.site.resumed], [1, ["session-1"]]);
	assert.deepEqual(again.site.stopped, []);
});

test("a reload while the site was being asked looks for the session, and asks only when there is none", async () => {
	const r = await rig();

	r.site.script = async function* (_run, _ref, signal) {
		yield* held(null, "", signal);
	};
	r.connection.say(jobFrame());
	await until("asked", () => r.site.asked.length === 1);
	const again = await r.reload();

	again.site.script = battle;
	again.site.resumeScript = async function* () {
		throw new SiteError("gone", "Session not found");
	};
	again.connection.welcome([{ ...JOB, state: "yours" }]);
	await finished(again, "result");
	assert.deepEqual(
		again.site.asked.map((a) => a.ref),
		["session-1", "session-2"],
	);
});

test("a job that is lost to another worker is dropped, and its run left alone", async () => {
	const r = await rig();

	r.site.script = held;
	r.connection.say(jobFrame());
	await until("begun", () => r.engine.state.runs[0]?.percent === 5);
	r.connection.welcome([{ ...JOB, state: "lost" }]);
	await until("dropped", () => r.engine.state.runs.length === 0);
	assert.deepEqual([r.store.get("jobs"), r.site.stopped], [{}, []]);
});

test("what was said on a broken connection is said again", async () => {
	const r = await rig();

	r.site.script = battle;
	r.connection.say(jobFrame());
	r.connection.deaf = true;
	await until("handed over", () => r.engine.state.runs[0]?.stage === "uploading");
	assert.equal(r.connection.last("result"), undefined);
	r.connection.deaf = false;
	r.connection.welcome([{ ...JOB, state: "yours" }]);
	await finished(r, "result");
	assert.equal(r.site.asked.length, 1);
});

test("an earlier try's session is gone on with; one that failed is begun anew", async () => {
	const r = await rig();

	r.site.script = battle;
	r.connection.say(jobFrame({ upstream_ref: "old" }));
	await finished(r, "result");
	assert.deepEqual([r.site.asked.length, r.site.resumed], [0, ["old"]]);

	const other = await rig();

	other.site.script = battle;
	other.site.resumeScript = async function* () {
		throw Object.assign(new SiteError("platform", "broke"), { final: true });
	};
	other.connection.say(jobFrame({ upstream_ref: "bad" }));
	await finished(other, "result");
	assert.deepEqual([other.site.asked.length, other.site.resumed], [1, ["bad"]]);
});

test("a session of another account is not waited for", async () => {
	const r = await rig();

	r.site.script = battle;
	r.site.resumeScript = async function* () {
		throw new SiteError("login", "User does not have access to evaluation session");
	};
	r.connection.say(jobFrame({ upstream_ref: "theirs" }));
	await finished(r, "result");
	assert.equal(r.site.asked.length, 1);
	assert.equal(r.engine.state.attention, null);
});

test("cancel stops the run on the site; a lost lease does not", async () => {
	for (const [reason, stops] of [
		["cancelled", ["session-1"]],
		["lost", []],
	] as const) {
		const r = await rig();

		r.site.script = held;
		r.connection.say(jobFrame());
		await until("begun", () => r.engine.state.runs[0]?.percent === 5);
		r.connection.say({ type: "cancel", ...JOB, reason });
		await until("stopped", () => r.connection.last("stopped"));
		await until("over", () => r.engine.state.runs.length === 0);
		assert.deepEqual(r.site.stopped, stops, reason);
		assert.deepEqual(r.store.get("jobs"), {});
		assert.equal(r.connection.last("failed"), undefined);
	}
});

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
	r.returns();
	await new Promise((resolve) => setTimeout(resolve, 20));
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
	r.site.whoamiFails = null;
	r.connection.say(jobFrame());
	await until("attention", () => r.connection.last("attention"));
	assert.equal(calls, 0);
	assert.equal(r.engine.state.runs.length, 1);
	r.returns();
	await finished(r, "result");
	assert.deepEqual([r.site.asked.length, r.site.resumed], [1, ["session-1"]]);
	assert.equal(r.connection.last("release"), undefined);
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
		await new Promise((resolve) => setImmediate(resolve));
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
		r.clock.ms = 60_000;
		r.connection.say({ type: "ping", t: 1 });
		await new Promise((resolve) => setTimeout(resolve, 20));
		assert.deepEqual(
			[r.site.visits, r.engine.state.attention?.reason],
			guest ? [1, undefined] : [0, "login"],
		);
	}
});

test("an unreachable site is tried again with the same job, then the try fails", async () => {
	const r = await rig();

	r.site.script = async function* () {
		throw new SiteError("network", "The site cannot be reached.");
	};
	r.connection.say(jobFrame());
	const failed = await finished(r, "failed");

	assert.equal(r.site.asked.length, 4);
	assert.deepEqual(
		[failed.type === "failed" && failed.retryable, r.site.resumed],
		[true, []],
	);
});

test("a model that failed is a failed try, and its session is not gone on with", async () => {
	const r = await rig();

	r.site.script = async function* () {
		yield { kind: "progress", percent: 5, stage: "rendering" };
		throw Object.assign(new SiteError("platform", "The provider timed out"), {
			final: true,
		});
	};
	r.connection.say(jobFrame());
	const failed = await finished(r, "failed");

	assert.deepEqual(
		[failed.type === "failed" && failed.message, r.site.asked.length],
		["The provider timed out", 1],
	);
	r.site.script = battle;
	r.clock.ms = 46_000;
	r.connection.say(jobFrame({ lease: LEASE.replace("5", "6"), upstream_ref: "session-1" }));
	await until("result", () => r.connection.last("result"));
	assert.deepEqual([r.site.asked.length, r.site.resumed], [2, []]);
});

test("links that the bridge does not fetch are downloaded and uploaded", async () => {
	const r = await rig();

	r.connection.welcome([], ["*.elsewhere.example"]);
	r.site.script = battle;
	r.connection.say(jobFrame());
	const result = await finished(r, "result");

	assert.deepEqual(result.type === "result" && result.outputs, [
		{ upload: "a", label: "a" },
		{ upload: "b", label: "b" },
	]);
	assert.deepEqual(r.connection.uploads, [
		{ upload: "a", bytes: "bytes of https://files.example/a.mp4" },
		{ upload: "b", bytes: "bytes of https://files.example/b.mp4" },
	]);
});

test("after a link was refused the next try uploads the same session's videos", async () => {
	const r = await rig();
	const second = { ...JOB, lease: LEASE.replace("5", "6") };

	r.site.script = battle;
	r.connection.say(jobFrame());
	await until("result", () => r.connection.last("result"));
	r.connection.say({ type: "refused", ...JOB, code: "fetch_failed", message: "not allowed" });
	await until("over", () => r.engine.state.runs.length === 0);
	r.connection.say(jobFrame({ ...second, upstream_ref: "session-1" }));
	await until("uploaded", () => r.connection.of("result").length === 2);
	assert.deepEqual(
		r.connection.last("result")!.outputs.map((o) => o.upload),
		["a", "b"],
	);
	assert.deepEqual([r.site.asked.length, r.site.resumed], [1, ["session-1"]]);
});

test("a model that is not offered here is refused in words, and the site not asked", async () => {
	const r = await rig();

	r.connection.say(jobFrame({ model: "veo3" }));
	const failed = await finished(r, "failed");

	assert.ok(failed.type === "failed" && /veo3/.test(failed.message) && !failed.retryable);
	assert.equal(r.site.asked.length, 0);
});

test("models are announced, and again when the user lets them be chosen", async () => {
	const r = await rig();

	r.site.models = [
		{
			id: "m1",
			name: "veo-3",
			owner: "google",
			text: true,
			image: false,
			selectable: true,
			rank: 1,
		},
	];
	r.clock.ms = 11 * MIN;
	r.connection.say({ type: "ping", t: 1 });
	r.engine.setDirect(true);
	await until("announced", () => r.connection.last("models")?.models.length === 2);
	r.site.script = battle;
	r.connection.say(jobFrame({ model: "veo3" }));
	await finished(r, "result");
	assert.deepEqual(
		[r.site.asked[0]!.run.mode, r.site.asked[0]!.run.modelId],
		["direct", "m1"],
	);
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

test("the image of a job goes with it; one that the site does not take is refused", async () => {
	const input = {
		role: "first_frame" as const,
		mime: "image/png",
		size: 5,
		width: 1,
		height: 1,
		sha256: "",
		url: "/v1/inputs/x",
	};
	const r = await rig();

	r.site.script = battle;
	r.connection.say(jobFrame({ inputs: [input] }));
	await finished(r, "result");
	assert.equal(await r.site.asked[0]!.run.image!.bytes.text(), "image");
	assert.match(r.site.asked[0]!.run.image!.name, /\.png$/);
	const other = await rig();

	other.connection.say(jobFrame({ inputs: [{ ...input, mime: "image/gif" }] }));
	const failed = await finished(other, "failed");

	assert.ok(failed.type === "failed" && /PNG, JPEG and WebP/.test(failed.message));
});

test("a vote is cast once, however often it is asked for, and reveals the names", async () => {
	const r = await rig();
	const vote = {
		type: "vote" as const,
		job: "video_1",
		winner: "a" as const,
		upstream_ref: "session-1",
	};

	r.site.voteFails = [new SiteError("network", "no net")];
	r.connection.say(vote);
	r.connection.say(vote);
	await until("voted", () => r.connection.last("voted"));
	assert.deepEqual(r.connection.last("voted"), {
		type: "voted",
		job: "video_1",
		ok: true,
		message: "",
		names: ["veo-3", "kling"],
	});
	const again = await r.reload();

	again.connection.say(vote);
	await until("told again", () => again.connection.last("voted")?.ok);
	assert.deepEqual(again.site.votes, [["session-1", "a"]]);
});

test("a vote that the site refuses is told in its words", async () => {
	const r = await rig();

	r.site.voteFails = [new SiteError("content", "Messages do not match")];
	r.connection.say({ type: "vote", job: "video_1", winner: "tie", upstream_ref: "s" });
	await until("voted", () => r.connection.last("voted"));
	assert.deepEqual(r.connection.last("voted"), {
		type: "voted",
		job: "video_1",
		ok: false,
		message: "Messages do not match",
		names: [],
	});
});
