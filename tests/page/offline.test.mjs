/*
 * The page as an app: it opens while the gateway is away, says so, and goes on when it is back.
 */
import assert from 'node:assert/strict';

import {apiOf} from '../lib/api.mjs';
import {openStudio, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});
const AWAY = [/ERR_/, /Failed to load resource/];

shared.test('opened while the gateway is away, it shows what was seen, says so, and goes on by itself', async stack => {
	await apiOf(stack).create({model: 'veo3', size: '1280x720', seconds: '8', prompt: 'Seen before',
		metadata: {conversation: 'mseen00001'}});
	const studio = await openStudio(stack, {expected: AWAY});
	const {page, context} = studio;
	const offline = page.locator('.note[data-kind=offline]');
	await page.locator('.history').getByText('Seen before').waitFor();
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	await until('the videos to be kept', () => page.evaluate(() =>
		Object.values(localStorage).some(each => each.includes('Seen before'))));

	await context.setOffline(true);
	await page.reload();
	await page.locator('.shell').waitFor();
	await page.locator('.history').getByText('Seen before').waitFor();
	await offline.waitFor();
	/* A part that is fetched when it is shown is there as well. */
	await page.getByRole('link', {name: 'Settings'}).click();
	await page.getByRole('heading', {name: 'Settings'}).waitFor();

	await context.setOffline(false);
	await offline.waitFor({state: 'hidden', timeout: 60_000});
	await studio.close();
});

shared.test('killed and back, the gateway is missed and found again', async stack => {
	const studio = await openStudio(stack, {expected: AWAY});
	const {page} = studio;
	const offline = page.locator('.note[data-kind=offline]');
	await page.route('**/v1/**', route => route.abort('connectionrefused'));
	stack.kill('gateway');
	await offline.waitFor({timeout: 60_000});
	await studio.prompt.fill('Typed meanwhile');
	await page.unroute('**/v1/**');
	await offline.waitFor({state: 'hidden', timeout: 60_000});
	assert.equal(await studio.prompt.inputValue(), 'Typed meanwhile');
	await studio.close();
});

shared.test('it can be installed: a manifest whose icons are there', async stack => {
	const studio = await openStudio(stack, {key: null});
	const link = await studio.page.locator('link[rel=manifest]').getAttribute('href');
	const answer = await fetch(stack.url + link);
	assert.equal(answer.status, 200);
	assert.match(answer.headers.get('content-type'), /application\/manifest\+json/);
	const manifest = await answer.json();
	assert.equal(manifest.start_url, '/video-chat');
	assert.deepEqual(manifest.icons.map(each => each.sizes), ['any', '192x192', '512x512', '512x512']);
	for (const {src, type} of manifest.icons) {
		const icon = await fetch(stack.url + src);
		assert.equal(icon.status, 200, src);
		assert.equal(icon.headers.get('content-type'), type);
	}
	await studio.close();
});
