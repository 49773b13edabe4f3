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

/* For people: ARENA_SHOTS=FOLDER keeps pictures of what the tests see. */
async function shoot(page, name) {
	if (process.env.ARENA_SHOTS)
		await page.screenshot({path: path.join(process.env.ARENA_SHOTS, `${name}.png`)});
}

for (const [name, options] of Object.entries({
	light: {colorScheme: 'light'},
	dark: {colorScheme: 'dark'},
	narrow: {colorScheme: 'light', viewport: {width: 390, height: 844}},
}))
	shared.test(`it shows every operation, and is quiet (${name})`, async stack => {
		const {page, problems, context} = await openPage(stack, {path: '/docs', ...options});
		const {paths, webhooks} = JSON.parse(fs.readFileSync(path.join(ROOT, 'docs/openapi.json')));
		const wanted = [...Object.values(paths), ...Object.values(webhooks)].flatMap(each => Object.keys(each))
			.filter(each => METHODS.includes(each)).length;
		await page.waitForSelector('.opblock');
		assert.equal(await page.locator('.opblock').count(), wanted);
		await shoot(page, `docs-${name}`);
		await page.click('#operations-Videos-createVideo .opblock-summary-control');
		await page.waitForSelector('#operations-Videos-createVideo .opblock-body .responses-table');
		await page.locator('#operations-Videos-createVideo').scrollIntoViewIfNeeded();
		await shoot(page, `docs-${name}-open`);
		const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		assert.ok(wide <= 0, `it is ${wide} pixels wider than the window`);
		const [red, green, blue] = (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).match(/\d+/g).map(Number);
		assert.equal(red + green + blue < 200, name === 'dark', `the paper is ${red},${green},${blue}`);
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
