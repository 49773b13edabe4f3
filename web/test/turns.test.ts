import assert from "node:assert/strict";
import { test } from "node:test";

import type { Output, Video } from "../src/api/types";
import { fileName, here, toKeep } from "../src/state/links";
import { bornOf, newId, turnsOf } from "../src/state/notes";
import { lasting, wishAgain } from "../src/state/retry";

const video = (id: string, more: Partial<Video> = {}): Video =>
	({
		id,
		prompt: "a fox",
		model: "toy",
		size: "640x360",
		seconds: "4",
		seed: null,
		negative_prompt: null,
		metadata: {},
		...more,
	}) as Video;
const output = (more: Partial<Output> = {}) =>
	({ mime_type: "video/mp4", label: null, ...more }) as Output;

test("the same wish once more has its images, and stands in the same turn", () => {
	const failed = video("v1", {
		seed: 7,
		negative_prompt: "rain",
		metadata: { conversation: "c", first: "file_1", last: "file_2" },
	});
	const wish = wishAgain(failed);

	assert.deepEqual(wish, {
		prompt: "a fox",
		model: "toy",
		size: "640x360",
		seconds: 4,
		seed: 7,
		negative_prompt: "rain",
		first_frame: "file_1",
		last_frame: "file_2",
		metadata: {
			conversation: "c",
			group: "v1",
			retries: "v1",
			first: "file_1",
			last: "file_2",
		},
	});
	const again = video("v2", { metadata: wish.metadata });
	const turns = turnsOf([again, failed]);

	assert.equal(turns.length, 1);
	assert.equal(turns[0]!.kind, "single");
	assert.deepEqual(lasting(turns[0]!.videos).map((each) => each.id), ["v2"]);
});

test("tried again in a group, only its own place is taken", () => {
	const notes = { conversation: "c", group: "g", kind: "variations" };
	const group = ["v1", "v2", "v3"].map((id) => video(id, { metadata: notes }));
	const again = video("v4", { metadata: wishAgain(group[1]!).metadata });

	assert.deepEqual(lasting([...group, again]).map((each) => each.id), ["v1", "v3", "v4"]);
	assert.equal(turnsOf([...group, again])[0]!.kind, "variations");
});

test("an id says when it was made; that of somebody else says nothing", () => {
	assert.equal(bornOf(newId(1_795_386_670_123)), 1_795_386_670.123);
	assert.equal(bornOf("my-conversation"), 0);
	assert.equal(bornOf(""), 0);
});

test("links stay where the page is", () => {
	const link = "http://gateway.example:3102/v1/videos/video_1/content.mp4?sig=a%2Bb";

	assert.equal(here(link, "http://127.0.0.1:3102"), "/v1/videos/video_1/content.mp4?sig=a%2Bb");
	assert.equal(toKeep(link, "http://127.0.0.1:3102"), "/v1/videos/video_1/content.mp4?sig=a%2Bb&download=1");
});

test("names of files are of the prompt's words, in any script, and safe", () => {
	const name = (prompt: string, more: Partial<Output> = {}) =>
		fileName(video("video_1", { prompt }), output(more));

	assert.equal(name("A Red Fox, in the snow!"), "a-red-fox-in-the-snow.mp4");
	assert.equal(name("¿Qué pasó en Ñuñoa?"), "que-paso-en-nunoa.mp4");
	assert.equal(name("../../etc/passwd"), "etc-passwd.mp4");
	assert.equal(name("雪の中の狐"), "雪の中の狐.mp4");
	assert.equal(name("\u202e<b>", { label: "b" }), "b-b.mp4");
	assert.equal(name("…", { mime_type: "video/webm" }), "video_1.webm");
	assert.ok(name("long ".repeat(100)).length < 70);
});
