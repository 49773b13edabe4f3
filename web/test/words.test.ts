import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { areas } from "../src/i18n/areas";
import en from "../src/i18n/en";
import es from "../src/i18n/es";
import { language, languageAtFirst, speak, t } from "../src/i18n/index";
import { shortcuts } from "../src/state/shortcuts";

/** "one of them" may leave the number out. */
const blanks = (key: string, text = "") =>
	[...new Set(text.match(/\{\w+\}/g))].filter((each) => !key.endsWith("_one") || each !== "{n}").sort();

test("both languages have the same words, with the same blanks", () => {
	assert.deepEqual(Object.keys(es).sort(), Object.keys(en).sort());
	for (const key of Object.keys(en)) assert.deepEqual(blanks(key, es[key]), blanks(key, en[key]), key);
});

test("no word is said twice", () => {
	const keys = areas.flatMap((area) => Object.keys(area.en));

	assert.deepEqual(keys.filter((key, i) => keys.indexOf(key) !== i), []);
});

test("each word that is asked for by its name is there", () => {
	const src = join(process.cwd(), "src");
	const asked = new Set<string>();

	for (const file of readdirSync(src, { recursive: true, encoding: "utf8" }))
		if (/\.tsx?$/.test(file))
			for (const [, key] of readFileSync(join(src, file), "utf8").matchAll(/\bt\(\s*"(\w+)"/g)) asked.add(key!);
	assert.ok(asked.size > 100, `found ${asked.size}`);
	assert.deepEqual([...asked].filter((key) => !(key in en)), []);
});

test("each error of the gateway that the page can meet has its words", () => {
	const table = readFileSync(join(process.cwd(), "../proto/errors.def"), "utf8");
	const codes = [...table.matchAll(/^E\((\d+), \w+, \d+, "\w+", "(\w+)"/gm)];
	/** Of workers, of addresses and headers that the page does not send. */
	const never = ["header_too_large", "range_not_satisfiable", "url_too_long", "http_version_not_supported", "invalid_code",
		"unknown_session", "unknown_upload"];
	const met = codes.filter(([, number, code]) => Number(number) < 70 && !never.includes(code!));

	assert.ok(met.length > 20, `found ${met.length}`);
	assert.deepEqual(met.map(([, , code]) => code).filter((code) => !(`e_${code}` in en)), []);
});

test("each key of the keyboard has its words", () => {
	assert.deepEqual(shortcuts.filter(({ id, group }) => !en[`k_${id}`] || !en[`keys_${group}`]), []);
});

test("what was chosen goes before what the browser wishes, and that before English", () => {
	assert.equal(languageAtFirst("es", ["en-GB"]), "es");
	assert.equal(languageAtFirst(null, ["fr-FR", "es-MX", "en"]), "es");
	assert.equal(languageAtFirst("xx", ["fr"]), "en");
});

test("words are spoken in the language, one and many, blanks filled in once", async () => {
	await speak("es");
	assert.equal(language.value, "es");
	assert.equal(t("over_done", { n: 1 }), "Tu vídeo está listo");
	await speak("en");
	assert.equal(t("over_done", { n: 3 }), "3 videos are done");
	assert.equal(t("w_remove", { name: "{name}" }), "Remove {name}");
	assert.equal(t("not a word"), "not a word");
});
