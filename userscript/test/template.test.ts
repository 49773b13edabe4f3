import assert from "node:assert/strict";
import test from "node:test";
import { fillBody, keepTemplate, wantsTurnstile, type RunBody } from "../src/site/template";

const run: RunBody = {
	ids: { session: "S", user: "U", a: "A", b: "B" },
	mode: "battle",
	prompt: "a red fox",
	attachments: [{ name: "k", contentType: "image/png", url: "https://x/k" }],
	recaptcha: "fresh",
};

test("without a template the body is as it is known", () => {
	assert.deepEqual(fillBody(null, run), {
		id: "S",
		mode: "battle",
		modality: "video",
		userMessageId: "U",
		modelAMessageId: "A",
		modelBMessageId: "B",
		userMessage: {
			content: "a red fox",
			experimental_attachments: run.attachments,
			metadata: {},
		},
		recaptchaV3Token: "fresh",
	});
	const direct = fillBody(null, { ...run, mode: "direct", modelId: "M" });

	assert.equal(direct.modelAId, "M");
	assert.ok(!("modelBMessageId" in direct));
});

const page = {
	id: "old-s",
	mode: "battle",
	modality: "video",
	userMessageId: "old-u",
	modelAMessageId: "old-a",
	modelBMessageId: "old-b",
	userMessage: {
		content: "my secret idea",
		experimental_attachments: [{ url: "https://x/mine?sig=1" }],
		metadata: { tz: "Europe/Madrid" },
	},
	newField: { keep: [1, "old-s"] },
	recaptchaV3Token: "used",
	recaptchaV2Token: "used too",
};

test("nothing secret and nothing of what was asked for is kept of the page's request", () => {
	const kept = JSON.stringify(keepTemplate(JSON.stringify(page)));

	for (const word of ["secret idea", "used", "mine?sig"])
		assert.ok(!kept.includes(word), word);
	assert.ok(kept.includes("Europe/Madrid"));
	assert.equal(keepTemplate('{"modality":"chat","id":"x"}'), null);
	assert.equal(keepTemplate("not json"), null);
});

test("only ids, prompt, attachments and tokens are replaced", () => {
	assert.deepEqual(fillBody(keepTemplate(JSON.stringify(page)), run), {
		id: "S",
		mode: "battle",
		modality: "video",
		userMessageId: "U",
		modelAMessageId: "A",
		modelBMessageId: "B",
		userMessage: {
			content: "a red fox",
			experimental_attachments: run.attachments,
			metadata: { tz: "Europe/Madrid" },
		},
		newField: { keep: [1, "S"] },
		recaptchaV3Token: "fresh",
	});
});

test("the older shape, with a list of messages, is filled as well", () => {
	const message = (id: string, role: string, more: object) => ({
		id,
		role,
		content: "x",
		...more,
	});
	const old = {
		id: "old-s",
		mode: "battle",
		modality: "video",
		messages: [
			message("m-u", "user", { parentMessageIds: [] }),
			message("m-a", "assistant", {
				participantPosition: "a",
				parentMessageIds: ["m-u"],
			}),
			message("m-b", "assistant", {
				participantPosition: "b",
				evaluationSessionId: "old-s",
			}),
		],
		modelAMessageId: "m-a",
	};
	const body = fillBody(keepTemplate(JSON.stringify(old)), run) as unknown as typeof old;

	assert.deepEqual(
		body.messages.map((m) => m.id),
		["U", "A", "B"],
	);
	assert.deepEqual(
		[body.messages[0]!.content, body.messages[1]!.content, body.modelAMessageId],
		["a red fox", "", "A"],
	);
	assert.ok(JSON.stringify(body.messages[1]).includes('"parentMessageIds":["U"]'));
	assert.ok(!JSON.stringify(body).includes("old-s"));
});

test("a template of another mode is not used", () => {
	const kept = keepTemplate(JSON.stringify({ ...page, mode: "side-by-side" }));

	assert.deepEqual(fillBody(kept, run), fillBody(null, run));
});

test("Turnstile is asked for only where the page's own request had it", () => {
	const kept = keepTemplate(JSON.stringify({ ...page, turnstileToken: "t" }));

	assert.ok(wantsTurnstile(kept));
	assert.ok(!wantsTurnstile(keepTemplate(JSON.stringify(page))));
	assert.equal(fillBody(kept, { ...run, turnstile: "new" }).turnstileToken, "new");
});
