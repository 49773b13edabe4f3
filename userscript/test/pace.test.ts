import assert from "node:assert/strict";
import test from "node:test";
import * as limits from "../src/run/limits";
import { GENTLE, nextStart, soundPace, started } from "../src/run/pace";

const MIN = 60_000;

test("between two runs there are 45 s", () => {
	assert.ok(nextStart([], GENTLE) <= 0);
	assert.equal(nextStart([100_000], GENTLE), 145_000);
});

test("there are at most 6 runs in 15 min", () => {
	let starts: number[] = [];
	const began: number[] = [];

	for (let now = 0; now < 60 * MIN; now += 1000)
		if (nextStart(starts, GENTLE) <= now) {
			starts = started(starts, GENTLE, now);
			began.push(now);
		}
	for (const at of began)
		assert.ok(
			began.filter((b) => b >= at && b < at + 15 * MIN).length <= 6,
			`from ${at}`,
		);
	for (let i = 1; i < began.length; i++) assert.ok(began[i]! - began[i - 1]! >= 45_000);
	assert.equal(began.length, 24);
	assert.ok(starts.length <= 7);
});

test("a clock that was set back does not hold runs up", () => {
	assert.deepEqual(started([5_000_000], GENTLE, 1000), [1000]);
});

test("what people set is kept within reason", () => {
	assert.deepEqual(soundPace({ gapMs: -1, most: 0, windowMs: Number.NaN }), {
		gapMs: 0,
		most: 1,
		windowMs: GENTLE.windowMs,
	});
});

test("a limit holds as long as the site said, and never becomes shorter", () => {
	let l = limits.limited(limits.NO_LIMITS, 1000, 600 * MIN, "10 hours");

	assert.equal(limits.restsUntil(l, 2000), 1000 + 600 * MIN);
	l = limits.limited(l, 2000, 1 * MIN, "1 minute");
	assert.deepEqual([l.until, l.message], [1000 + 600 * MIN, "10 hours"]);
	assert.equal(limits.restsUntil(l, 1000 + 600 * MIN), 0);
});

test("limits without a time double, up to 2 h", () => {
	let l = limits.NO_LIMITS;
	const waits: number[] = [];

	for (let i = 0, now = 0; i < 7; i++, now = l.until) {
		l = limits.limited(l, now, undefined, "");
		waits.push((l.until - now) / MIN);
	}
	assert.deepEqual(waits, [5, 10, 20, 40, 80, 120, 120]);
});

test("verifications that fail rest 20 min, doubling to 2 h; a run that works begins anew", () => {
	let l = limits.NO_LIMITS;
	const waits: number[] = [];

	for (let i = 0, now = 0; i < 5; i++, now = l.until) {
		l = limits.unverified(l, now, "no");
		waits.push((l.until - now) / MIN);
	}
	assert.deepEqual(waits, [20, 40, 80, 120, 120]);
	assert.equal(limits.accepted(l).strikes, 0);
	assert.equal(limits.unverified(l, l.until + 25 * 60 * MIN, "").strikes, 1);
});

test("trouble is remembered for a day", () => {
	const l = limits.unverified(limits.NO_LIMITS, 0, "");

	assert.ok(limits.troubled(l, 23 * 60 * MIN));
	assert.ok(!limits.troubled(l, 25 * 60 * MIN));
	assert.ok(!limits.troubled(limits.NO_LIMITS, 0));
});
