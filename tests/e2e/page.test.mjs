/*
 * The page at /video-chat as people use it, in headless Chromium, against real processes. A scripted
 * worker plays what takes time; the last test has the sandbox worker make a video.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import {apiOf} from '../lib/api.mjs';
import {assertQuiet, frameAt, openPage} from '../lib/browser.mjs';
import {inFolder, jpeg, png, run} from '../lib/media.mjs';
import {onStack, sharedStack} from '../lib/stack.mjs';
import {until} from '../lib/wait.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const shared = sharedStack({sandbox: false});

/* Four seconds that move, with moov first. */
const clip = inFolder(folder => {
	const file = path.join(folder, 'clip.mp4');
	run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=24:d=4', '-c:v', 'libx264',
		'-pix_fmt', 'yuv420p', '-movflags', '+faststart', file]);
	return fs.readFileSync(file);
});

/* Each test has a model of its own, so that none gets jobs that another left. */
let painters = 0;
async function painter(stack, more) {
	const id = `toy-${++painters}`;
	const worker = await connectWorker(stack, {models: [model(id, {name: `Toy painter ${painters}`, ...more})]});
	await apiOf(stack).offered(id);
	return {worker, id};
}

async function signIn(page, key, keep = false) {
	await page.fill('#key', key);
	if (keep)
		await page.check('#keep');
	await page.press('#key', 'Enter');
	await page.waitForSelector('#studio:not([hidden])');
}

async function ready(stack, options = {}) {
	const {worker, id} = await painter(stack, options.model);
	const opened = await openPage(stack, options);
	await signIn(opened.page, stack.key);
	await opened.page.waitForSelector(`#model option[value=${id}]`, {state: 'attached'});
	await opened.page.selectOption('#model', id);
	return {worker, ...opened};
}

async function film(page, prompt) {
	await page.fill('#prompt', prompt);
	await page.press('#prompt', 'Enter');
}

const card = (page, text) => page.locator('.card').filter({hasText: text});
const inState = (locator, status) => locator.and(locator.page().locator(`[data-status=${status}]`)).waitFor();

async function assertPlays(locator) {
	const video = locator.locator('video');
	await locator.locator('.play').click();
	await until('the video to be ready to play through', () => video.evaluate(each => each.readyState === 4));
	await video.evaluate(each => each.pause());
	for (const seconds of [0.2, 2.5, 1]) {
		const frame = await frameAt(video, seconds);
		assert.ok(Math.abs(frame.time - seconds) < 0.1, `asked for ${seconds} s, is at ${frame.time}`);
		assert.ok(frame.mean > 10 && frame.spread > 30, `it is black or plain: ${JSON.stringify(frame)}`);
	}
}

shared.test('a wrong key is refused in words, the right one opens the studio', async stack => {
	const {page, problems, context} = await openPage(stack, {expected: [/status of 401/]});
	const says = async text => page.waitForFunction(([wanted]) =>
		document.querySelector('#door-wrong').textContent.includes(wanted), [text]);
	await page.fill('#key', 'nonsense');
	await page.press('#key', 'Enter');
	await says('does not look like an API key');
	await page.fill('#key', stack.workerKey);
	await page.press('#key', 'Enter');
	await says('worker’s key');
	await page.fill('#key', `av_${'x'.repeat(43)}`);
	await page.press('#key', 'Enter');
	await says('not known here');
	await signIn(page, stack.key);
	assert.equal(await page.evaluate(() => localStorage.getItem('arena-video.key')), null, 'kept without being asked');
	await page.reload();
	await page.waitForSelector('#studio:not([hidden])');
	await page.click('#leave');
	await page.waitForSelector('#door:not([hidden])');
	await page.reload();
	await page.waitForSelector('#door:not([hidden])');
	await signIn(page, stack.key, true);
	assert.equal(await page.evaluate(() => localStorage.getItem('arena-video.key')), stack.key);
	assertQuiet(problems);
	await context.close();
});

shared.test('a prompt becomes a video, with progress, that plays and seeks', async stack => {
	const {page, problems, context, worker} = await ready(stack);
	await page.selectOption('#size', '1280x720');
	await film(page, 'Boats at dusk');
	const job = await worker.next('job');
	assert.equal(job.prompt, 'Boats at dusk');
	assert.deepEqual([job.width, job.height], [1280, 720]);
	await until('the prompt box to be emptied', async () => await page.inputValue('#prompt') === '');
	worker.accept(job);
	for (const percent of [10, 50, 90]) {
		worker.progress(job, percent);
		await until(`${percent} % on the card`, async () =>
			(await card(page, 'Boats at dusk').locator('.percent').textContent()).startsWith(`${percent}`));
	}
	assert.match(await page.title(), /^90 %/);
	await worker.finish(job, clip);
	await inState(card(page, 'Boats at dusk'), 'completed');
	await assertPlays(card(page, 'Boats at dusk'));

	const [saved] = await Promise.all([page.waitForEvent('download'), card(page, 'Boats at dusk').locator('.save').click()]);
	assert.deepEqual(fs.readFileSync(await saved.path()).subarray(4, 8).toString(), 'ftyp');
	assert.match(saved.suggestedFilename(), /\.mp4$/);
	assertQuiet(problems);
	await worker.close();
	await context.close();
});

shared.test('an image goes along: picked, pasted and dropped', async stack => {
	const {page, problems, context, worker} = await ready(stack);
	const pictures = {picked: jpeg(64, 48), pasted: png(40, 30), dropped: png(20, 60)};
	const hand = (name, how) => page.evaluate(([bytes, how]) => {
		const data = new DataTransfer();
		data.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], 'a.png', {type: 'image/png'}));
		const make = how === 'paste' ? new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})
			: new DragEvent('drop', {dataTransfer: data, bubbles: true, cancelable: true});
		document.body.dispatchEvent(make);
	}, [pictures[name].toString('base64'), how]);

	for (const [name, give] of [
		['picked', () => page.setInputFiles('#file', {name: 'a.jpg', mimeType: 'image/jpeg', buffer: pictures.picked})],
		['pasted', () => hand('pasted', 'paste')],
		['dropped', () => hand('dropped', 'drop')],
	]) {
		await give();
		await page.waitForFunction(() => document.querySelector('#shot-image').naturalWidth > 0);
		await film(page, `From a ${name} one`);
		const job = await worker.next('job');
		assert.equal(job.inputs.length, 1);
		const got = Buffer.from(await (await fetch(new URL(job.inputs[0].url, stack.url))).arrayBuffer());
		assert.ok(got.equals(pictures[name]), `the ${name} image came changed`);
		await page.waitForSelector('#shot', {state: 'hidden'});
		worker.accept(job);
		await worker.finish(job, clip);
		worker.ready(1);
	}
	await page.setInputFiles('#file', {name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('no')});
	await page.waitForSelector('#wrong:not([hidden])');
	await page.setInputFiles('#file', {name: 'big.png', mimeType: 'image/png', buffer: Buffer.alloc(10 * 1024 * 1024 + 1)});
	await page.waitForFunction(() => document.querySelector('#wrong').textContent.includes('10 MB'));
	assertQuiet(problems);
	await worker.close();
	await context.close();
});

shared.test('cancel stops the worker, delete takes two clicks and is for good', async stack => {
	const {page, problems, context, worker} = await ready(stack);
	await film(page, 'Never to be seen');
	const job = await worker.next('job');
	worker.accept(job);
	worker.progress(job, 20);
	await inState(card(page, 'Never to be seen'), 'in_progress');
	await card(page, 'Never to be seen').locator('.cancel').click();
	await worker.next('cancel', {job});
	worker.stopped(job);
	await inState(card(page, 'Never to be seen'), 'cancelled');

	const bin = card(page, 'Never to be seen').locator('.bin');
	await bin.click();
	assert.equal((await bin.textContent()).trim(), 'Really?');
	await bin.click();
	await card(page, 'Never to be seen').waitFor({state: 'detached'});
	assert.equal((await apiOf(stack).get(`/v1/videos/${job.job}`)).status, 404);
	assertQuiet(problems);
	await worker.close();
	await context.close();
});

shared.test('a failure says why, and again fills the form', async stack => {
	const {page, problems, context, worker} = await ready(stack);
	await film(page, 'Too hard');
	const job = await worker.next('job');
	worker.accept(job);
	await worker.fail(job, 'no_luck', {message: 'The paint ran out.', retryable: false});
	await inState(card(page, 'Too hard'), 'failed');
	assert.equal(await card(page, 'Too hard').locator('.why').textContent(), 'The paint ran out.');
	await card(page, 'Too hard').locator('.again').click();
	assert.equal(await page.inputValue('#prompt'), 'Too hard');
	assertQuiet(problems);
	await worker.close();
	await context.close();
});

shared.test('what comes from outside is text, in Spanish too', async stack => {
	const evil = '<img src=x onerror="alert(1)"><b id="evil">bold</b>';
	const {page, problems, context, worker} = await ready(stack, {locale: 'es-ES', model: {description: evil}});
	assert.equal(await page.getAttribute('html', 'lang'), 'es');
	assert.equal(await page.textContent('.ask'), '¿Qué filmamos?');
	await film(page, evil);
	const job = await worker.next('job');
	worker.accept(job);
	await worker.fail(job, evil, {message: evil, retryable: false}).catch(() => {});
	await card(page, evil).first().waitFor();
	assert.equal(await page.locator('#evil').count(), 0);
	await page.click('[data-lang=en]');
	assert.equal(await page.textContent('.ask'), 'What shall we film?');
	await page.reload();
	await page.waitForSelector('#studio:not([hidden])');
	assert.equal(await page.textContent('.ask'), 'What shall we film?', 'the choice was forgotten');
	assertQuiet(problems);
	await worker.close();
	await context.close();
});

shared.test('without events it goes on by asking', async stack => {
	const {page, problems, context, worker} = await ready(stack, {expected: [/ERR_FAILED/]});
	await page.route('**/events', route => route.abort());
	await film(page, 'Quietly made');
	const job = await worker.next('job');
	worker.accept(job);
	worker.progress(job, 40);
	await until('40 % on the card', async () =>
		(await card(page, 'Quietly made').locator('.percent').textContent()).startsWith('40'));
	await worker.finish(job, clip);
	await inState(card(page, 'Quietly made'), 'completed');
	assertQuiet(problems);
	await worker.close();
	await context.close();
});

shared.test('the page fits a narrow screen', async stack => {
	const {page, problems, context} = await openPage(stack, {viewport: {width: 340, height: 700}, colorScheme: 'dark'});
	const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
	assert.ok(await overflow() <= 0, `the door is ${await overflow()} pixels too wide`);
	await signIn(page, stack.key);
	assert.ok(await overflow() <= 0, `the studio is ${await overflow()} pixels too wide`);
	assertQuiet(problems);
	await context.close();
});

onStack('the sandbox worker films what was asked for on the page', {}, async stack => {
	await apiOf(stack).offered('sandbox');
	const {page, problems, context} = await openPage(stack, {colorScheme: 'dark'});
	await signIn(page, stack.key);
	await page.waitForSelector('#model option[value=sandbox]', {state: 'attached'});
	await page.selectOption('#size', '1280x720');
	await film(page, 'A red fox in the snow');
	await inState(card(page, 'A red fox in the snow'), 'completed');
	await assertPlays(card(page, 'A red fox in the snow'));
	assertQuiet(problems);
	await context.close();
});
