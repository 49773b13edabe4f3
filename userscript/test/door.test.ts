import assert from "node:assert/strict";
import test from "node:test";
import { createDoor, refusedAt } from "../src/run/door";
import { SiteError } from "../src/site/index";
import { openStore } from "../src/store";
import { FakeSite } from "./lib/fakes";

const MIN = 60_000;
const HOUR = 60 * MIN;

async function door(values = new Map<string, string>()) {
	const site = new FakeSite();
	const clock = { ms: 1_800_000_000_000 };
	const said: string[] = [];
	const state = { troubled: false };
	const make = async () =>
		createDoor({
			site,
			store: await openStore({
				get: async (key) => values.get(key) ?? null,
				set: async (key, value) => void values.set(key, value),
			}),
			troubled: () => state.troubled,
			log: (message) => said.push(message),
			signal: new AbortController().signal,
			now: () => clock.ms,
			random: () => 0.5,
		});

	site.account = null;
	return { site, clock, said, state, make, door: await make() };
}

test("what failed in passing is tried again, at growing pauses of at most ten minutes", async () => {
	const d = await door();
	const tries: number[] = [];
	const begun = d.clock.ms;

	d.site.visitFails = Array.from(
		{ length: 40 },
		(_, i) =>
			[
				new SiteError("network", "The site cannot be reached."),
				new SiteError("platform", "The site has a problem."),
				new SiteError("challenge", "It has not loaded."),
				new TypeError("not a function"),
			][i % 4]!,
	);
	for (; d.clock.ms < begun + HOUR; d.clock.ms += 1000) {
		const { visits } = d.site;

		assert.equal(await d.door.letIn(), null);
		if (d.site.visits > visits) tries.push((d.clock.ms - begun) / 1000);
	}
	assert.deepEqual(tries, [0, 10, 30, 70, 150, 310, 630, 1230, 1830, 2430, 3030]);
	assert.equal(d.said[0], "a visitor was not let in: The site cannot be reached.");
	d.site.visitFails = [];
	d.clock.ms += MIN;
	assert.deepEqual(await d.door.letIn(), { name: "", guest: true });
});

test("a refused visitor rests, longer each time, and a reload does not end it", async () => {
	for (const [why, minutes] of [
		[new SiteError("verification", "Turnstile verification failed"), [20, 40, 80, 120]],
		[new SiteError("limit", "Too many", 30 * MIN), [30, 30, 30]],
		[new SiteError("challenge", "Just a moment", undefined, "blocked"), [20, 40]],
	] as const) {
		const d = await door();

		for (const pause of minutes) {
			d.site.visitFails = [why];
			const { visits } = d.site;

			await d.door.letIn();
			d.door = await d.make();
			d.clock.ms += pause * MIN - 1;
			await d.door.letIn();
			assert.equal(d.site.visits, visits + 1, `${why.kind}: ${pause} min`);
			d.clock.ms += 1;
		}
		assert.deepEqual(await d.door.letIn(), { name: "", guest: true });
	}
});

test("a visitor whom the site takes and does not know is not made over and over", async () => {
	const d = await door();

	d.site.visitor = null;
	for (let i = 0; i < 60; i++, d.clock.ms += MIN) await d.door.letIn();
	assert.equal(d.site.visits, 2);
});

test("nobody comes in the place of one whom the site has refused, or of a person", async () => {
	const d = await door();

	d.state.troubled = true;
	await d.door.letIn();
	d.state.troubled = false;
	d.site.account = { name: "person", guest: false };
	await d.door.whoami();
	d.site.account = null;
	await d.door.whoami();
	await d.door.letIn();
	assert.equal(d.site.visits, 0);
});

test("refusals of yesterday are forgotten, and no wait is longer than a day", () => {
	const note = refusedAt({ until: 0, refused: 9, at: 0 }, 25 * HOUR, undefined);

	assert.deepEqual(note, { until: 25 * HOUR + 20 * MIN, refused: 1, at: 25 * HOUR });
	assert.equal(refusedAt(null, 0, 1000 * HOUR).until, 24 * HOUR);
});
