import assert from "node:assert/strict";
import { test } from "node:test";

import type { Video } from "../src/api/types";
import { fingerprint, parseKept, writeKept } from "../src/state/cache";

const videos = (n: number) =>
	Array.from({ length: n }, (_, i) => ({ id: `video_${i}`, metadata: {} }) as unknown as Video);
const kept = (n: number) => ({ version: 1, videos: videos(n), models: [], lastEventId: "7" });

test("what is kept is read again, and anything else is nothing", () => {
	assert.equal(parseKept(JSON.stringify(kept(3))).videos.length, 3);
	assert.equal(parseKept(JSON.stringify(kept(3))).lastEventId, "7");
	for (const text of [null, "", "{", "[]", "7", '{"version":0,"videos":[],"models":[]}', '{"version":1}',
		'{"version":1,"videos":[null],"models":[]}'])
		assert.deepEqual(parseKept(text), { version: 1, videos: [], models: [], lastEventId: "" });
});

test("under a quota less is kept, the newest first; with no room at all nothing", () => {
	let last = "";
	const room = (n: number) => (text: string) => text.length <= n && Boolean((last = text));

	assert.ok(writeKept(kept(1000), room(1e9)));
	assert.equal(parseKept(last).videos.length, 400);
	assert.ok(writeKept(kept(1000), room(5000)));
	const some = parseKept(last).videos;

	assert.ok(some.length > 0 && some.length < 400, `${some.length} kept`);
	assert.equal(some[0]?.id, "video_0");
	assert.equal(writeKept(kept(1000), room(10)), false);
});

test("the name of a key does not contain it, and differs for others", () => {
	assert.notEqual(fingerprint("av_one"), fingerprint("av_two"));
	assert.ok(!fingerprint("av_secret").includes("secret"));
});
