import assert from "node:assert/strict";
import test, { afterEach } from "node:test";
import { SiteError } from "../src/site/index";
import { MIN, rig, stopAll } from "./lib/fakes";
import { settle, until } from "./lib/wait";

const vote = {
	type: "vote" as const,
	job: "video_1",
	winner: "a" as const,
	upstream_ref: "session-1",
};

afterEach(stopAll);

test("a vote is cast once, however often it is asked for, and reveals the names", async () => {
	const r = await rig();

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

test("a vote whose token the site does not believe: told, rested as after a run, and the next one waits", async () => {
	const r = await rig();

	r.site.voteFails = [
		new SiteError(
			"verification",
			"recaptcha validation failed",
			undefined,
			"verification",
		),
	];
	r.connection.say(vote);
	await until("voted", () => r.connection.last("voted"));
	assert.equal(r.connection.last("voted")!.message, "recaptcha validation failed");
	assert.equal(r.connection.last("attention")!.reason, "verification");
	assert.equal(r.engine.state.rest.reason, "verification");
	assert.equal(r.connection.free, 0);
	r.connection.say(vote);
	await settle();
	assert.deepEqual(r.site.votes, []);
	r.clock.ms = 21 * MIN;
	await until("voted", () => r.connection.last("voted")?.ok);
	assert.deepEqual(r.site.votes, [["session-1", "a"]]);
});
