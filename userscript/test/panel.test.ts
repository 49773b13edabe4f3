import assert from "node:assert/strict";
import test from "node:test";
import { statusOf } from "../src/panel/panel";
import { HOME, inSight, readPlace } from "../src/panel/place";
import { readTaste } from "../src/panel/taste";
import { languageOf, speaker, words, type Word } from "../src/panel/texts";
import { markTitle } from "../src/panel/title";
import { stageWords } from "../src/panel/work";
import type { View } from "../src/view";

test("each text is there in both languages, with the same blanks", () => {
	const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

	for (const word of Object.keys(words.en) as Word[]) {
		assert.ok(words.es[word], word);
		assert.deepEqual(blanks(words.es[word]), blanks(words.en[word]), word);
	}
	assert.equal(speaker("es")("about_version", { version: "3" }), "Versión 3");
});

test("the language is the first that the browser names and we have", () => {
	assert.equal(languageOf(["fr-FR", "es-MX", "en"]), "es");
	assert.equal(languageOf(["fr"]), "en");
});

test("what was kept of the panel's look counts as far as it makes sense", () => {
	const plain = { language: "es", theme: "auto", folded: false };

	for (const kept of [null, "{", "null", "7", '{"language":"xx","theme":"pink","folded":1}'])
		assert.deepEqual(readTaste(kept, ["es"]), plain, String(kept));
	assert.deepEqual(readTaste('{"language":"en","theme":"dark","folded":true}', ["es"]), {
		language: "en",
		theme: "dark",
		folded: true,
	});
});

test("the panel stays in sight, whatever was kept", () => {
	const panel = { width: 340, height: 500 };
	const view = { width: 1280, height: 800 };

	assert.deepEqual(inSight({ right: -50, bottom: 5000 }, panel, view), {
		right: 8,
		bottom: 292,
	});
	assert.deepEqual(inSight(HOME, panel, view), HOME);
	assert.deepEqual(inSight(HOME, panel, { width: 300, height: 300 }), {
		right: 8,
		bottom: 8,
	});
	assert.deepEqual(readPlace("{"), HOME);
	assert.deepEqual(readPlace('{"right":40,"bottom":50}'), { right: 40, bottom: 50 });
});

test("the title is marked while a human is wanted, and the page's own changes are kept", () => {
	const document = { title: "Arena" };
	const mark = markTitle(document);

	mark.set("You are needed");
	assert.equal(document.title, "⚠ You are needed · Arena");
	mark.set("You are needed");
	assert.equal(document.title, "⚠ You are needed · Arena");
	document.title = "A new chat";
	mark.set("You are needed");
	assert.equal(document.title, "⚠ You are needed · A new chat");
	mark.set("");
	assert.equal(document.title, "A new chat");
});

test("what matters most is what the head says", () => {
	const view = (phase: View["phase"], state: string | null, wire: string | null) =>
		statusOf({
			phase,
			engine: state && { state },
			wire: wire && { state: wire },
		} as View);

	assert.equal(view("consent", null, null), "s_consent");
	assert.equal(view("standby", "busy", "online"), "s_standby");
	assert.equal(view("working", "attention", "offline"), "s_attention");
	assert.equal(view("working", "busy", "offline"), "s_offline");
	assert.equal(view("working", "starting", "offline"), "s_starting");
	assert.equal(view("working", "busy", "online"), "s_busy");
});

test("a run's stage is told in the reader's language, an unknown one as it is", () => {
	const t = speaker("es");

	assert.equal(stageWords(t, "rendering"), "haciéndose");
	assert.equal(stageWords(t, "1 of 2 videos"), "1 de 2 vídeos");
	assert.equal(stageWords(t, "dreaming"), "dreaming");
});
