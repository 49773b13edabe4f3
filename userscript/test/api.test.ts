/** The site's answers: whole, broken off, and not as they are known. */

import assert from "node:assert/strict";
import test from "node:test";
import { withLogin } from "../src/site/account";
import { createApi } from "../src/site/api";
import { createClock } from "../src/site/clock";
import { createUploader } from "../src/site/upload";
import { abortError } from "../src/wait";

/** An answer whose first bytes have come, and then this. */
function brokenOff(e: Error): Response {
	const body = new ReadableStream({
		start: (c) => c.enqueue(new TextEncoder().encode('{"id":')),
		pull: (c) => c.error(e),
	});

	return new Response(body, { headers: { "Content-Type": "application/json" } });
}

function apiWith(answer: () => Response) {
	return createApi({
		fetch: async () => answer(),
		clock: createClock(Date.now),
		now: Date.now,
	});
}

for (const login of [false, true]) {
	const json = (answer: () => Response) => {
		const api = apiWith(answer);

		return (login ? withLogin(api, Date.now) : api).json("me");
	};
	const name = login ? "with a login" : "as it is";

	test(`an answer that breaks off is a network that is away (${name})`, async () => {
		await assert.rejects(
			json(() => brokenOff(new TypeError("network error"))),
			{ kind: "network" },
		);
		await assert.rejects(
			json(() => brokenOff(abortError())),
			{ name: "AbortError" },
		);
	});

	test(`an answer that is no JSON is a change of the site (${name})`, async () => {
		await assert.rejects(
			json(() => new Response("hello")),
			{ kind: "changed", attention: "changed" },
		);
	});
}

test("chunks that cannot be had are no change of the site; that one is gone says nothing", async () => {
	const uploader = (answer: () => Response) =>
		createUploader({
			api: apiWith(answer),
			chunks: () => ["/_next/static/chunks/a.js"],
			page: () => "/video",
			put: async () => new Response(),
		}).upload(new Blob(["x"]), "a.png", "image/png");

	await assert.rejects(
		uploader(() => brokenOff(new TypeError("network error"))),
		{ kind: "network" },
	);
	await assert.rejects(
		uploader(() => new Response("", { status: 502 })),
		{ kind: "platform" },
	);
	await assert.rejects(
		uploader(() => new Response("", { status: 404 })),
		{ kind: "changed" },
	);
});
