/*
 * What the page at /video-chat shows of workers: how each does, where a human is wanted, a code for a
 * new one; and the vote on two videos.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import {apiOf} from '../lib/api.mjs';
import {assertQuiet, openPage} from '../lib/browser.mjs';
import {inFolder, run} from '../lib/media.mjs';
import {sharedStack} from '../lib/stack.mjs';
import {until} from '../lib/wait.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const shared = sharedStack({sandbox: false});

const clip = color => inFolder(folder => {
	const file = path.join(folder, 'clip.mp4');
	run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', `color=${color}:s=320x180:r=24:d=1`, '-c:v', 'libx264',
		'-pix_fmt', 'yuv420p', '-movflags', '+faststart', file]);
	return fs.readFileSync(file);
});

async function enter(stack, page) {
	await page.fill('#key', stack.key);
	await page.press('#key', 'Enter');
	await page.waitForSelector('#studio:not([hidden])');
}

async function signedIn(stack) {
	const opened = await openPage(stack);
	await enter(stack, opened.page);
	return opened;
}

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

shared.test('a code is shown, the new worker comes, says what it needs, and is removed', async stack => {
	const {page, problems, context} = await signedIn(stack);
	await page.click('#add-worker');
	await page.waitForFunction(() => /^[A-Z2-9]{4}-[A-Z2-9]{4}$/.test(document.querySelector('#pair-code').textContent));
	const first = await page.textContent('#pair-code');
	await page.click('#pair-again');
	await until('another code', async () => !['····-····', first].includes(await page.textContent('#pair-code')));
	const toy = await pairedWorker(stack, await page.textContent('#pair-code'), 'Firefox at home', [model('paired-toy')]);
	await page.getByText('Firefox at home is connected.').waitFor();
	await page.click('#pair-close');
	await inState(worker(page, 'Firefox at home'), 'ready');

	toy.attention('login', '<b id=evil>You are logged out</b>', 'https://site.example/c/1');
	await inState(worker(page, 'Firefox at home'), 'attention');
	assert.match(await worker(page, 'Firefox at home').textContent(), /Log in on that site\..*<b id=evil>/s);
	assert.equal(await page.locator('#evil').count(), 0);
	assert.equal(await page.locator('.wish a').getAttribute('href'), 'https://site.example/c/1');
	assert.match(await page.title(), /^⚠/);
	await page.click('[data-lang=es]');
	await page.getByText('Inicia sesión en ese sitio.').waitFor();
	await page.click('[data-lang=en]');

	toy.attentionOver();
	toy.rest({until_ms: Date.now() + 600_000, note: 'Try again in 10 minutes.'});
	await inState(worker(page, 'Firefox at home'), 'cooling_down');
	assert.match(await worker(page, 'Firefox at home').textContent(), /Resting until .*\d\d.*Try again in 10 minutes\./);
	assert.doesNotMatch(await page.title(), /^⚠/);

	const local = await connectWorker(stack, {name: 'Of the house', kind: 'browser'});
	await inState(worker(page, 'Of the house'), 'ready');
	assert.equal(await worker(page, 'Of the house').getByRole('button').count(), 0, 'its key may be that of others');
	await local.close();

	const remove = worker(page, 'Firefox at home').getByRole('button');
	await remove.click();
	assert.equal(await remove.textContent(), 'Really?');
	await remove.click();
	await worker(page, 'Firefox at home').waitFor({state: 'detached'});
	await until('its connection to end', () => toy.closed);
	assertQuiet(problems);
	await context.close();
});

shared.test('an address that is no link is not made one', async stack => {
	const {page, problems, context} = await openPage(stack);
	await page.route('**/v1/workers', route => route.fulfill({json: {object: 'list', data: [{id: 'x', object: 'worker',
		name: 'Stranger', kind: 'browser', connected: true, state: 'attention', until: null, note: null, key_id: 'key_x', paired: true,
		attention: {reason: 'challenge', message: 'Look', url: 'javascript:alert(1)', since: 1}}]}}));
	await enter(stack, page);
	await inState(worker(page, 'Stranger'), 'attention');
	await page.locator('.wish b').waitFor();
	assert.equal(await page.locator('.wish a').count(), 0);
	assertQuiet(problems);
	await context.close();
});

shared.test('of two videos each is shown, and a vote reveals who made them', async stack => {
	const api = apiOf(stack);
	const toy = await connectWorker(stack, {models: [model('duel-toy', {outputs: 2})]});
	await api.offered('duel-toy');
	const {id} = await api.create({model: 'duel-toy', prompt: 'Two boats'});
	const job = await toy.next('job');
	toy.accept(job);
	await toy.upload(job, clip('red'), {name: 'one'});
	await toy.upload(job, clip('blue'), {name: 'two'});
	toy.result(job, [{upload: 'one', label: 'a'}, {upload: 'two', label: 'b'}]);
	await api.wait(id, 'completed');

	const {page, problems, context} = await signedIn(stack);
	const card = page.locator('.card').filter({hasText: 'Two boats'});
	const shows = () => card.locator('video').evaluate(each => each.src);
	await card.locator('.duel').waitFor();
	const first = await shows();
	await card.locator('.side').nth(1).click();
	await until('the other video', async () => await shows() !== first);
	assert.equal(await card.locator('.side').nth(1).getAttribute('aria-pressed'), 'true');

	await card.locator('[data-winner=b]').click();
	const vote = await toy.next('vote');
	assert.equal(vote.winner, 'b');
	toy.send({type: 'voted', job: vote.job, ok: true, message: '', names: ['Red', 'Blue']});
	await card.getByText('Your vote: B is better').waitFor();
	assert.deepEqual(await card.locator('.side').allTextContents(), ['A · Red', 'B · Blue']);
	assert.equal(await card.locator('.votes').isVisible(), false);
	assertQuiet(problems);
	await toy.close();
	await context.close();
});
