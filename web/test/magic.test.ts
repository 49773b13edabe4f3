import assert from "node:assert/strict";
import { test } from "node:test";

import { imageOf } from "../src/state/magic";

const bytes = (...parts: (string | number | number[])[]) =>
	Uint8Array.from(
		parts.flatMap((part) =>
			typeof part === "string" ? [...part].map((c) => c.charCodeAt(0)) : part,
		),
	);
const zeros = (n: number) => new Array<number>(n).fill(0);

test("an image is known by its first bytes, with its size", () => {
	const png = bytes("\x89PNG\r\n\x1a\n", [0, 0, 0, 13], "IHDR", [0, 0, 2, 0x80], [0, 0, 1, 0xe0]);
	const gif = bytes("GIF89a", [0x40, 0x01], [0xf0, 0x00]);
	const jpeg = bytes(
		[0xff, 0xd8, 0xff, 0xe1, 0, 6], "Exif", // a marker to be passed over
		[0xff, 0xff, 0xc2, 0, 11, 8, 1, 0x2c, 2, 0x58, 3], // fill, then SOF2
	);

	assert.deepEqual(imageOf(png), { type: "png", width: 640, height: 480 });
	assert.deepEqual(imageOf(gif), { type: "gif", width: 320, height: 240 });
	assert.deepEqual(imageOf(jpeg), { type: "jpeg", width: 600, height: 300 });
});

test("the three kinds of WebP", () => {
	const webp = (kind: string, ...rest: (number | number[])[]) =>
		bytes("RIFF", zeros(4), "WEBP", kind, zeros(4), ...rest, zeros(8));

	assert.deepEqual(imageOf(webp("VP8X", zeros(4), [0xff, 3, 0], [0xff, 1, 0])), {
		type: "webp", width: 1024, height: 512,
	});
	// 14 bits of width less one, 14 of height less one
	assert.deepEqual(imageOf(webp("VP8L", 0x2f, [0xff, 0x03 | 0xc0, 0x7f, 0])), {
		type: "webp", width: 1024, height: 512,
	});
	assert.deepEqual(imageOf(webp("VP8 ", zeros(3), [0x9d, 1, 0x2a], [0x40, 1], [0xf0, 0])), {
		type: "webp", width: 320, height: 240,
	});
});

test("what is no image is none, whatever it is called, and a cut one does no harm", () => {
	for (const text of ["", "hello", "<svg xmlns=", "%PDF-1.7", "RIFF0000WAVE", "\x89PNG", "GIF89", "BM"])
		assert.equal(imageOf(bytes(text)), null, JSON.stringify(text));
	for (let n = 3; n < 12; n++) {
		const cut = bytes([0xff, 0xd8, 0xff, 0xe0, 0, 16, 0xff, 0xc0, 0, 11, 8, 1]).slice(0, n);

		assert.deepEqual(imageOf(cut), { type: "jpeg", width: 0, height: 0 });
	}
});

test("a JPEG whose sizes lead nowhere ends", () => {
	assert.deepEqual(imageOf(bytes([0xff, 0xd8, 0xff, 0xe0, 0, 0, 0xff, 0xe0, 0xff, 0xff, 0xff])), {
		type: "jpeg", width: 0, height: 0,
	});
});
