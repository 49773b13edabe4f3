/*
 * What the page shows of workers: the first steps while there is none, how each does, where a human is
 * wanted, a code for a new one, and its removal.
 */
import assert from 'node:assert/strict';

import {faults} from '../lib/looks.mjs';
import {assertFits, openStudio, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const shared = studioStack({sandbox: false});
const CODE = /^[A-Z2-9]{4}-[A-Z2-9]{4}$/;

/** A worker that was paired with this code, as a browser does it. */
async function pairedWorker(stack, code, name, models) {
	const answer = await fetch(`${stack.url}/worker/pair`, {method: 'POST',
		headers: {'content-type': 'application/json'}, body: JSON.stringify({code, name})});
	assert.equal(answer.status, 200, await answer.clone().text());
	const {token} = await answer.json();
	return connectWorker(stack, {token, name, kind: 'browser', models});
}

const worker = (page, name) => page.locator('.worker').filter({hasText: name});
const inState = (locator, state) => locator.and(locator.page().locator(`[data-state=${state}]`)).waitFor();
const codeIn = area => until('a code', async () => {
	const text = await area.locator('output').textContent();
	return CODE.test(text) && text;
});

shared.test('the first steps show while there is no worker, and end when the one comes that they lead to', async stack => {
	const studio = await openStudio(stack);
	const {page} = studio;
	const steps = page.getByRole('region', {name: 'First, someone to make them'});
	await steps.waitFor();
	assert.equal(await steps.getByRole('link', {name: 'Install the userscript'}).getAttribute('href'), '/LMArenaVideoInjector.user.js');
	await steps.getByText('terms forbid automated access').waitFor();
	await steps.getByRole('button', {name: 'Show a code'}).click();
	const toy = await pairedWorker(stack, await codeIn(steps), 'Chrome at home', [model('first-toy')]);
	await page.getByText('Chrome at home is connected.').waitFor();
	await steps.waitFor({state: 'hidden'});
	await inState(worker(page, 'Chrome at home'), 'ready');
	await toy.close();
	await studio.close();
});

shared.test('a code is shown, the new worker comes, says what it needs, and is removed', async stack => {
	const studio = await openStudio(stack);
	const {page} = studio;
	const title = pattern => until(`the title ${pattern}`, async () => pattern.test(await page.title()));
	await page.getByRole('button', {name: 'Add a worker'}).click();
	const dialog = page.getByRole('dialog', {name: 'Add a worker'});
	const first = await codeIn(dialog);
	assert.deepEqual(await faults(page), []);
	await dialog.getByRole('button', {name: 'Another code'}).click();
	const second = await until('another code', async () => {
		const code = await codeIn(dialog);
		return code !== first && code;
	});
	const toy = await pairedWorker(stack, second, 'Firefox at home', [model('paired-toy', {name: 'Paired painter'})]);
	await page.getByText('Firefox at home is connected.').waitFor();
	await dialog.waitFor({state: 'hidden'});
	const item = worker(page, 'Firefox at home');
	await inState(item, 'ready');
	await item.getByText('Paired painter').waitFor();

	toy.attention('login', '<b id=evil>You are logged out</b>', 'https://site.example/c/1');
	await inState(item, 'attention');
	for (const place of [item, page.locator('.notices')]) {
		await place.getByText('Log in on that site.').waitFor();
		await place.getByText('<b id=evil>You are logged out</b>').waitFor();
		const link = place.getByRole('link', {name: 'Open that page'});
		assert.equal(await link.getAttribute('href'), 'https://site.example/c/1');
		assert.match(await link.getAttribute('rel'), /noopener/);
	}
	assert.equal(await page.locator('#evil').count(), 0);
	await title(/^⚠/);

	toy.attentionOver();
	toy.rest({until_ms: Date.now() + 600_000, note: 'Try again in 10 minutes.'});
	await inState(item, 'cooling_down');
	assert.match(await item.textContent(), /Resting until .*\d\d.*Try again in 10 minutes\./s);
	await title(/^Arena video$/);
	assert.equal(await page.locator('.note').count(), 0);

	await item.hover();
	await item.getByRole('button', {name: 'Remove Firefox at home'}).click();
	const sure = item.getByRole('button', {name: /^Really\?/});
	await sure.waitFor();
	await sure.click();
	await item.waitFor({state: 'detached'});
	await until('its connection to end', () => toy.closed);
	await studio.close();
});

shared.test('only a worker that was paired is offered for removal', async stack => {
	const toy = await connectWorker(stack, {name: 'Made by the operator', models: [model('own-toy')]});
	const studio = await openStudio(stack);
	const item = worker(studio.page, 'Made by the operator');
	await inState(item, 'ready');
	assert.equal(await item.getByRole('button').count(), 0);
	await toy.close();
	await item.waitFor({state: 'detached'});
	await studio.close();
});

shared.test('an address that is no link is not made one', async stack => {
	const studio = await openStudio(stack, {key: null});
	const {page} = studio;
	await page.route('**/v1/workers', route => route.fulfill({json: {object: 'list', data: [{id: 'x', object: 'worker',
		name: 'Stranger', kind: 'browser', connected: true, state: 'attention', until: null, note: null, key_id: 'key_x',
		slots: 1, busy: 0, models: [], jobs: [], paired: true,
		attention: {reason: 'unheard_of', message: 'Look', url: 'javascript:alert(1)', since: 1}}]}}));
	await page.getByLabel('API key').fill(stack.key);
	await page.getByLabel('API key').press('Enter');
	await inState(worker(page, 'Stranger'), 'attention');
	await page.locator('.notices').getByText('Have a look at that tab.').waitFor();
	assert.equal(await page.locator('.wish').count(), 2);
	assert.equal(await page.locator('.wish a').count(), 0);
	await studio.close();
});

shared.test('the first steps fit a narrow screen, in Spanish too', async stack => {
	const studio = await openStudio(stack, {viewport: {width: 320, height: 640}, locale: 'es-ES'});
	await studio.page.getByRole('region', {name: 'Primero, alguien que los haga'}).waitFor();
	await assertFits(studio.page);
	await studio.close();
});
