import assert from "node:assert/strict";
import { test } from "node:test";

import type { Model } from "../src/api/types";
import { choicesOf, usual } from "../src/state/choices";
import { chosenOf, fitSeconds, fitSize, makesSize, notesOn, rangeOf } from "../src/state/fitting";
import { shelvesOf } from "../src/state/shelf";

const model = (id: string, more: Partial<Model> = {}): Model => ({
	id, name: id, description: "", owned_by: "tests", aliases: [], inputs: ["text", "image"], parameters: [],
	operations: [], outputs: 1, sizes: [], max_width: 1920, max_height: 1080, min_seconds: 1, max_seconds: 20,
	max_prompt: 32000, available: true, typical_seconds: null, ...more,
});

const any = model("any");
const listed = model("listed", { sizes: ["720x1280", "1280x720"], min_seconds: 5, max_seconds: 8 });

test("a size is brought to the most similar one that the model makes, the shape first", () => {
	assert.ok(makesSize(any, "642x480") && !makesSize(any, "641x480") && !makesSize(any, "62x480"));
	assert.ok(makesSize(any, "1080x1920") && !makesSize(any, "1200x1920"));
	assert.equal(fitSize(any, "642x480"), "642x480");
	assert.equal(fitSize(listed, "480x854"), "720x1280");
	assert.equal(fitSize(listed, "1920x1080"), "1280x720");
	assert.equal(fitSize(model("tiny", { max_width: 320, max_height: 241 }), "1280x720"), "320x240");
});

test("seconds stay in the model's range, and what had to change is told", () => {
	assert.deepEqual([1, 6, 20].map((n) => fitSeconds(listed, n)), [5, 6, 8]);
	const notes = notesOn([any, listed], { ...usual, size: "1024x1024", seconds: 20 });

	assert.deepEqual(notes.map(({ model: { id }, what, wished, got }) => [id, what, wished, got]), [
		["listed", "size", "1024x1024", "720x1280"],
		["listed", "seconds", "20", "8"],
	]);
	assert.deepEqual(notesOn([any], usual), []);
});

test("several models: what all make, and what any honours", () => {
	const range = rangeOf([any, listed, model("seeded", { parameters: ["seed"], inputs: ["text"], max_prompt: 500 })])!;

	assert.deepEqual(range.sizes, ["720x1280", "1280x720"]);
	assert.deepEqual(range.seconds, { least: 5, most: 8 });
	assert.equal(range.free, null);
	assert.equal(range.prompt, 500);
	assert.deepEqual([range.seed, range.negative, range.fps, range.first, range.last], [true, false, false, true, false]);
	const apart = rangeOf([listed, model("long", { min_seconds: 10, max_seconds: 12, sizes: ["1024x1024"] })])!;

	assert.deepEqual(apart.seconds, { least: 5, most: 12 });
	assert.deepEqual(apart.sizes, ["720x1280", "1280x720", "1024x1024"]);
	assert.equal(rangeOf([]), null);
});

test("a model that went is replaced by one that is there and is no battle", () => {
	const all = [
		model("away", { available: false }),
		model("battle", { outputs: 2 }),
		model("image", { inputs: ["image"] }),
		model("plain", { aliases: ["simple"] }),
	];
	const ids = (...models: string[]) => chosenOf(all, { ...usual, models, several: models.length > 1 }).map((m) => m.id);

	assert.deepEqual(ids("gone"), ["plain"]);
	assert.deepEqual(ids(), ["plain"]);
	assert.deepEqual(ids("away"), ["away"], "one that is only waited for is kept");
	assert.deepEqual(ids("simple"), ["plain"], "by another spelling");
	assert.deepEqual(ids("battle", "gone", "image"), ["battle", "image"]);
	assert.deepEqual(ids("plain", "simple"), ["plain"], "one model by two spellings is one");
	assert.deepEqual(chosenOf([], usual), []);
});

test("models are found by words of their names, those that are there first", () => {
	const all = [
		model("z-both", { available: false }), model("b", { name: "Béta two" }), model("a"),
		model("words", { inputs: ["text"], available: false }), model("still", { inputs: ["image"] }),
	];
	const shown = (search: string) => shelvesOf(all, search).map((shelf) => [shelf.capability, ...shelf.models.map((m) => m.id)]);

	assert.deepEqual(shown(""), [["both", "a", "b", "z-both"], ["image", "still"], ["text", "words"]]);
	assert.deepEqual(shown("  beta TWO "), [["both", "b"]]);
	assert.deepEqual(shown("nothing"), []);
});

test("whatever was kept becomes choices", () => {
	assert.deepEqual(choicesOf({}), usual);
	assert.deepEqual(
		choicesOf({ models: [1, "a", null], several: "yes", size: "<b>", seconds: "4", variations: 9, seed: -1, locked: 1, negative: {}, fps: 1.5 }),
		{ ...usual, models: ["a"] },
	);
	assert.equal(choicesOf({ models: ["1", "2", "3", "4", "5"] }).models.length, 4);
	assert.equal(choicesOf({ negative: "x".repeat(5000) }).negative.length, 2000);
});
