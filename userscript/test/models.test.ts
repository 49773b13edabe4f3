import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { FAMILIAR, mapModels } from "../src/run/models";
import { modelsInPage, readCatalogue } from "../src/site/catalogue";

declare const REPOSITORY: string;

const model = (id: string, publicName: string, input: object, more: object = {}) => ({
	id,
	publicName,
	organization: "maker",
	capabilities: {
		inputCapabilities: input,
		outputCapabilities: { video: { aspectRatio: true } },
	},
	userSelectable: true,
	rank: 5,
	...more,
});
const text = { text: true };
const image = { text: true, image: { requiresUpload: true, multipleImages: false } };

const CATALOGUE = [
	{
		arena: "text-to-video",
		models: [
			model("1", "veo-2\n", text, { rank: 1 }),
			model("2", "seedance-v1-lite", text),
			model(
				"3",
				"quiet-otter",
				{ text: true, image: true },
				{ userSelectable: false },
			),
			model("9", "talker", text, {
				capabilities: {
					inputCapabilities: text,
					outputCapabilities: { text: true },
				},
			}),
		],
	},
	{
		arena: "image-to-video",
		models: [
			model("4", "seedance-v1-lite", image),
			model("1", "veo-2 again", text),
			model("5", "reframe", { text: false, video: { required: true } }),
			null,
			{ publicName: "no id" },
		],
	},
];

test("the catalogue is read by id: what makes videos of texts and images, in the order of rank", () => {
	const found = readCatalogue(CATALOGUE);

	assert.deepEqual(
		found.map((m) => [m.id, m.name, m.text, m.image, m.selectable]),
		[
			["1", "veo-2", true, false, true],
			["3", "quiet-otter", true, true, false],
			["2", "seedance-v1-lite", true, false, true],
			["4", "seedance-v1-lite", false, true, true],
		],
	);
	for (const odd of [null, {}, [], "x", [{ models: 3 }]])
		assert.deepEqual(readCatalogue(odd), []);
});

test("before 2026 the models were in the page, in pieces of its script", () => {
	const payload = `7:["$","div",{"initialModels":${JSON.stringify([model("8", 'odd "]" name', text)])},"x":1}]\n`;
	const push = (s: string) => `self.__next_f.push(${JSON.stringify([1, s])})`;
	const scripts = ["var x = 1", push(payload.slice(0, 90)), push(payload.slice(90))];

	assert.deepEqual(
		modelsInPage(scripts).map((m) => m.name),
		['odd "]" name'],
	);
	assert.deepEqual(modelsInPage(["self.__next_f.push([1,"]), []);
});

test("a battle is always there, with two outputs; chosen models only when the user wants them", () => {
	const site = readCatalogue(CATALOGUE);
	const battle = mapModels(site, false);

	assert.deepEqual(
		battle.announced.map((m) => [m.id, m.outputs, m.inputs]),
		[["arena-battle", 2, ["text", "image"]]],
	);
	assert.deepEqual(battle.choose("arena-battle", true), { mode: "battle" });
	assert.equal(battle.choose("veo2", false), null);
	assert.deepEqual(mapModels([], false).announced[0]!.inputs, ["text", "image"]);
});

test("familiar names lead to the site's, and one name of two models is told by the input", () => {
	const { announced, choose } = mapModels(readCatalogue(CATALOGUE), true);

	assert.deepEqual(
		announced.map((m) => m.id),
		[
			"arena-battle",
			"veo2",
			"seedance-1-lite-text-to-video",
			"seedance-1-lite-image-to-video",
		],
	);
	for (const name of ["veo2", "veo-2", "VEO-2"])
		assert.deepEqual(choose(name, false), { mode: "direct", modelId: "1" }, name);
	assert.equal(choose("veo2", true), null);
	assert.equal(choose("seedance-v1-lite", false)?.modelId, "2");
	assert.equal(choose("seedance-v1-lite", true)?.modelId, "4");
	assert.equal(choose("quiet-otter", false), null);
});

test("two models of one name and one input are kept apart; one for each input is one model", () => {
	const site = readCatalogue([
		model("id-aaaaaaa1", "Twin", text),
		model("id-aaaaaaa2", "Twin", text),
		model("id-aaaaaaa3", "Twin", image),
	]);
	const { announced, choose } = mapModels(site, true);

	assert.deepEqual(
		announced.slice(1).map((m) => [m.id, m.inputs]),
		[
			["twin", ["text", "image"]],
			["twin-aaaaaaa2", ["text"]],
		],
	);
	assert.equal(choose("twin", false)?.modelId, "id-aaaaaaa1");
	assert.equal(choose("twin", true)?.modelId, "id-aaaaaaa3");
	assert.equal(choose("twin-aaaaaaa2", false)?.modelId, "id-aaaaaaa2");
});

test("the familiar names are those of the gateway's catalogue", () => {
	const read = (path: string) => readFileSync(`${REPOSITORY}/${path}`, "utf8");
	const source = read("proto/alias.c");
	const known = [
		...read("services/gateway/catalogue.c").matchAll(/^\tKNOWN\("([^"]+)"/gm),
	].map(([, id]) => id);

	assert.ok(known.length >= 8);
	assert.deepEqual(FAMILIAR.map((f) => f.id).sort(), [...known].sort());
	for (const { id, spelled } of FAMILIAR)
		for (const name of spelled)
			assert.ok(source.includes(`"${name}"`), `${name} of ${id}`);
});
