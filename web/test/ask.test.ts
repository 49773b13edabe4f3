import assert from "node:assert/strict";
import { test } from "node:test";

import type { Model } from "../src/api/types";
import { usual } from "../src/state/choices";
import { isDrafts, withDraft, type Kept } from "../src/state/draft";
import type { Picture } from "../src/state/images";
import { faultIn, wishesOf, type Ask } from "../src/state/ask";

const model = (id: string, more: Partial<Model> = {}): Model => ({
	id, name: id, description: "", owned_by: "tests", aliases: [], inputs: ["text", "image", "first_last_frame"],
	parameters: ["seed", "negative_prompt"], operations: [], outputs: 1, sizes: [], max_width: 1920, max_height: 1080,
	min_seconds: 1, max_seconds: 20, max_prompt: 100, available: true, typical_seconds: null, ...more,
});
const picture = {} as Picture;
const ask = (more: Partial<Ask> = {}): Ask => ({
	prompt: "A fox", models: [model("a")], choices: usual, pictures: { first: null, last: null }, parent: null,
	conversation: "c", ...more,
});

test("variations: a locked seed counts up, else each has its own", () => {
	const locked = wishesOf(ask({ choices: { ...usual, variations: 4, locked: true, seed: 0xfffffffe } }), {}, "c");

	assert.deepEqual(locked.map((wish) => wish.seed), [0xfffffffe, 0xffffffff, 0, 1]);
	assert.equal(new Set(locked.map((wish) => wish.metadata?.group)).size, 1);
	assert.ok(locked.every(({ metadata }) => metadata?.kind === "variations" && metadata.conversation === "c"));
	const free = wishesOf(ask({ choices: { ...usual, variations: 4 } }), {}, "c");

	assert.equal(new Set(free.map((wish) => wish.seed)).size, 4);
});

test("several models: one wish for each, each in its own range, with the same seed", () => {
	const models = [
		model("a"), model("b", { parameters: [], max_seconds: 3, sizes: ["720x1280"] }),
		model("c", { inputs: ["text", "image"], parameters: ["seed"] }),
	];
	const wishes = wishesOf(
		ask({ models, choices: { ...usual, negative: " blur " } }), { first: "file_1", last: "file_2" }, "c");

	assert.deepEqual(wishes.map((wish) => [wish.model, wish.size, wish.seconds, wish.negative_prompt, wish.last_frame]), [
		["a", "1280x720", 4, "blur", "file_2"], ["b", "720x1280", 3, undefined, "file_2"],
		["c", "1280x720", 4, undefined, undefined],
	]);
	assert.equal(wishes[0]?.seed, wishes[2]?.seed);
	assert.equal(wishes[1]?.seed, undefined);
	assert.deepEqual(wishes.map((wish) => [wish.metadata?.kind, wish.metadata?.first, wish.metadata?.last]), [
		["compare", "file_1", "file_2"], ["compare", "file_1", "file_2"], ["compare", "file_1", undefined],
	]);
});

test("variations on several models: each with the same seeds on all of them", () => {
	const wishes = wishesOf(ask({ models: [model("a"), model("b")], choices: { ...usual, variations: 2 } }), {}, "c");

	assert.deepEqual(wishes.map((wish) => wish.model), ["a", "b", "a", "b"]);
	const [first, second, third, fourth] = wishes.map((wish) => wish.seed);

	assert.deepEqual([first, third], [second, fourth]);
	assert.notEqual(first, third);
	assert.equal(new Set(wishes.map((wish) => wish.metadata?.group)).size, 1);
	assert.ok(wishes.every((wish) => wish.metadata?.kind === "compare"));
});

test("one video has no group", () => {
	const [wish, ...others] = wishesOf(ask(), {}, "c");

	assert.deepEqual(wish?.metadata, { conversation: "c" });
	assert.deepEqual(others, []);
	assert.equal(wishesOf(ask({ models: [] }), {}, "c").length, 1, "also while no model is known");
});

test("what cannot be asked for is said before it is sent", () => {
	const text = [model("words", { inputs: ["text"] })];
	const still = [model("still", { inputs: ["image"] })];
	const first = { first: picture, last: null };

	assert.equal(faultIn(ask()), null);
	assert.match(faultIn(ask({ prompt: "" })) ?? "", /Write first/);
	assert.match(faultIn(ask({ prompt: "x".repeat(101) })) ?? "", /up to 100/);
	assert.equal(faultIn(ask({ prompt: "🦊".repeat(100) })), null, "characters, not halves of them");
	assert.match(faultIn(ask({ models: text, pictures: first })) ?? "", /words cannot start/);
	assert.match(faultIn(ask({ models: still })) ?? "", /still needs an image/);
	assert.equal(faultIn(ask({ models: still, pictures: first })), null);
	assert.match(faultIn(ask({ pictures: { first: null, last: picture } })) ?? "", /needs a first one/);
});

test("drafts are bounded, the newest stay, and empty ones are not kept", () => {
	let all: Record<string, Kept> = {};

	for (let i = 0; i < 50; i++) all = withDraft(all, `c${i}`, { prompt: `p${i}`, at: i });
	assert.equal(Object.keys(all).length, 40);
	assert.ok(all.c49 && !all.c5);
	all = withDraft(all, "c49", { prompt: "", at: 60 });
	assert.ok(!("c49" in all));
	assert.ok(withDraft({}, "c", { prompt: "", first: "file_1", at: 1 }).c);
	assert.equal(withDraft({}, "c", { prompt: "x".repeat(40_000), at: 1 }).c?.prompt.length, 32_000);
	for (const bad of [null, 7, "x", { c: null }, { c: { prompt: 7, at: 1 } }, { c: { prompt: "x" } }])
		assert.ok(!isDrafts(bad), JSON.stringify(bad));
});
