import assert from "node:assert/strict";
import { test } from "node:test";

import { composer } from "../src/i18n/composer";
import { errors } from "../src/i18n/errors";
import { missing } from "../src/i18n/index";
import { library } from "../src/i18n/library";
import { shell } from "../src/i18n/shell";
import { video } from "../src/i18n/video";
import { workers } from "../src/i18n/workers";

const areas = { composer, errors, library, shell, video, workers };

test("both languages have the same words", () => {
	assert.deepEqual(missing(), []);
});

test("a name means one thing: no area takes that of another", () => {
	const owners = new Map<string, string[]>();

	for (const [area, { en }] of Object.entries(areas))
		for (const key of Object.keys(en)) owners.set(key, [...(owners.get(key) ?? []), area]);
	assert.deepEqual([...owners].filter(([, list]) => list.length > 1), []);
});

test("both languages fill in the same values", () => {
	const values = (text: string | undefined) => [...new Set((text ?? "").match(/\{\w+\}/g))].sort();

	for (const { en, es } of Object.values(areas))
		for (const [key, text] of Object.entries(en)) {
			// "one of them" may leave the number out, or not
			const mine = values(text).filter((each) => !key.endsWith("_one") || each !== "{n}");
			const other = values(es[key]).filter((each) => !key.endsWith("_one") || each !== "{n}");

			assert.deepEqual(other, mine, key);
		}
});
