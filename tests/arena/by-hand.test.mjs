/*
 * The page of the stand-in site as a person uses it: what the userscript watches and learns from.
 */
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {startSite} from '../arena-site/server.mjs';
import {assertClean} from '../lib/arena.mjs';
import {png} from '../lib/media.mjs';
import {openBrowser} from '../lib/tabs.mjs';

let site;
let browser;

before(async () => {
	site = await startSite();
	browser = await openBrowser({site, inject: 'none'});
});

after(async () => {
	await browser?.close();
	await site?.stop();
});

function byHand(name, knobs, fn) {
	test(name, {timeout: 120_000}, async () => {
		site.reset();
		site.forget();
		Object.assign(site.knobs, knobs);
		const tab = await browser.open('/video');
		await fn(tab.page, tab);
		assertClean(site);
		await tab.page.close();
	});
}

async function ask(page, prompt = 'a boat') {
	await page.fill('#prompt', prompt);
	await page.click('#send');
}

const films = async page => {
	await page.locator('[data-side=a] video').waitFor();
	await page.locator('[data-side=b] video').waitFor();
	for (const side of ['a', 'b'])
		await page.waitForFunction(each => document.querySelector(`[data-side=${each}] video`).readyState > 0, side);
};

byHand('a battle and its vote, under a strict policy', {csp: 'strict', clockSkewMs: 600_000}, async (page, tab) => {
	await ask(page);
	await films(page);
	await page.click('[data-vote=tie]');
	await page.locator('#votes').waitFor({state: 'hidden'});
	assert.equal(site.seen.votes[0].status, 200);
	assert.match(page.url(), /\/c\/[0-9a-f-]{36}$/);
	await page.reload();
	await films(page);
	assert.deepEqual(tab.problems, []);
	assert.deepEqual(tab.said.filter(each => each.startsWith('error')), []);
});

byHand('an image goes along', {}, async page => {
	await page.setInputFiles('#image', {name: 'a.png', mimeType: 'image/png', buffer: png(64, 64)});
	await ask(page, 'it moves');
	await films(page);
	assert.equal(site.seen.evaluations[0].body.userMessage.experimental_attachments[0].contentType, 'image/png');
});

byHand('what is refused is shown in the site\'s words', {refuse: {create: ['quota_hours']}}, async page => {
	await ask(page);
	await page.getByText('Please try again in 10 hours').waitFor();
});

byHand('verification: the person ticks the box, and the run goes on', {verification: true}, async page => {
	await ask(page);
	const frame = page.frameLocator('iframe[title=reCAPTCHA]');
	const box = await page.locator('iframe[title=reCAPTCHA]').boundingBox();
	assert.ok(box.width >= 200 && box.height >= 60, JSON.stringify(box));
	await frame.locator('#box').click();
	await films(page);
	assert.deepEqual(site.seen.evaluations.map(each => each.refused), ['recaptcha', undefined]);
});

byHand('a visitor is let in by Turnstile, silent', {login: 'visitor'}, async page => {
	await ask(page);
	await films(page);
	assert.equal(site.knobs.login, 'guest');
});

byHand('a visitor is let in by Turnstile, with a click', {login: 'visitor', turnstile: 'interactive'}, async page => {
	await ask(page);
	await page.frameLocator('iframe[title*="Cloudflare security challenge"]').locator('#box').click();
	await films(page);
});

byHand('Turnstile that fails', {login: 'visitor', turnstile: 'failing'}, async page => {
	await ask(page);
	await page.getByText('The check failed: 300010').waitFor();
	assert.equal(site.seen.evaluations.length, 0);
});

byHand('a person logs in', {login: 'out'}, async page => {
	await page.click('#login');
	await page.getByText('person@example.com').waitFor();
	await ask(page);
	await films(page);
});

byHand('Cloudflare\'s page is passed by a person', {}, async page => {
	site.knobs.cloudflare = 'challenge';
	await page.reload();
	assert.equal(await page.title(), 'Just a moment...');
	assert.equal(await page.evaluate(() => typeof _cf_chl_opt), 'object');
	await page.click('#pass');
	await page.locator('#prompt').waitFor();
});
