/*
 * Asking for a video on the page: keys, drafts, what is sent, and what happens when it does not get
 * through.
 */
import assert from 'node:assert/strict';

import {apiOf} from '../lib/api.mjs';
import {filmed} from '../lib/films.mjs';
import {faults} from '../lib/looks.mjs';
import {assertFits, openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});
const EVIL = '<img src=x onerror=alert(1)><b id=evil>bold</b> \u202Egnp.exe\u202C {n} &amp; “”';

/** The requests for videos that the page makes, as JSON. */
function requests(page) {
	const seen = [];
	page.on('request', request => request.method() === 'POST' && /\/v1\/videos(\/[^/]+\/remix)?$/.test(request.url()) &&
		seen.push({...request.postDataJSON(), once: request.headers()['idempotency-key']}));
	return seen;
}

/** Answers the next `times` requests for videos with this error; the others go through. */
async function refuse(page, times, status, error, headers = {}) {
	let left = times;
	await page.route('**/v1/videos', route => route.request().method() === 'POST' && left-- > 0
		? route.fulfill({status, headers: {'x-request-id': 'req_test', ...headers}, json: {error: {message: 'No.', param: null, ...error}}})
		: route.fallback());
}

shared.test('Enter sends, Shift+Enter begins a line, and an input method keeps its Enter', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id});
	const sent = requests(studio.page);
	await studio.prompt.pressSequentially('One');
	await studio.prompt.press('Shift+Enter');
	await studio.prompt.pressSequentially('two');
	assert.equal(await studio.prompt.inputValue(), 'One\ntwo');

	/* Enter of an input method: it takes the word that it offers. */
	for (const init of [{isComposing: true}, {keyCode: 229}])
		await studio.prompt.evaluate((box, more) => box.dispatchEvent(new KeyboardEvent('keydown',
			{key: 'Enter', bubbles: true, cancelable: true, ...more})), init);
	assert.equal(await studio.prompt.inputValue(), 'One\ntwo');
	assert.equal(sent.length, 0);

	await studio.prompt.press('Enter');
	const job = await worker.next('job');
	assert.equal(job.prompt, 'One\ntwo');
	await until('the prompt box to be empty', async () => await studio.prompt.inputValue() === '');
	await until('the address of the conversation', () => /#\/c\//.test(studio.page.url()));
	await studio.turn('One').waitFor();
	assert.equal(sent.length, 1);
	assert.ok(await studio.prompt.evaluate(box => box === document.activeElement), 'the focus is still in the box');
	await studio.close();
	await worker.close();
});

shared.test('nothing is sent without words, or with too many, and it is said', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id});
	const sent = requests(studio.page);
	await studio.ask('   ');
	await studio.page.getByRole('alert').filter({hasText: 'Write first what the video shows.'}).waitFor();
	await studio.prompt.fill('a');
	await studio.page.getByRole('alert').waitFor({state: 'detached'});
	await studio.close();
	await worker.close();

	const short = await painter(stack, {max_prompt: 50});
	const terse = await openStudio(stack, {model: short.id});
	const more = requests(terse.page);
	await terse.prompt.fill('x'.repeat(45));
	await terse.page.getByText('45 of 50 characters').waitFor();
	await terse.ask('x'.repeat(51));
	await terse.page.getByRole('alert').filter({hasText: `${short.name} takes prompts of up to 50 characters.`}).waitFor();
	assert.equal(await terse.prompt.inputValue(), 'x'.repeat(51));
	assert.deepEqual([...sent, ...more], []);
	await terse.close();
	await short.worker.close();
});

shared.test('a draft is kept for each conversation, over a reload', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id});
	const {page, prompt} = studio;
	await studio.ask('The first scene');
	await until('the address of the conversation', () => /#\/c\//.test(page.url()));
	await prompt.fill(`Half a ${EVIL}`);
	await page.getByRole('link', {name: 'New conversation'}).first().click();
	await until('an empty box', async () => await prompt.inputValue() === '');
	await prompt.fill('Something else');
	await page.goBack();
	await until('the draft of the conversation', async () => await prompt.inputValue() === `Half a ${EVIL}`);
	await page.reload();
	await until('the draft after the reload', async () => await prompt.inputValue() === `Half a ${EVIL}`);
	await page.goForward();
	await until('the other draft', async () => await prompt.inputValue() === 'Something else');
	await prompt.fill('');
	await page.reload();
	await prompt.waitFor();
	assert.equal(await prompt.inputValue(), '', 'what was emptied stays empty');
	await studio.close();
	await worker.close();
});

shared.test('a prompt full of HTML and bidi characters is text', async stack => {
	const {worker, id} = await painter(stack, {name: EVIL, description: EVIL});
	const studio = await openStudio(stack, {model: id});
	await studio.ask(EVIL);
	const job = await worker.next('job');
	assert.equal(job.prompt, EVIL);
	await studio.page.locator('.turn').first().waitFor();
	await studio.page.getByRole('button', {name: /^Model:/}).click();
	await studio.page.getByRole('option', {selected: true}).waitFor();
	assert.equal(await studio.page.locator('#evil').count(), 0);
	assert.ok((await studio.page.locator('.turn').first().textContent()).includes('<b id=evil>bold</b>'));
	await studio.close();
	await worker.close();
});

shared.test('a limit says when, keeps everything, and sends when asked again', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id, expected: [/status of 429/], permissions: ['clipboard-read', 'clipboard-write']});
	const {page, prompt} = studio;
	const sent = requests(page);
	await refuse(page, 1, 429, {code: 'too_many_waiting'}, {'retry-after': '30'});
	await studio.ask('Patient boats');
	await page.getByRole('alert').filter({hasText: 'Too many of your videos are waiting.'}).waitFor();
	await page.getByText(/It can be sent again in (30|29|28) s/).waitFor();
	await page.getByText('req_test').waitFor();
	assert.deepEqual(await faults(page), []);
	await page.getByRole('button', {name: 'Copy the ID'}).click();
	await until('the id in the clipboard', async () => await page.evaluate(() => navigator.clipboard.readText()) === 'req_test');
	assert.equal(await prompt.inputValue(), 'Patient boats');
	await page.reload();
	await until('the prompt after a reload', async () => await prompt.inputValue() === 'Patient boats');
	await refuse(page, 1, 429, {code: 'rate_limit_exceeded'});
	await prompt.press('Enter');
	await page.getByRole('button', {name: 'Send again'}).click();
	await worker.next('job');
	await studio.turn('Patient boats').waitFor();
	await page.locator('.trouble').waitFor({state: 'detached'});
	assert.equal(new Set(sent.slice(-2).map(each => each.once)).size, 1, 'the same request, not another one');
	await studio.close();
	await worker.close();
});

shared.test('an answer that was lost makes no second video', async stack => {
	const {worker, id} = await painter(stack, {}, {slots: 4});
	const studio = await openStudio(stack, {model: id, expected: [/ERR_FAILED|ERR_CONNECTION/]});
	const {page, prompt} = studio;
	let lost = 5; // more often than the client tries by itself
	await page.route('**/v1/videos', async route => {
		if (route.request().method() !== 'POST' || lost-- <= 0)
			return route.fallback();
		await route.fetch(); // it arrives
		await route.abort(); // its answer does not
	});
	await studio.ask('Once only');
	await page.getByRole('alert').filter({hasText: 'The gateway cannot be reached.'}).waitFor();
	assert.equal(await prompt.inputValue(), 'Once only');
	lost = 0;
	await prompt.press('Enter');
	await until('the prompt box to be empty', async () => await prompt.inputValue() === '');
	const mine = (await apiOf(stack).list()).filter(video => video.prompt === 'Once only');
	assert.equal(mine.length, 1);
	await studio.close();
	await worker.close();
});

shared.test('several models: the same prompt on each, and what failed half way goes on', async stack => {
	const one = await painter(stack, {max_seconds: 3});
	const two = await painter(stack, {parameters: [], sizes: ['720x1280']});
	const studio = await openStudio(stack, {model: one.id, choices: {seconds: 8, size: '1280x720'}, expected: [/status of 429/]});
	const {page} = studio;
	const sent = requests(page);
	await page.getByRole('button', {name: /^Model:/}).click();
	await page.getByRole('switch', {name: /Several at once/}).check();
	await page.getByRole('combobox', {name: 'Search models'}).fill(two.name);
	await page.keyboard.press('Enter');
	await page.keyboard.press('Escape');
	await page.getByText(`${one.name}: 3 s instead of 8 s.`).waitFor();
	await page.getByText(`${two.name}: 720 × 1280 instead of 1280 × 720.`).waitFor();
	let count = 0;
	await page.route('**/v1/videos', route => route.request().method() === 'POST' && ++count === 2
		? route.fulfill({status: 429, json: {error: {code: 'queue_full', message: 'Full.', param: null}}, headers: {'x-request-id': 'r'}})
		: route.fallback());
	await studio.ask('Two ways to see a boat');
	await page.getByText('One of them was not sent; sending again makes that one.').waitFor();
	await page.getByRole('button', {name: 'Send again'}).click();
	await two.worker.next('job');
	const first = await one.worker.next('job');
	await until('the browser to tell of three requests', () => sent.length === 3);
	assert.deepEqual([sent[0].model, sent[1].model, sent[2].model], [one.id, two.id, two.id]);
	assert.deepEqual(sent.map(each => [each.size, each.seconds]), [['1280x720', 3], ['720x1280', 8], ['720x1280', 8]]);
	assert.equal(sent[1].once, sent[2].once);
	assert.equal(sent[0].metadata.group, sent[2].metadata.group);
	assert.ok(sent.every(each => each.metadata.kind === 'compare'));
	assert.equal(sent[0].seed, first.seed);
	assert.equal(sent[1].seed, undefined, 'a model that honours no seed is given none');
	await studio.close();
	await one.worker.close();
	await two.worker.close();
});

shared.test('the drawer shows what the model can do; variations and a locked seed go along', async stack => {
	const full = await painter(stack, {parameters: ['seed', 'negative_prompt', 'fps']}, {slots: 4});
	const bare = await painter(stack, {parameters: [], sizes: ['640x360'], min_seconds: 5, max_seconds: 5});
	const studio = await openStudio(stack, {model: bare.id});
	const {page} = studio;
	const sent = requests(page);
	const drawer = page.getByRole('group', {name: 'Settings of the video'});
	await page.getByRole('button', {name: /^Settings of the video/}).click();
	await drawer.getByRole('radio', {name: '640 × 360'}).waitFor();
	for (const name of ['Seed', 'What it should not show', 'Frames per second', 'Width'])
		assert.equal(await drawer.getByLabel(name, {exact: true}).count(), 0, `${name} is of no use here`);
	assert.equal(await drawer.getByRole('slider').count(), 0);

	await page.getByRole('button', {name: /^Model:/}).click();
	await page.getByRole('option', {name: full.name}).click();
	await drawer.getByRole('radio', {name: 'Portrait'}).check();
	await drawer.getByRole('radio', {name: '480 × 854'}).check();
	await drawer.getByRole('slider').fill('7');
	await drawer.getByRole('radio', {name: '3', exact: true}).check();
	await drawer.getByRole('spinbutton', {name: 'Seed'}).fill('41');
	await drawer.getByRole('textbox', {name: 'What it should not show'}).fill('rain');
	await drawer.getByRole('combobox', {name: 'Frames per second'}).selectOption('30');
	await drawer.getByRole('spinbutton', {name: 'Width'}).fill('481');
	await drawer.getByText(/Even numbers from 64/).waitFor();
	await drawer.getByRole('spinbutton', {name: 'Width'}).fill('482');
	await page.getByRole('button', {name: /482 × 854 7 s × 3 seed 41 30 fps/}).waitFor();
	await studio.ask('Three boats');
	for (let i = 0; i < 3; i++)
		await full.worker.next('job');
	await until('the browser to tell of three requests', () => sent.length === 3);
	assert.deepEqual(sent.map(each => [each.size, each.seconds, each.seed, each.negative_prompt, each.fps]),
		[41, 42, 43].map(seed => ['482x854', 7, seed, 'rain', 30]));
	assert.equal(new Set(sent.map(each => each.metadata.group)).size, 1);

	/* It is remembered; unlocked, each has a seed of its own. */
	await page.reload();
	await page.getByRole('button', {name: /482 × 854 7 s × 3 seed 41 30 fps/}).click();
	await drawer.getByRole('button', {name: 'A new seed each time'}).click();
	await studio.ask('Three more');
	await until('three more requests', () => sent.length === 6);
	assert.equal(new Set(sent.slice(3).map(each => each.seed)).size, 3);
	await studio.close();
	await full.worker.close();
	await bare.worker.close();
});

shared.test('models by keyboard: searched, picked, remembered; one that went is replaced and said', async stack => {
	const here = await painter(stack, {name: 'Zebra express'});
	const gone = await painter(stack);
	const studio = await openStudio(stack, {model: gone.id});
	const {page} = studio;
	await page.getByRole('button', {name: `Model: ${gone.name}`}).focus();
	await page.keyboard.press('Enter');
	await page.getByRole('combobox', {name: 'Search models'}).waitFor();
	await page.keyboard.type('zebra');
	await page.getByRole('option', {name: /Zebra express/}).and(page.locator('[data-active]')).waitFor();
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Model: Zebra express'}).waitFor();
	assert.ok(await page.getByRole('button', {name: 'Model: Zebra express'}).evaluate(each => each === document.activeElement));
	await page.reload();
	await page.getByRole('button', {name: 'Model: Zebra express'}).waitFor();
	await studio.close();

	const other = await openStudio(stack, {model: 'no-such-model'});
	await other.page.getByText(/no-such-model is not there now; .* is used\./).waitFor();
	await other.close();
	await gone.worker.close();
	await here.worker.close();
});

shared.test('models are grouped by what they start from, those that are there first, and it says how long they take', async stack => {
	const [text, image, both] = await Promise.all([['text'], ['image'], ['text', 'image']].map(inputs => painter(stack, {inputs})));
	await filmed(stack, both, {prompt: 'One before'});
	const studio = await openStudio(stack, {model: both.id});
	const {page} = studio;
	await page.getByRole('button', {name: /^Model:/}).click();
	const group = name => page.getByRole('listbox').getByRole('group', {name, exact: true});
	for (const [name, {id}] of [['From text', text], ['From an image', image], ['From text or an image', both]]) {
		const there = await group(name).getByRole('option').evaluateAll(all => all.map(each => [each.dataset.id, each.dataset.available]));
		assert.ok(there.some(each => each.join() === `${id},true`), `${name}: ${there.join(' ')}`);
		assert.deepEqual(there.map(each => each[1]), there.map(each => each[1]).sort().reverse(), 'those that are there are first');
	}
	await group('From text or an image').getByRole('option', {name: both.name}).getByText(/\d+ s/).waitFor();
	await page.keyboard.press('Escape');
	await studio.ask('One more');
	const job = await both.worker.next('job');
	both.worker.accept(job);
	await studio.turn('One more').locator('.times').getByText(/about .* left|longer than usual/).waitFor();
	await studio.close();
	await Promise.all([text, image, both].map(each => each.worker.close()));
});

shared.test('a model that nobody offers now can be asked for: it waits', async stack => {
	const {worker} = await painter(stack);
	const studio = await openStudio(stack, {model: 'veo3', locale: 'es-ES'});
	await studio.page.getByText('Ningún trabajador ofrece ahora Veo 3. Puedes enviarlo: empezará cuando llegue uno.').waitFor();
	await studio.ask('Espera sin prisa');
	await studio.turn('Espera sin prisa').waitFor();
	await studio.inState(studio.turn('Espera sin prisa'), 'queued');
	await studio.close();
	await worker.close();
});

for (const [viewport, colorScheme] of [[{width: 320, height: 640}, 'light'], [{width: 768, height: 1024}, 'dark']])
	shared.test(`the composer fits ${viewport.width} pixels, with everything open`, async stack => {
		const {worker, id} = await painter(stack, {inputs: ['text', 'image', 'first_last_frame'], name: `A painter with a name that does not end ${'so soon '.repeat(5)}`});
		const studio = await openStudio(stack, {model: id, viewport, colorScheme});
		await studio.prompt.fill(`${'word '.repeat(200)}${'x'.repeat(300)}`);
		await assertFits(studio.page);
		await studio.page.getByRole('button', {name: /^Settings of the video/}).click();
		await studio.page.getByRole('group', {name: 'Settings of the video'}).waitFor();
		await assertFits(studio.page);
		const send = await studio.page.getByRole('button', {name: 'Make the video'}).boundingBox();
		assert.ok(send.y + send.height <= viewport.height, 'the button is on the screen');
		await studio.page.getByRole('button', {name: /^Model:/}).click();
		await studio.page.getByRole('listbox').waitFor();
		await assertFits(studio.page);
		await studio.close();
		await worker.close();
	});
