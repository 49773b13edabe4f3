import assert from "node:assert/strict";
import { test } from "node:test";

import { shortcutOf, shortcuts } from "../src/state/shortcuts";
import { titleOf } from "../src/state/title";
import { playerKeys } from "../src/ui/player-keys";

const plain = { ctrlKey: false, metaKey: false, altKey: false };

test("a key is run only by itself, and only where it is everywhere's", () => {
	assert.equal(shortcutOf({ ...plain, key: "g" }), "gallery");
	assert.equal(shortcutOf({ ...plain, key: "?" }), "help");
	for (const held of ["ctrlKey", "metaKey", "altKey"])
		assert.equal(shortcutOf({ ...plain, key: "n", [held]: true }), null, held);
	assert.equal(shortcutOf({ ...plain, key: "m" }), null, "it belongs to the player");
	assert.equal(shortcutOf({ ...plain, key: "x" }), null);
});

test("no key means two things in one place", () => {
	for (const group of new Set(shortcuts.map((each) => each.group))) {
		const keys = shortcuts.filter((each) => each.group === group).flatMap((each) => each.keys);

		assert.equal(new Set(keys).size, keys.length, group);
	}
});

test("each key of the player is shown", () => {
	const names: Record<string, string> = { Space: " ", "←": "arrowleft", "→": "arrowright" };
	const shown = shortcuts
		.filter((each) => each.group === "player")
		.flatMap((each) => each.keys.map((key) => names[key] ?? key.toLowerCase()));

	assert.deepEqual(shown.sort(), [...playerKeys].sort());
});

test("the title says who is wanted, what is done and how far the rest is", () => {
	const running = (...progress: number[]) =>
		progress.map((each) => ({ status: "in_progress" as const, progress: each }));

	assert.equal(titleOf({ wanting: 0, done: 0, running: [] }), "Arena video");
	assert.equal(titleOf({ wanting: 0, done: 0, running: [{ status: "queued", progress: 0 }] }), "Arena video");
	assert.equal(titleOf({ wanting: 0, done: 0, running: running(40) }), "40 % · Arena video");
	assert.equal(titleOf({ wanting: 0, done: 0, running: running(40, 81) }), "60 % · Arena video");
	assert.equal(titleOf({ wanting: 0, done: 1, running: [] }), "✓ · Arena video");
	assert.equal(titleOf({ wanting: 1, done: 2, running: running(5) }), "⚠ ✓ 2 5 % · Arena video");
});
