import assert from "node:assert/strict";
import { test } from "node:test";

import type { Video } from "../src/api/types";
import { here, isExpired, toKeep } from "../src/state/links";
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
		fps: null,
		remixed_from_video_id: null,
		metadata: {},
		...more,
	}) as Video;

test("the same wish once more has its images, and stands in the same turn", () => {
	const failed = video("v1", {
		seed: 7,
		fps: 30,
		negative_prompt: "rain",
		remixed_from_video_id: "v0",
		metadata: { conversation: "c", first: "file_1", last: "file_2" },
	});
	const wish = wishAgain(failed);

	assert.deepEqual(wish, {
		prompt: "a fox",
		parent: "v0",
		model: "toy",
		size: "640x360",
		seconds: 4,
		seed: 7,
		fps: 30,
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
	assert.equal(
		toKeep(link, "", "http://127.0.0.1:3102"),
		"/v1/videos/video_1/content.mp4?sig=a%2Bb&download=1",
	);
	const name = (words: string) => new URL(toKeep(link, words, "http://a"), "http://a").searchParams.get("download");

	assert.equal(name("  Un río, ¡ya! \u202e../../x\n"), "Un río ya x");
	assert.equal(name(`${"狐 ".repeat(50)}`), "狐 ".repeat(30).trim());
	assert.equal(name("1"), "1");
});

test("a link says itself when it ends", () => {
	const ends = (search: string, nowMs: number) => isExpired(`/v1/x?${search}`, nowMs, "http://a");

	assert.equal(ends("owner=1&exp=1000&sig=x", 999_999), false);
	assert.equal(ends("owner=1&exp=1000&sig=x", 1_000_000), true);
	assert.equal(ends("owner=1", 1_000_000), false);
});
