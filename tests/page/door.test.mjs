/*
 * The door of the page: which key opens it, what is said of one that does not, where it is kept, and what
 * signing out forgets.
 */
import assert from 'node:assert/strict';

import {newKey} from '../lib/api.mjs';
import {arena} from '../lib/stack.mjs';
import {assertFits, openStudio, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});

const keyBox = page => page.getByLabel('API key');
const kept = (page, where) => page.evaluate(name => globalThis[name].getItem('arena-video.key'), where);

async function knock(page, key) {
	await keyBox(page).fill(key);
	await keyBox(page).press('Enter');
}

shared.test('what is no key, and a key that is not known, is said; the right one opens', async stack => {
	const studio = await openStudio(stack, {key: null, expected: [/status of 401/]});
	const {page} = studio;
	const says = text => page.getByRole('alert').filter({hasText: text}).waitFor();
	for (const [key, words] of [['', 'Enter a key first'], ['nonsense', 'does not look like an API key'],
		[stack.workerKey, 'worker’s key'], [`av_${'x'.repeat(43)}`, 'not known here']]) {
		await knock(page, key);
		await says(words);
		assert.equal(await keyBox(page).evaluate(each => each === document.activeElement), true, 'the focus is elsewhere');
		assert.equal(await keyBox(page).getAttribute('aria-invalid'), 'true');
	}
	assert.equal(await keyBox(page).getAttribute('type'), 'password');
	await page.getByRole('button', {name: 'Show the key'}).click();
	assert.equal(await keyBox(page).getAttribute('type'), 'text');
	await knock(page, ` ${stack.key} `);
	await page.locator('.shell').waitFor();
	assert.doesNotMatch(page.url(), /av_/);
	await studio.close();
});

shared.test('a key is kept for the tab, or for the device, and signing out forgets it and what was seen', async stack => {
	const studio = await openStudio(stack, {key: null});
	const {page} = studio;
	await knock(page, stack.key);
	await page.locator('.shell').waitFor();
	assert.deepEqual([await kept(page, 'localStorage'), await kept(page, 'sessionStorage')], [null, stack.key]);
	await page.reload();
	await page.locator('.shell').waitFor();

	await page.getByRole('link', {name: 'Settings'}).click();
	await page.getByRole('button', {name: 'On this device'}).click();
	assert.deepEqual([await kept(page, 'localStorage'), await kept(page, 'sessionStorage')], [stack.key, null]);
	assert.equal(await page.locator('.settings').getByText(stack.key).count(), 0, 'the whole key is shown');
	await until('something to be kept', () => page.evaluate(() => Object.keys(localStorage).some(each => each.includes('cache'))));

	await page.getByRole('button', {name: 'Sign out'}).click();
	await keyBox(page).waitFor();
	assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter(each => /key|cache/.test(each))), []);
	await page.reload();
	await page.getByLabel('Remember it on this device').check();
	await knock(page, stack.key);
	await page.locator('.shell').waitFor();
	assert.equal(await kept(page, 'localStorage'), stack.key);
	await studio.close();
});

shared.test('a key that is revoked while it is in use leads to the door, which says so', async stack => {
	const key = await newKey(stack, 'guest');
	const {out} = await arena(['key', 'list', '--data', stack.data]);
	const id = out.split('\n').find(line => line.includes('guest')).match(/key_[0-9a-f]+/)[0];
	const studio = await openStudio(stack, {key, expected: [/status of 401/]});
	const {page} = studio;
	await until('the events to be followed', () => page.evaluate(() =>
		performance.getEntriesByType('resource').some(each => each.name.endsWith('/v1/workers'))));
	assert.equal((await arena(['key', 'revoke', id, '--data', stack.data])).code, 0);
	await page.getByRole('alert').filter({hasText: 'it was revoked'}).waitFor();
	await page.reload();
	await keyBox(page).waitFor();
	await studio.close();
});

shared.test('a gateway that is away is said, and the key stays in its box', async stack => {
	const studio = await openStudio(stack, {key: null, expected: [/ERR_/]});
	const {page} = studio;
	await page.route('**/v1/**', route => route.abort('connectionrefused'));
	await knock(page, stack.key);
	await page.getByRole('alert').filter({hasText: 'cannot be reached'}).waitFor();
	assert.equal(await keyBox(page).inputValue(), stack.key);
	await page.unroute('**/v1/**');
	await page.getByRole('button', {name: 'Sign in'}).click();
	await page.locator('.shell').waitFor();
	await studio.close();
});

shared.test('the door fits a narrow screen, in Spanish too, in the dark too, without storage too', async stack => {
	const studio = await openStudio(stack, {key: null, viewport: {width: 320, height: 640}, locale: 'es-ES', colorScheme: 'dark'});
	const {page} = studio;
	await page.getByRole('heading', {name: 'Tu clave, por favor'}).waitFor();
	assert.equal(await page.getAttribute('html', 'lang'), 'es');
	await assertFits(page);
	await page.getByRole('button', {name: 'English'}).click();
	await page.getByRole('heading', {name: 'Your key, please'}).waitFor();
	await page.reload();
	await page.getByRole('heading', {name: 'Your key, please'}).waitFor();

	await page.addInitScript(() => {
		for (const name of ['getItem', 'setItem', 'removeItem'])
			Storage.prototype[name] = () => { throw new DOMException('blocked', 'SecurityError'); };
	});
	await page.reload();
	await page.getByLabel('Clave de API').fill(stack.key);
	await page.getByRole('button', {name: 'Entrar'}).click();
	await page.locator('.shell').waitFor();
	await studio.close();
});
