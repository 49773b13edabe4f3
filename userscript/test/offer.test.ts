import assert from "node:assert/strict";
import test, { afterEach } from "node:test";
import { MIN, battle, finished, jobFrame, rig, stopAll } from "./lib/fakes";
import { until } from "./lib/wait";

afterEach(stopAll);

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
