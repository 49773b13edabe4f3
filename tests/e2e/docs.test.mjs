/*
 * The page at /docs in headless Chromium: it shows the whole document, and what is tried there works.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import {apiOf} from '../lib/api.mjs';
import {assertQuiet, openPage} from '../lib/browser.mjs';
import {ROOT, sharedStack} from '../lib/stack.mjs';

const shared = sharedStack({sandbox: false});
const METHODS = ['get', 'put', 'post', 'delete', 'head', 'patch'];

shared.test('it shows every operation, by day and by night, in a wide and a narrow window, and is quiet', async stack => {
	const {page, problems, context} = await openPage(stack, {path: '/docs'});
	const {paths, webhooks} = JSON.parse(fs.readFileSync(path.join(ROOT, 'docs/openapi.json')));
	const wanted = [...Object.values(paths), ...Object.values(webhooks)].flatMap(each => Object.keys(each))
		.filter(each => METHODS.includes(each)).length;
	await page.waitForSelector('.opblock');
	assert.equal(await page.locator('.opblock').count(), wanted);
	await page.click('#operations-Videos-createVideo .opblock-summary-control');
	await page.waitForSelector('#operations-Videos-createVideo .opblock-body .responses-table');
	for (const colorScheme of ['light', 'dark'])
		for (const width of [1280, 390]) {
			await page.emulateMedia({colorScheme});
			await page.setViewportSize({width, height: 844});
			await page.locator('#operations-Videos-createVideo').scrollIntoViewIfNeeded();
			const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			assert.ok(wider <= 0, `it is ${wider} pixels wider than the window of ${width}`);
			const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
			const [red, green, blue] = paper.match(/\d+/g).map(Number);
			assert.equal(red + green + blue < 200, colorScheme === 'dark', `the paper is ${paper}`);
		}
	assertQuiet(problems);
	await context.close();
});

shared.test('without the viewer it says where the document is', async stack => {
	const {page, context} = await openPage(stack, {path: '/docs'});
	await page.route('**/swagger-ui*', route => route.fulfill({status: 404}));
	await page.reload();
	assert.match(await page.locator('#missing').innerText(), /openapi\.json/);
	await page.locator('#missing a').click();
	await page.getByText('"openapi": "3.1.0"').waitFor();
	await context.close();
});

shared.test('with a key, a request can be tried there', async stack => {
	const {page, problems, context} = await openPage(stack, {path: '/docs'});
	const made = await apiOf(stack).create({model: 'sandbox', prompt: 'tried from the documents'});
	const list = page.locator('#operations-Videos-listVideos');
	await page.click('.authorize.unlocked');
	await page.fill('#auth-bearer-value', stack.key);
	await page.locator('.auth-container', {has: page.locator('#auth-bearer-value')}).locator('.authorize').click();
	await page.locator('.btn-done').first().click();
	await list.locator('.opblock-summary-control').click();
	await list.locator('.try-out__btn').click();
	await list.locator('.execute').click();
	await list.locator('.live-responses-table').getByText(made.id).first().waitFor();
	assertQuiet(problems);
	await context.close();
});
