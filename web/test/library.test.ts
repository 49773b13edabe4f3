import assert from "node:assert/strict";
import { test } from "node:test";

import { speak } from "../src/i18n/index";
import { titleOf } from "../src/state/conversations";
import { byDay } from "../src/state/days";
import { matches, wordsIn } from "../src/state/search";

const at = (text: string) => new Date(text).getTime();
const item = (text: string) => ({ updated: at(text) / 1000 });

test("conversations stand under the day they were last added to", async () => {
	const now = at("2026-03-11T09:00:00");
	const items = ["2026-03-11T08:59:00", "2026-03-11T00:00:00", "2026-03-10T23:59:59", "2026-03-05T12:00:00",
		"2026-03-04T12:00:00", "2026-02-28T12:00:00", "2025-12-31T23:00:00"].map(item);
	const groups = byDay(items, now);

	assert.deepEqual(groups.map(({ label, items: list }) => [label, list.length]), [["Today", 2], ["Yesterday", 1],
		["Last 7 days", 1], ["March", 1], ["February", 1], ["December 2025", 1]]);
	assert.equal(new Set(groups.map(({ key }) => key)).size, groups.length);
	await speak("es");
	assert.equal(byDay(items, now)[4]?.label, "febrero");
	await speak("en");
	assert.deepEqual(byDay([item("2026-03-12T01:00:00")], now)[0]?.label, "Today", "a clock that is ahead");
});

test("words are found in any order, whatever their case and accents", () => {
	const texts = ["Un ZORRO rojo", "cruza la nieve en Zürich"];

	for (const query of ["zorro", "zurich rojo", " NIEVE  zor ", "", "Zürich"])
		assert.ok(matches(wordsIn(query), texts), query);
	for (const query of ["perro", "zorro perro"]) assert.ok(!matches(wordsIn(query), texts), query);
});

test("a title is one short line", () => {
	assert.equal(titleOf("  A boat\n\tat dusk "), "A boat at dusk");
	const long = titleOf("🦊".repeat(200));

	assert.equal([...long].length, 80);
	assert.ok(long.endsWith("…"));
	assert.ok(!long.includes("\ud83e…"), "no half of a character");
});
