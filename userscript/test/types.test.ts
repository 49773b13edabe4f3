import assert from "node:assert/strict";
import test from "node:test";
import { UploadRefused } from "../src/types";

test("a refused upload says which rule it broke", () => {
	const e = new UploadRefused("too_large", "no more than 512 MB");

	assert.ok(e instanceof Error);
	assert.deepEqual(
		[e.name, e.code, e.message],
		["UploadRefused", "too_large", "no more than 512 MB"],
	);
});
