import assert from "node:assert/strict";
import test from "node:test";
import { readRefusal, readWords, waitInHeader, waitInWords } from "../src/site/errors";

const NOW = Date.UTC(2026, 0, 1);
const MIN = 60_000;
const HOUR = 60 * MIN;

function read(status: number, body: string, more: { type?: string; retry?: string } = {}) {
	return readRefusal(
		{
			status,
			contentType: more.type ?? "application/json",
			retryAfter: more.retry ?? null,
			body,
		},
		NOW,
	);
}

const html = { type: "text/html; charset=UTF-8" };
const said = (error: string) => JSON.stringify({ error });

const seen: [string, number, string, { type?: string; retry?: string }, string, string?][] = [
	["invalid content", 400, said("Invalid content"), {}, "content", "Invalid content"],
	[
		"a spoofed id",
		400,
		said("Evaluation session ID seems spoofed, offset too big"),
		{},
		"clock",
	],
	[
		"direct is refused",
		400,
		said("'direct' mode is not allowed when starting a new conversation"),
		{},
		"model",
		"'direct' mode is not allowed when starting a new conversation",
	],
	["logged out", 401, said("Unauthorized"), {}, "login"],
	[
		"the login gate",
		403,
		JSON.stringify({ error: "LOGIN_GATE", message: "Please log in to continue" }),
		{},
		"login",
		"Please log in to continue",
	],
	[
		"a session of another account",
		403,
		said("User does not have access to evaluation session"),
		{},
		"login",
	],
	["reCAPTCHA", 403, said("recaptcha validation failed"), {}, "verification"],
	["Turnstile", 400, said("Turnstile verification failed"), {}, "verification"],
	["Cloudflare waits", 503, "<html><title>Just a moment...</title>", html, "challenge"],
	[
		"Cloudflare with 200",
		200,
		"<!DOCTYPE html><script>_cf_chl_opt={}</script>",
		html,
		"challenge",
	],
	["Cloudflare blocks", 403, "<html><title>Attention Required!</title>", html, "challenge"],
	["a page where data was due", 200, "<!DOCTYPE html><p>hello", html, "challenge"],
	["some other 403", 403, said("Forbidden"), {}, "challenge", "Forbidden"],
	["no such session", 404, said("Session not found"), {}, "gone"],
	["no such model", 404, said("Model(s) not found"), {}, "model"],
	["a route is gone", 404, "<html>404</html>", html, "changed"],
	["an old action", 404, "Server action not found.", { type: "text/plain" }, "changed"],
	["already voted", 409, said("Already voted"), {}, "content"],
	["too large", 413, said("Request Entity Too Large"), {}, "too_large"],
	["too large, as a page", 413, "<html><h1>413</h1></html>", html, "too_large"],
	["moderation", 429, said("prompt failed"), {}, "content", "prompt failed"],
	["too many", 429, "Too Many Requests", { type: "text/plain" }, "limit"],
	["too many, as a page", 429, "<html>You are being rate limited", html, "limit"],
	["a broken server", 500, said("Internal Server Error"), {}, "platform"],
	["a bad gateway", 502, "<html><title>502: Bad gateway</title>", html, "platform"],
	["unavailable", 503, "Service Unavailable", { type: "text/plain" }, "platform"],
	["nothing known", 418, "", { type: "text/plain" }, "platform", "The site answered 418."],
];

for (const [what, status, body, more, kind, message] of seen)
	test(`${status}, ${what}: ${kind}`, () => {
		const e = read(status, body, more);

		assert.equal(e.kind, kind);
		if (message) assert.equal(e.message, message);
		assert.ok(!e.message.includes("<"), e.message);
	});

const waits: [string, number | undefined][] = [
	["You've reached the video rate limit. Please try again in 10 hours.", 10 * HOUR],
	["Please try again in 1 hour.", HOUR],
	["Please try again in an hour", HOUR],
	["Try again in 25 minutes", 25 * MIN],
	["Try again in 1 hour and 20 minutes.", 80 * MIN],
	["try again in 2h 5m", 125 * MIN],
	["Try again in 30 seconds.", 30_000],
	["retry in 1.5 hours", 90 * MIN],
	["resets in 2 days", 48 * HOUR],
	["Videos are 10 seconds long.", undefined],
	["Too many requests", undefined],
];

for (const [words, ms] of waits)
	test(`"${words}" is a wait of ${ms} ms`, () => assert.equal(waitInWords(words), ms));

test("retry-after is seconds or a date", () => {
	assert.equal(waitInHeader("120", NOW), 120_000);
	assert.equal(waitInHeader(new Date(NOW + 90_000).toUTCString(), NOW), 90_000);
	assert.equal(waitInHeader(new Date(NOW - 90_000).toUTCString(), NOW), 0);
	assert.equal(waitInHeader("soon", NOW), undefined);
	assert.equal(waitInHeader(null, NOW), undefined);
});

test("the header counts before the words", () => {
	assert.equal(
		read(429, said("try again in 10 hours"), { retry: "60" }).retryAfterMs,
		60_000,
	);
	assert.equal(read(429, said("try again in 10 hours")).retryAfterMs, 10 * HOUR);
});

test("the quota's words count under any status", () => {
	const e = read(
		400,
		said("You've reached the video rate limit. Please try again in 10 hours."),
	);

	assert.deepEqual([e.kind, e.retryAfterMs], ["limit", 10 * HOUR]);
});

test("why a human is wanted is told apart", () => {
	assert.equal(read(503, "<html>Just a moment...", html).attention, "blocked");
	assert.equal(read(403, said("recaptcha validation failed")).attention, "verification");
});

test("errors inside a stream are told by their words", () => {
	assert.equal(readWords("The prompt was flagged by moderation").kind, "content");
	assert.equal(readWords("LOGIN_GATE").kind, "login");
	assert.equal(readWords("video rate limit, try again in 2 hours").retryAfterMs, 2 * HOUR);
	assert.equal(readWords("The provider timed out").kind, "platform");
	assert.equal(readWords("").message, "The site has a problem.");
});
