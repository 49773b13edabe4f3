import assert from "node:assert/strict";
import { test } from "node:test";

import { createClock } from "../src/media/clock";
import { frameAt, stamp, stepped } from "../src/media/frames";
import { placeOf, sheetOf } from "../src/media/sprite";
import { correction, leaderOf } from "../src/media/sync";

test("a clock ticks down, lets small corrections pass, and believes great ones", () => {
	const clock = createClock();

	assert.equal(clock.left(0), null, "nobody has said anything");
	assert.equal(clock.part(5000), 0);
	clock.tell(60, 1, 0);
	assert.equal(clock.left(0), 60);
	assert.equal(clock.left(20_500), 40);
	clock.tell(44, 1, 20_500);
	assert.equal(clock.left(20_500), 40, "4 s more is noise");
	clock.tell(30, 1, 21_000);
	assert.equal(clock.left(21_000), 30, "earlier is good news");
	clock.tell(90, 1, 22_000);
	assert.equal(clock.left(22_000), 90, "a minute more is told");
	clock.tell(null, 1, 23_000);
	assert.equal(clock.left(23_000), 89, "silence changes nothing");
	assert.equal(clock.left(500_000), 0, "at any moment");
});

test("the part that is over grows within a try, never past the end, and begins anew with the next", () => {
	const clock = createClock();

	clock.tell(10, 1, 0);
	const seen = [0, 2000, 5000].map((at) => clock.part(at));

	assert.deepEqual(seen, [0, 0.2, 0.5]);
	clock.tell(60, 1, 5000);
	assert.equal(clock.part(6000), 0.5, "a later end does not take it back");
	assert.ok(clock.part(600_000) < 1, "what is not done is not shown as done");
	clock.tell(10, 2, 700_000);
	assert.equal(clock.part(700_000), 0);
});

test("a sheet of 25 tiles of a wide video: five by five, first and last in their corners", () => {
	const sheet = sheetOf(
		{ width: 800, height: 450 },
		{ width: 1280, height: 720, frames: 96 },
	);

	assert.deepEqual(sheet, { columns: 5, rows: 5, tiles: 25 });
	assert.deepEqual(placeOf(sheet, 0), {
		backgroundSize: "500% 500%",
		backgroundPosition: "0% 0%",
	});
	assert.equal(placeOf(sheet, 1).backgroundPosition, "100% 100%");
	assert.equal(placeOf(sheet, 0.5).backgroundPosition, "50% 50%");
	assert.equal(placeOf(sheet, -1).backgroundPosition, "0% 0%");
});

test("a sheet of few frames: no empty tile is shown", () => {
	const six = sheetOf({ width: 800, height: 180 }, { width: 1280, height: 720, frames: 6 });

	assert.deepEqual(six, { columns: 5, rows: 2, tiles: 6 });
	assert.equal(placeOf(six, 1).backgroundPosition, "0% 100%");
	const one = sheetOf({ width: 160, height: 90 }, { width: 1280, height: 720, frames: 1 });

	assert.equal(placeOf(one, 0.9).backgroundPosition, "0% 0%");
	const tall = sheetOf({ width: 800, height: 1420 }, { width: 720, height: 1280, frames: null });

	assert.deepEqual(tall, { columns: 5, rows: 5, tiles: 25 });
});

test("frames are sought at their middle, one after the other, to the ends", () => {
	assert.equal(frameAt(1 / 24, 24), 1);
	assert.equal(stepped(0, 1, 24, 2), 1.5 / 24);
	assert.equal(stepped(1.5 / 24, 1, 24, 2), 2.5 / 24);
	assert.equal(stepped(2.5 / 24, -1, 24, 2), 1.5 / 24);
	assert.equal(stepped(0.01, -1, 24, 2), 0.5 / 24);
	assert.equal(stepped(1.999, 1, 24, 2), 47.5 / 24);
	assert.equal(stepped(0, 1, null, 2), 1.5 / 24, "24 where nobody knows");

	// each frame of a rate that divides badly
	let at = 0;

	for (let i = 1; i < 60; i++) {
		at = stepped(at, 1, 29.97, 2);
		assert.equal(frameAt(at, 29.97), i);
	}
});

test("times", () => {
	assert.equal(stamp(0), "0:00.0");
	assert.equal(stamp(9.96), "0:09.9");
	assert.equal(stamp(0.3), "0:00.3");
	assert.equal(stamp(61.25), "1:01.2");
});

test("who strays a little is led back, who is far off jumps, who is shorter waits at its end", () => {
	assert.deepEqual(correction(2, 2.01, 4, 1), { rate: 1, jump: null });
	const behind = correction(2, 1.9, 4, 1);
	const ahead = correction(2, 2.1, 4, 0.5);

	assert.ok(behind.rate > 1 && behind.jump === null, `${behind.rate}`);
	assert.ok(ahead.rate < 0.5 && ahead.jump === null, `${ahead.rate}`);
	assert.equal(correction(2, 0.5, 4, 1).jump, 2);
	assert.deepEqual(correction(6, 4, 4, 1), { rate: 1, jump: null });
});

test("led back, the drift shrinks each step and does not swing", () => {
	let leader = 1;
	let follower = 1.3;

	for (let i = 0; i < 600; i++) {
		const { rate, jump } = correction(leader, follower, 100, 1);
		const before = follower - leader;

		assert.equal(jump, null);
		leader += 1 / 60;
		follower += rate / 60;
		assert.ok(Math.abs(follower - leader) <= Math.abs(before) + 1e-9);
	}
	assert.ok(Math.abs(follower - leader) <= 0.03, `${follower - leader}`);
});

test("the longest leads", () => {
	assert.equal(leaderOf([4, 4]), 0);
	assert.equal(leaderOf([4, 5.2, 5]), 1);
	assert.equal(leaderOf([4, 4.005]), 0, "as good as equal");
	assert.equal(leaderOf([]), 0);
});
