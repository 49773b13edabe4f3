import assert from "node:assert/strict";
import test from "node:test";
import { createClock } from "../src/site/clock";
import { timeOf, uuid7 } from "../src/site/ids";

test("an id is a UUIDv7 of the time that was given", () => {
	const at = 1_790_000_000_123;
	const id = uuid7(at);

	assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
	assert.equal(timeOf(id), at);
	assert.notEqual(uuid7(at), id);
	assert.equal(
		uuid7(1, () => new Uint8Array(16).fill(255)),
		"00000000-0001-7fff-bfff-ffffffffffff",
	);
	assert.ok(Number.isNaN(timeOf("6ba7b810-9dad-41d1-80b4-00c04fd430c8")));
});

function clockAt(local: number) {
	return createClock(() => local);
}

const date = (ms: number) => new Date(ms).toUTCString();

test("a clock that is an hour off follows the site's Date header to within a second", () => {
	for (const skew of [-3_600_000, 3_600_000, 5000]) {
		const local = 1_790_000_000_000;
		const clock = clockAt(local);

		clock.see(date(local + skew), local - 40, local);
		assert.ok(Math.abs(clock.now() - (local + skew)) <= 1000, String(skew));
	}
});

test("a header's missing milliseconds are no skew, and slow answers tell nothing", () => {
	const local = 1_790_000_000_999;
	const clock = clockAt(local);

	clock.see(date(local), local, local);
	assert.equal(clock.now(), local);
	clock.see(date(local + 60_000), local - 60_000, local);
	clock.see("no date", local, local);
	clock.see(null, local, local);
	assert.equal(clock.now(), local);
});

test("a clock that is put right again is followed too", () => {
	const local = 1_790_000_000_000;
	const clock = clockAt(local);

	clock.see(date(local + 3_600_000), local, local);
	clock.see(date(local), local, local);
	assert.equal(clock.now(), local);
});
