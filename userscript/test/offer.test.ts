import assert from "node:assert/strict";
import test, { afterEach } from "node:test";
import { SiteError } from "../src/site/index";
import { MIN, battle, finished, jobFrame, rig, stopAll } from "./lib/fakes";
import { settle, until } from "./lib/wait";

afterEach(stopAll);

const VEO = {
	id: "m1",
	name: "veo-3",
	owner: "google",
	text: true,
	image: false,
	selectable: true,
	rank: 1,
};

test("the models are asked for and announced every ten minutes, changed or not", async () => {
	const r = await rig();
	const announced = () => r.connection.of("models").map((m) => m.models.map((one) => one.id));
	const after = async (ms: number) => {
		r.clock.ms = ms;
		r.connection.say({ type: "ping", t: 1 });
		await settle();
	};

	r.engine.setDirect(true);
	const before = announced().length;

	await after(10 * MIN - 1000);
	assert.deepEqual([r.site.lists, announced().length], [1, before]);
	await after(10 * MIN + 1000);
	assert.deepEqual([r.site.lists, announced().length], [2, before + 1]);
	await after(11 * MIN);
	assert.deepEqual([r.site.lists, announced().length], [2, before + 1]);
	r.site.models = [VEO];
	await after(21 * MIN);
	assert.deepEqual(announced().at(-1), ["arena-battle", "veo3"]);
	r.site.listFails = new SiteError("network", "The site cannot be reached.");
	await after(32 * MIN);
	assert.deepEqual([r.site.lists, announced().length], [4, before + 2]);
	assert.match(r.engine.state.log.at(-1)!.message, /no list of models: The site cannot/);
	await after(43 * MIN);
	assert.deepEqual(announced().slice(before + 2), [["arena-battle", "veo3"]]);
});

test("models are announced, and again when the user lets them be chosen", async () => {
	const r = await rig();

	r.site.models = [VEO];
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
