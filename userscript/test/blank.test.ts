import assert from "node:assert/strict";
import test from "node:test";
import { blank } from "../src/site/blank";

const secrets: [string, string][] = [
	["a token in JSON", '{"recaptchaV3Token":"s3cr3t-value","x":1}'],
	["a token in JSON inside JSON", '"{\\"turnstileToken\\":\\"s3cr3t-value\\"}"'],
	[
		"a signature in a link",
		"https://b.example/u/1.mp4?X-Amz-Signature=s3cr3t-value&X-Amz-Expires=3600",
	],
	[
		"a link with escaped ampersands",
		'"https://b.example/1.mp4?a=1\\u0026X-Amz-Signature=s3cr3t-value"',
	],
	["a cookie", "Cookie: arena-auth=s3cr3t-value; other=s3cr3t-value"],
	["a header", "authorization: Bearer s3cr3t-value"],
	["a JWT", "x eyJhbGciOiJIUzI1NiJ9.s3cr3t-value.c2ln y"],
	["a cut token", '{"recaptchaV3Token":"s3cr3t-value'],
];

for (const [what, text] of secrets)
	test(`${what} is blanked`, () => {
		const out = blank(text);

		assert.ok(!out.includes("s3cr3t-value"), out);
		assert.ok(out.includes("[blanked]"), out);
	});

test("an address of a person is blanked", () =>
	assert.ok(!blank("person@example.com").includes("person")));

test("what shows the site's shape stays", () => {
	for (const line of [
		'a2:[{"type":"heartbeat"}]',
		'ad:{"finishReason":"stop"}',
		'{"mode":"battle"}',
	])
		assert.equal(blank(line), line);
	assert.match(
		blank("https://b.example/u/1.mp4?X-Amz-Expires=3600"),
		/b\.example\/u\/1\.mp4\?X-Amz-Expires=/,
	);
});
