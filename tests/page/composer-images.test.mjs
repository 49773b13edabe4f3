/*
 * Images on the page: picked, pasted and dropped, refused before they are sent, sent with progress,
 * sent again when the gateway has them no more.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import {apiOf} from '../lib/api.mjs';
import {jpeg, png, pngClaiming} from '../lib/media.mjs';
import {openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});

const picture = png(40, 30);
const file = (buffer, name = 'a.png') => ({name, mimeType: 'image/png', buffer});
const slot = (page, role = 'first') => page.locator(`.slot[data-role=${role}]`);
const ready = (page, role) => slot(page, role).and(page.locator('[data-sent=ready]')).waitFor();
const pick = (page, buffer, role = 'first', name = 'a.png') =>
	page.locator(`.composer input[type=file][data-role=${role}]`).setInputFiles(file(buffer, name));

/** What a hand does with a file: events of this kind, on the element at this selector. */
const hand = (page, kinds, buffer, {on = 'body', type = 'image/png', text} = {}) =>
	page.evaluate(([list, bytes, selector, type, text]) => {
		const data = new DataTransfer();
		if (bytes)
			data.items.add(new File([Uint8Array.from(atob(bytes), c => c.charCodeAt(0))], 'hand.png', {type}));
		if (text)
			data.setData('text/plain', text);
		const init = {bubbles: true, cancelable: true};
		for (const kind of list)
			document.querySelector(selector).dispatchEvent(kind === 'paste'
				? new ClipboardEvent(kind, {...init, clipboardData: data}) : new DragEvent(kind, {...init, dataTransfer: data}));
	}, [kinds, buffer?.toString('base64'), on, type, text]);

const drag = (page, buffer, options) => hand(page, ['dragenter', 'dragover'], buffer, options);
const drop = (page, buffer, options) => hand(page, ['dragenter', 'dragover', 'drop'], buffer, options);

shared.test('an image is picked, pasted and dropped anywhere, and goes along', async stack => {
	const {worker, id} = await painter(stack, {}, {slots: 3});
	const studio = await openStudio(stack, {model: id});
	const {page} = studio;
	const pictures = [jpeg(64, 48), png(40, 30), png(20, 60)];
	const give = [
		() => pick(page, pictures[0], 'first', 'photo.jpg'),
		() => hand(page, ['paste'], pictures[1]),
		() => drop(page, pictures[2], {on: '.sidebar'}),
	];
	for (const [i, fn] of give.entries()) {
		await fn();
		await ready(page);
		await until('its preview', () => slot(page).locator('img').evaluate(img => img.naturalWidth > 0));
		await studio.ask(`With image ${i}`);
		const job = await worker.next('job');
		assert.equal(job.inputs.length, 1);
		assert.deepEqual(await worker.input(job), pictures[i]);
		await slot(page).waitFor({state: 'detached'});
	}
	await studio.close();
	await worker.close();
});

shared.test('a dropped file shows where it may go, on every part of the page', async stack => {
	const {worker, id} = await painter(stack, {inputs: ['text', 'image', 'first_last_frame']});
	const studio = await openStudio(stack, {model: id, at: '#/gallery'});
	const {page} = studio;
	await drag(page, picture);
	await page.getByText('Let go to end with this image').waitFor();
	await hand(page, ['dragleave'], picture);
	await page.locator('.dropzone').waitFor({state: 'detached'});
	await drag(page, picture);
	await drop(page, picture, {on: '.dropzone [data-role=first]'});
	await ready(page);
	await until('the place where it is asked for', () => page.url().endsWith('#/'));
	await drag(page, picture);
	await drop(page, png(50, 50), {on: '.dropzone [data-role=last]'});
	await ready(page, 'last');

	/* Two at once, where there is room for two. */
	for (const role of ['first', 'last'])
		await slot(page, role).getByRole('button', {name: 'Without the image'}).click();
	await page.evaluate(([one, two]) => {
		const data = new DataTransfer();
		for (const [name, text] of [['one.png', one], ['two.png', two]])
			data.items.add(new File([Uint8Array.from(atob(text), c => c.charCodeAt(0))], name, {type: 'image/png'}));
		document.body.dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: data}));
	}, [png(40, 30), png(30, 40)].map(each => each.toString('base64')));
	await slot(page, 'first').getByAltText('one.png').waitFor();
	await slot(page, 'last').getByAltText('two.png').waitFor();
	await studio.close();
	await worker.close();
});

shared.test('a file is dragged in from outside the browser', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id});
	const {page, context} = studio;
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'arena-drop-'));
	const photo = path.join(folder, 'photo.png');
	fs.writeFileSync(photo, picture);
	const mouse = await context.newCDPSession(page);
	for (const type of ['dragEnter', 'dragOver', 'drop'])
		await mouse.send('Input.dispatchDragEvent', {type, x: 640, y: 200,
			data: {items: [], files: [photo], dragOperationsMask: 1}});
	await slot(page).getByAltText('photo.png').waitFor();
	await ready(page);
	fs.rmSync(folder, {recursive: true});
	await studio.ask('It comes from a folder');
	assert.deepEqual(await worker.input(await worker.next('job')), picture);
	await studio.close();
	await worker.close();
});

shared.test('first and last image, where the model takes them', async stack => {
	const both = await painter(stack, {inputs: ['text', 'image', 'first_last_frame']});
	const one = await painter(stack, {inputs: ['text', 'image']});
	const none = await painter(stack, {inputs: ['text']});
	const studio = await openStudio(stack, {model: both.id});
	const {page} = studio;
	const choose = async name => {
		await page.getByRole('button', {name: /^Model:/}).click();
		await page.getByRole('option', {name}).click();
	};
	const [first, last] = [png(40, 30), png(30, 40)];
	await pick(page, first);
	await ready(page);
	await hand(page, ['paste'], last);
	await ready(page, 'last');
	await choose(one.name);
	await page.getByText(`${one.name} takes no last image; it is left out there.`).waitFor();
	await choose(none.name);
	await page.getByText(`${none.name} cannot start from an image.`).waitFor();
	await studio.ask('From here to there');
	await page.getByRole('alert').filter({hasText: 'cannot start from an image'}).waitFor();
	await choose(both.name);
	await studio.prompt.press('Enter');
	const job = await both.worker.next('job');
	assert.deepEqual(await both.worker.input(job, 0), first);
	assert.deepEqual(await both.worker.input(job, 1), last);
	await studio.close();
	for (const {worker} of [both, one, none])
		await worker.close();
});

shared.test('what is no image, is too large or too wide is said, and nothing is sent', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id});
	const {page} = studio;
	let uploads = 0;
	page.on('request', request => request.url().endsWith('/v1/files') && uploads++);
	const says = (text, times = 1) => page.locator('.toast').filter({hasText: text}).nth(times - 1).waitFor();
	await pick(page, Buffer.from('%PDF-1.7 not an image'), 'first', 'picture.png');
	await says('PNG, JPEG, WebP and GIF can.');
	await drop(page, Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), {type: 'image/svg+xml'});
	await says('PNG, JPEG, WebP and GIF can.', 2);
	await pick(page, pngClaiming(9000, 100));
	await says('9000 × 100 pixels');
	await pick(page, Buffer.concat([picture, Buffer.alloc(11 * 1024 * 1024)]));
	await says(/The image has 11\.\d MB; it may have up to 10 MB\./);
	assert.equal(uploads, 0);
	assert.equal(await slot(page).count(), 0);
	await studio.close();
	await worker.close();
});

shared.test('text that has a picture of itself beside it is pasted as text', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id});
	await hand(studio.page, ['paste'], picture, {text: 'a table'});
	await hand(studio.page, ['paste'], undefined, {text: 'words'});
	await hand(studio.page, ['paste'], picture);
	await ready(studio.page);
	await studio.close();
	await worker.close();
});

shared.test('sending is shown, stopped, and done again when it failed', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id, expected: [/status of 503/, /ERR_FAILED/]});
	const {page} = studio;
	const held = [];
	const next = () => until('an image on its way', () => held.shift());
	await page.route('**/v1/files', route => void held.push(route));
	await pick(page, picture);
	await slot(page).getByRole('progressbar', {name: 'Sending the image'}).waitFor();
	await slot(page).getByRole('button', {name: 'Stop sending the image'}).click();
	await slot(page).waitFor({state: 'detached'});
	await (await next()).abort().catch(() => {}); // the page has given it up already

	await pick(page, picture);
	await slot(page).getByRole('progressbar').waitFor();
	await studio.prompt.fill('It waits for its image');
	await studio.prompt.press('Enter');
	await page.locator('.pending').getByText('It waits for its image').waitFor();
	await (await next()).fulfill({status: 503, json: {error: {code: 'overloaded', message: 'Busy.', param: null}}});
	await page.getByRole('alert').filter({hasText: 'The gateway is busy.'}).first().waitFor();
	assert.equal(await studio.prompt.inputValue(), 'It waits for its image');
	await slot(page).getByRole('button', {name: 'Send it again'}).click();
	await (await next()).continue();
	await ready(page);
	await studio.prompt.press('Enter');
	const job = await worker.next('job');
	assert.deepEqual(await worker.input(job), picture);
	await studio.close();
	await worker.close();
});

shared.test('an image is kept with the draft; one that the gateway has no more is sent again', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id, expected: [/status of 40[04]/]});
	const {page} = studio;
	const api = apiOf(stack);
	const kept = () => studio.page.evaluate(() => {
		const name = Object.keys(localStorage).find(each => each.endsWith('.drafts'));
		return name ? Object.values(JSON.parse(localStorage[name]))[0]?.first : undefined;
	});
	await studio.prompt.fill('A boat with a past');
	await pick(page, picture);
	await ready(page);
	const first = await until('the file in the draft', kept);
	await page.reload();
	await until('its preview after a reload', () => slot(page).locator('img').evaluate(img => img.naturalWidth === 40));
	assert.equal(await studio.prompt.inputValue(), 'A boat with a past');

	await api.good(api.call('DELETE', `/v1/files/${first}`));
	await studio.prompt.press('Enter');
	const job = await worker.next('job');
	assert.deepEqual(await worker.input(job), picture);
	await until('the draft to be forgotten', async () => await kept() === undefined);

	/* Gone before it could be fetched: it is said, and can be replaced. */
	await pick(page, picture);
	await ready(page);
	await studio.prompt.fill('Another');
	const second = await until('the file in the draft', kept);
	await api.good(api.call('DELETE', `/v1/files/${second}`));
	await page.reload();
	await page.getByText('The image is no longer there. Choose it again.').waitFor();
	await studio.prompt.press('Enter');
	await page.getByRole('alert').filter({hasText: 'no longer there'}).first().waitFor();
	await pick(page, picture);
	await ready(page);
	await studio.close();
	await worker.close();
});
