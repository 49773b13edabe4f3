import assert from "node:assert/strict";
import test, { afterEach } from "node:test";
import { NO_LIMITS, limited } from "../src/run/limits";
import { SiteError } from "../src/site/index";
import { JOB, LEASE, MIN, battle, finished, held, jobFrame, rig, stopAll } from "./lib/fakes";
import { settle, until } from "./lib/wait";

afterEach(stopAll);

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
	await until("looked for", () => again.site.resumed.length === 1);
	await settle();
	assert.equal(again.site.asked.length, 1, "the pace is kept");
	again.clock.ms = 46_000;
	await finished(again, "result");
	assert.deepEqual(
		again.site.asked.map((a) => a.ref),
		["session-1", "session-2"],
	);
});

test("a session that is gone is not begun anew where the site's limit or a human stands in the way", async () => {
	for (const wanted of [false, true]) {
		const r = await rig();

		r.site.resumeScript = async function* () {
			if (wanted) r.site.show({ reason: "challenge", message: "In the way." });
			else await r.store.put("limits", limited(NO_LIMITS, Date.now(), MIN, "In the way."));
			throw new SiteError("gone", "Session not found");
		};
		r.connection.say(jobFrame({ upstream_ref: "old" }));
		const released = await finished(r, "release");

		assert.equal(released.type === "release" && released.message, "In the way.");
		assert.equal(r.site.asked.length, 0);
	}
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

test("an unreachable site is tried again with the same job, then the try fails", async () => {
	const r = await rig();

	r.engine.setPace({ gapMs: 0, most: 100, windowMs: 1000 });
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

test("a model that is not offered here is refused in words, and the site not asked", async () => {
	const r = await rig();

	r.connection.say(jobFrame({ model: "veo3" }));
	const failed = await finished(r, "failed");

	assert.ok(failed.type === "failed" && /veo3/.test(failed.message) && !failed.retryable);
	assert.equal(r.site.asked.length, 0);
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

test("where nothing can be kept the job fails in words, and its slot is free again", async () => {
	const r = await rig();

	const start = r.site.start.bind(r.site);

	r.site.start = (...asked) => {
		r.disk.full = true;
		return start(...asked);
	};
	r.connection.say(jobFrame());
	const failed = await finished(r, "failed");

	assert.equal(failed.type === "failed" && failed.retryable, true);
	assert.equal(r.site.asked.length, 0, "what cannot be written down is not asked for");
	assert.ok(r.engine.state.log.some((line) => /no room/.test(line.message)));
	assert.deepEqual(r.engine.state.runs, []);
});

test("a job that cannot be written down is not accepted", async () => {
	const r = await rig();

	r.disk.full = true;
	r.connection.say(jobFrame());
	await until("told", () => r.engine.state.log.some((line) => /no room/.test(line.message)));
	assert.deepEqual([r.connection.of("accepted"), r.engine.state.runs], [[], []]);
});
