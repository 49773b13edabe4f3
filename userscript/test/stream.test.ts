import assert from "node:assert/strict";
import test from "node:test";
import { createSides } from "../src/site/sides";
import { createLines, isVideoUrl, linesOf, readLine, videoIn } from "../src/site/stream";

const VIDEO = "https://b.r2.cloudflarestorage.com/u/1-2.mp4?X-Amz-Signature=s&X-Amz-Expires=3600";

test("lines come out whole however the bytes are cut, even inside a character", () => {
	const text =
		'a0:"Zürich 🦊 größer"\r\na2:[{"type":"heartbeat"}]\nbd:{"finishReason":"stop"}';
	const bytes = new TextEncoder().encode(text);

	for (let size = 1; size < 9; size++) {
		const lines = createLines();
		const out: string[] = [];

		for (let at = 0; at < bytes.length; at += size)
			out.push(...lines.push(bytes.slice(at, at + size)));
		out.push(...lines.end());
		assert.deepEqual(out, text.split(/\r?\n/), `pieces of ${size}`);
	}
});

const known: [string, unknown][] = [
	['a0:"hello"', { side: "a", kind: "alive" }],
	['b0:"x hasArenaError"', { side: "b", kind: "error", message: "", by: "platform" }],
	['ag:"thinking"', { side: "a", kind: "alive" }],
	['a2:[{"type":"heartbeat"}]', { side: "a", kind: "alive" }],
	[
		'a2:[{"type":"image","image":"https://x/y.png","mimeType":"image/png"}]',
		{ side: "a", kind: "alive" },
	],
	['a2:[{"type":"routed_model","organization":"o"}]', { side: "a", kind: "alive" }],
	[
		'b3:"The provider timed out"',
		{ side: "b", kind: "error", message: "The provider timed out", by: "provider" },
	],
	[
		'ad:{"finishReason":"content-filter"}',
		{ side: "a", kind: "finish", reason: "content-filter" },
	],
	['ae:{"message":"broke"}', { side: "a", kind: "error", message: "broke", by: "platform" }],
	['ae:"broke"', { side: "a", kind: "error", message: "broke", by: "platform" }],
	['ae:{"finishReason":"stop","isContinued":false}', { side: "a", kind: "alive" }],
	['af:{"messageId":"m"}', { side: "a", kind: "alive" }],
	['data: af:{"messageId":"m"}', { side: "a", kind: "alive" }],
	["az:{}", { side: "a", kind: "unknown", what: "z" }],
	['a2:[{"type":"sparkle","n":1}]', { side: "a", kind: "unknown", what: "2 sparkle" }],
	['a2:[{"type":', { side: "a", kind: "unknown", what: "2 broken" }],
];

for (const [line, item] of known)
	test(`the line ${line.slice(0, 40)}`, () => assert.deepEqual(readLine(line), [item]));

test("what wraps a stream of events is no line", () => {
	for (const line of ["", ": ping", "event: message", "id: 7", "data: [DONE]", "data:"])
		assert.deepEqual(readLine(line), [], line);
});

test("a video is found in every shape, and nothing else is taken for one", () => {
	const shapes = [
		{ type: "video", url: VIDEO, mimeType: "video/mp4" },
		{ url: VIDEO },
		{ type: "output", video: VIDEO },
		{ videoUrl: VIDEO, mimeType: "video/mp4" },
		{ type: "video", url: "https://x/signed/abc" },
		{ type: "file", contentType: "video/mp4", url: "https://x/signed/abc" },
		{ video: { url: VIDEO } },
		VIDEO,
	];

	for (const shape of shapes) {
		const found = videoIn(shape);

		assert.ok(found?.url.startsWith("https://"), JSON.stringify(shape));
		assert.equal(found?.mime, "video/mp4");
	}
	assert.equal(videoIn("https://x/a.webm")?.mime, "video/webm");
	for (const other of [
		{ type: "thumbnail", url: "https://x/a.jpg" },
		"mp4",
		"javascript:a.mp4",
		7,
		null,
	])
		assert.equal(videoIn(other), null, JSON.stringify(other));
	assert.ok(!isVideoUrl("https://x/a.jpg?name=b.mp4"));
});

test("several items of one frame are all read", () => {
	const items = readLine(
		`b2:${JSON.stringify([{ type: "heartbeat" }, { videoUrl: VIDEO }])}`,
	);

	assert.deepEqual(
		items.map((i) => i.kind),
		["alive", "output"],
	);
});

test("a stream that breaks throws after its whole lines; one that is cancelled ends", async () => {
	const broken = new ReadableStream<Uint8Array>({
		start(c) {
			c.enqueue(new TextEncoder().encode("one\ntw"));
		},
		pull(c) {
			c.error(new TypeError("network error"));
		},
	});
	const got: string[] = [];

	await assert.rejects(async () => {
		for await (const line of linesOf(broken.getReader())) got.push(line);
	}, TypeError);
	assert.deepEqual(got, ["one"]);
	const reader = new ReadableStream<Uint8Array>().getReader();
	const next = linesOf(reader).next();

	await reader.cancel();
	assert.deepEqual(await next, { done: false, value: "" });
});

test("a run is complete when each side has its video and its end, or has failed", () => {
	const sides = createSides(["a", "b"]);

	assert.ok(sides.take({ side: "a", kind: "output", url: VIDEO, mime: "video/mp4" }));
	assert.ok(
		!sides.take({
			side: "a",
			kind: "output",
			url: `${VIDEO}&again=1`,
			mime: "video/mp4",
		}),
	);
	sides.take({ side: "a", kind: "finish", reason: "stop" });
	assert.deepEqual(
		[sides.complete(), sides.enough(), sides.missing()],
		[false, false, ["b"]],
	);
	sides.take({ side: "b", kind: "error", message: "The provider timed out", by: "provider" });
	assert.deepEqual([sides.complete(), sides.failure()], [true, null]);
	assert.deepEqual(
		sides.outputs().map((o) => o.label),
		["a"],
	);
});

test("a side that ended without a video is missing: its record may have it", () => {
	const sides = createSides(["a"]);

	sides.take({ side: "a", kind: "finish", reason: "stop" });
	assert.deepEqual([sides.complete(), sides.missing()], [false, ["a"]]);
	sides.look("a", {
		status: "success",
		output: { url: VIDEO, mime: "video/mp4" },
		failure: "",
	});
	assert.ok(sides.complete());
});

test("when all sides failed the reason that matters is told", () => {
	const sides = createSides(["a", "b"]);

	sides.take({ side: "a", kind: "finish", reason: "error" });
	sides.look("b", { status: "flagged", output: null, failure: "" });
	assert.equal(sides.failure()?.kind, "content");
	const other = createSides(["a"]);

	other.take({ side: "a", kind: "finish", reason: "content-filter" });
	assert.equal(other.failure()?.kind, "content");
	const stopped = createSides(["a"]);

	stopped.look("a", { status: "stopped", output: null, failure: "" });
	assert.match(stopped.failure()!.message, /stopped on the site/);
});

test("a success without a video never completes by the stream alone", () => {
	const sides = createSides(["a"]);

	sides.look("a", { status: "success", output: null, failure: "" });
	assert.equal(sides.complete(), false);
});
