/*
 * The pictures of the README: the page with a video that is done and one that is being made, light and dark, with
 * the sandbox worker.
 *
 *	node tests/pictures/studio.mjs [FOLDER]      default: docs/pictures
 *
 * Wants a release build.
 */
import path from 'node:path';
import {chromium} from 'playwright-core';

import {apiOf} from '../lib/api.mjs';
import {WHOLE} from '../lib/chromium.mjs';
import {ROOT, startStack} from '../lib/stack.mjs';
import {until} from '../lib/wait.mjs';

const folder = path.resolve(process.argv[2] ?? path.join(ROOT, 'docs/pictures'));
const VIEW = {width: 1440, height: 900};
const SIZE = '1280x544';

const EARLIER = ['A cabin under the northern lights, snow falling', 'City in the rain at night, from the roofs',
	'Slow camera over a forest in the mist', 'Red silk in the wind'];
const SCENES = {
	light: {done: 'A lighthouse on a cliff at dusk, waves below', going: 'The same coast at dawn, mist over the sea, the camera rises slowly'},
	dark: {done: 'Aurora over a still lake, pines at the shore', going: 'The same lake an hour later, stars above, slow camera'},
};

const stack = await startStack({sandbox: true, env: process.env.WEB_DIR ? {ARENA_WEB_DIR: process.env.WEB_DIR} : {}});
const browser = await chromium.launch({executablePath: WHOLE, args: ['--no-sandbox']});
const api = apiOf(stack);

/** A video of its own conversation, or of another one. */
const ask = (prompt, conversation, seconds = '2', more = {}) =>
	api.create({model: 'sandbox', prompt, size: SIZE, seconds, metadata: {conversation}, ...more});

async function picture(light) {
	const {done, going} = SCENES[light];
	const conversation = `picture${light.padStart(7, '0')}`;
	await api.wait((await ask(done, conversation, '6')).id, 'completed', 120_000);
	const context = await browser.newContext({viewport: VIEW, colorScheme: light, locale: 'en-US', reducedMotion: 'reduce',
		storageState: {cookies: [], origins: [{origin: stack.url, localStorage: [{name: 'arena-video.key', value: stack.key},
			{name: 'arena-video.notify.asked', value: 'yes'}]}]}});
	const page = await context.newPage();
	await page.goto(`${stack.url}/video-chat#/c/${conversation}`);
	await page.locator('.card[data-status=completed] .poster').waitFor();
	const running = await ask(going, conversation, '20', {size: '1920x816', fps: 60});
	const card = page.locator(`.card[data-id="${running.id}"]`);
	await card.locator('.percent').waitFor();
	await page.evaluate(() => document.activeElement.blur());
	await until('a third to be made', async () => Number(await card.locator('[role=progressbar]').getAttribute('aria-valuenow')) >= 33, {ms: 120_000});
	await page.locator('.card[data-status=completed]').evaluate(each => each.closest('.turn').scrollIntoView());
	await page.screenshot({path: path.join(folder, `studio-${light}.jpg`), type: 'jpeg', quality: 90, animations: 'disabled', caret: 'hide'});
	await api.cancel(running.id);
	await context.close();
}

try {
	for (const [i, prompt] of EARLIER.entries())
		await api.wait((await ask(prompt, `earlier${String(i).padStart(7, '0')}`)).id, 'completed', 120_000);
	for (const light of ['light', 'dark'])
		await picture(light);
} finally {
	await browser.close();
	await stack.end();
}
