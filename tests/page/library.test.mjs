/*
 * What was made before: conversations by day, found, renamed and deleted; the gallery with its filters;
 * what other devices and tabs see. Jobs for a model without a worker stand for videos that are there.
 */
import assert from 'node:assert/strict';

import {apiOf} from '../lib/api.mjs';
import {clip, openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});
const waiting = {model: 'veo3', size: '1280x720', seconds: '8'};

let conversations = 0;

/** Jobs of one conversation, each with its prompt. */
async function conversation(stack, ...prompts) {
	const id = Date.now().toString(36) + String(++conversations).padStart(6, '0'); // as the page makes them
	const jobs = [];
	for (const prompt of prompts)
		jobs.push(await apiOf(stack).create({...waiting, prompt, metadata: {conversation: id}}));
	return {id, jobs};
}

const entry = (page, title) => page.locator('.history .entry').filter({hasText: title});
const gone = (stack, id) => until(`${id} to be deleted`, async () => (await apiOf(stack).get(`/v1/videos/${id}`)).status === 404);
const there = async (stack, id) => assert.equal((await apiOf(stack).get(`/v1/videos/${id}`)).status, 200);

shared.test('a conversation is found by any of its words, also one that the page had not loaded', async stack => {
	await conversation(stack, 'Boats in the harbour', 'The same at night with Zürich behind');
	await conversation(stack, 'A fox in the snow');
	const studio = await openStudio(stack);
	const {page} = studio;
	await entry(page, 'Boats in the harbour').waitFor();
	await page.getByRole('searchbox', {name: 'Search'}).fill('zurich NIGHT');
	await entry(page, 'A fox').waitFor({state: 'hidden'});
	await entry(page, 'Boats in the harbour').waitFor();
	await page.getByRole('searchbox', {name: 'Search'}).fill('nobody asked for this');
	await page.getByText('Nothing found.').waitFor();
	/* Older than all that was loaded: the gateway finds it. */
	const {id} = await conversation(stack, 'A needle of another age');
	for (let i = 0; i < 60; i++)
		await apiOf(stack).create({...waiting, prompt: 'hay'});
	await studio.close();
	const fresh = await openStudio(stack);
	await entry(fresh.page, 'Made through the API').waitFor();
	assert.equal(await entry(fresh.page, 'A needle').count(), 0);
	await fresh.page.getByRole('searchbox', {name: 'Search'}).fill('needle');
	await entry(fresh.page, 'A needle of another age').getByRole('link').click();
	assert.equal(await fresh.page.evaluate(() => location.hash), `#/c/${id}`);
	await fresh.page.locator('.turn').filter({hasText: 'A needle of another age'}).waitFor();
	await fresh.page.getByRole('searchbox', {name: 'Search'}).fill('');
	await fresh.page.getByRole('button', {name: 'Show older ones'}).click();
	await entry(fresh.page, 'Boats in the harbour').waitFor();
	await fresh.close();
});

shared.test('a name that a reader gave stays, and what is not kept is the old one', async stack => {
	await conversation(stack, 'Name me');
	const studio = await openStudio(stack);
	const {page} = studio;
	const rename = async (title, key) => {
		await page.locator('.entry input').fill(title);
		await page.locator('.entry input').press(key);
	};
	await page.getByRole('button', {name: 'Rename: Name me'}).click();
	await rename('Not this one', 'Escape');
	await entry(page, 'Name me').waitFor();
	await page.getByRole('button', {name: 'Rename: Name me'}).click();
	await rename('<b>The film</b>', 'Enter');
	await entry(page, '<b>The film</b>').waitFor();
	await page.reload();
	await entry(page, '<b>The film</b>').waitFor();
	await studio.close();
});

shared.test('deleting a conversation can be undone; else its videos go', async stack => {
	const keep = await conversation(stack, 'To be kept', 'And this');
	const drop = await conversation(stack, 'To be dropped', 'And that');
	const studio = await openStudio(stack);
	const {page} = studio;
	await page.getByRole('button', {name: 'Delete: To be kept'}).click();
	await entry(page, 'To be kept').waitFor({state: 'hidden'});
	await page.getByRole('button', {name: 'Undo'}).click();
	await entry(page, 'To be kept').waitFor();
	await page.getByRole('button', {name: 'Delete: To be dropped'}).click();
	await entry(page, 'To be dropped').waitFor({state: 'hidden'});
	for (const {id} of drop.jobs)
		await gone(stack, id);
	for (const {id} of keep.jobs)
		await there(stack, id);
	await studio.close();
});

shared.test('a deletion that was under way when the page was closed is carried out, when it is opened again at the latest', async stack => {
	const {jobs: [job]} = await conversation(stack, 'Closed too early');
	const studio = await openStudio(stack, {expected: [/status of 404/]}); // it was carried out, and is asked for again
	await studio.page.getByRole('button', {name: 'Delete: Closed too early'}).click();
	await entry(studio.page, 'Closed too early').waitFor({state: 'hidden'});
	await studio.page.goto('about:blank');
	await studio.page.goto(`${stack.url}/video-chat`);
	await gone(stack, job.id);
	assert.equal(await entry(studio.page, 'Closed too early').count(), 0);
	await studio.close();
});

shared.test('a deletion that fails brings the video back with its mark; signing out carries one out', async stack => {
	const {jobs: [job]} = await conversation(stack, 'Hard to delete');
	const studio = await openStudio(stack, {at: '#/gallery', expected: [/status of 500/]});
	const {page} = studio;
	const tile = page.locator('.tile').filter({hasText: 'Hard to delete'});
	const select = async () => {
		await page.getByRole('button', {name: 'Select', exact: true}).click();
		await tile.getByRole('button').click();
	};
	await select();
	await page.getByRole('button', {name: 'Add to the favourites'}).click();
	await tile.locator('.tile-mark').waitFor();
	const fails = route => route.request().method() === 'DELETE' ? route.fulfill({status: 500, json: {}}) : route.fallback();
	await page.route(`**/v1/videos/${job.id}`, fails);
	await select();
	await page.getByRole('toolbar').getByRole('button', {name: 'Delete'}).click();
	await tile.waitFor({state: 'detached'});
	await page.getByText('It was not deleted.').waitFor();
	await tile.locator('.tile-mark').waitFor();

	await page.unroute(`**/v1/videos/${job.id}`, fails);
	await page.getByRole('button', {name: 'Delete: Hard to delete'}).click();
	await tile.waitFor({state: 'detached'});
	await page.keyboard.press('s');
	await page.getByRole('button', {name: 'Sign out'}).click();
	await gone(stack, job.id);
	assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter(name => name.includes('cache'))), []);
	await studio.close();
});

shared.test('another device with the same key shows the same conversations, and what is new at once', async stack => {
	const {id} = await conversation(stack, 'Seen on both');
	const here = await openStudio(stack);
	const there = await openStudio(stack);
	for (const {page} of [here, there]) {
		await entry(page, 'Seen on both').getByRole('link').click();
		await page.locator('.turn').filter({hasText: 'Seen on both'}).waitFor();
	}
	const job = await apiOf(stack).create({...waiting, prompt: 'Made meanwhile', metadata: {conversation: id}});
	for (const {page} of [here, there])
		await page.locator('.turn').filter({hasText: 'Made meanwhile'}).waitFor();
	await apiOf(stack).remove(job.id);
	for (const {page} of [here, there])
		await page.locator('.turn').filter({hasText: 'Made meanwhile'}).waitFor({state: 'hidden'});
	await here.close();
	await there.close();
});

shared.test('the gallery: filters, favourites, order, and a video large', async stack => {
	const {worker, id: model} = await painter(stack);
	const film = clip({seconds: 1});
	for (const prompt of ['First film', 'Second film']) {
		const made = apiOf(stack).create({model, prompt, size: '320x180'});
		const job = await worker.next('job');
		worker.accept(job);
		await worker.finish(job, film);
		await apiOf(stack).wait((await made).id, 'completed');
		worker.ready(1);
	}
	const studio = await openStudio(stack, {at: '#/gallery'});
	const {page} = studio;
	const tile = text => page.locator('.tile').filter({hasText: text});
	await tile('Second film').waitFor();
	const boxes = await Promise.all(['First film', 'Second film'].map(text => tile(text).boundingBox()));
	assert.ok(boxes[1].y < boxes[0].y || boxes[1].x < boxes[0].x, 'the newest is first');
	await page.getByRole('combobox', {name: 'Model'}).selectOption(model);
	await until('two tiles', async () => await page.locator('.tile').count() === 2);
	await page.getByRole('searchbox', {name: 'Find by its words'}).fill('first');
	await until('one tile', async () => await page.locator('.tile').count() === 1);
	await page.getByRole('combobox', {name: 'State'}).selectOption('failed');
	await page.getByText('No video is like that.').waitFor();
	await page.getByRole('combobox', {name: 'State'}).selectOption('completed');
	await tile('First film').getByRole('button').click();
	await page.getByRole('dialog').locator('.card[data-status=completed]').waitFor();
	await page.keyboard.press('Escape');
	await page.getByRole('dialog').waitFor({state: 'hidden'});
	await page.getByRole('button', {name: 'Select', exact: true}).click();
	await tile('First film').getByRole('button').click();
	await page.getByRole('button', {name: 'Add to the favourites'}).click();
	await page.getByRole('searchbox', {name: 'Find by its words'}).fill('');
	await page.getByRole('button', {name: 'Favourites', exact: true}).click();
	await until('the favourite alone', async () => await page.locator('.tile').count() === 1 && await tile('First film').count() === 1);
	await page.reload();
	await page.getByRole('button', {name: 'Favourites', exact: true}).click();
	await until('the favourite alone', async () => await page.locator('.tile').count() === 1 && await tile('First film').count() === 1);
	await studio.close();
});

shared.test('hundreds of videos: the end is reached by scrolling, few tiles are drawn, the arrows move', async stack => {
	for (let i = 0; i < 250; i += 25)
		await Promise.all(Array.from({length: 25}, (_, j) => apiOf(stack).create({...waiting, prompt: `Reel ${String(i + j).padStart(3, '0')}.`})));
	const studio = await openStudio(stack, {at: '#/gallery'});
	const {page} = studio;
	await page.getByRole('searchbox', {name: 'Find by its words'}).fill('reel');
	await page.locator('.tile').filter({hasText: 'Reel'}).first().waitFor();
	const seen = new Set();
	await until('all to have been seen', async () => {
		for (const text of await page.locator('.tile').allTextContents())
			seen.add(/Reel \d+\./.exec(text)?.[0]);
		seen.delete(undefined);
		assert.ok(await page.locator('.tile').count() < 80, 'only what is near is drawn');
		await page.locator('.stage').evaluate(stage => stage.scrollBy(0, 600));
		if (seen.size < 250)
			throw new Error(`${seen.size} of 250`);
		return true;
	}, {ms: 60_000, every: 50});
	await page.locator('.stage').evaluate(stage => stage.scrollTo(0, 0));
	await page.locator('.tile [data-index="0"]').focus();
	await page.keyboard.press('ArrowRight');
	await page.keyboard.press('ArrowDown');
	await until('the focus to be below', () => page.evaluate(() => Number(document.activeElement.dataset.index) > 2));
	await studio.close();
});

shared.test('a full quota, and garbage where something was kept, hinder nobody', async stack => {
	await conversation(stack, 'Still here');
	const studio = await openStudio(stack, {model: 'veo3'});
	const {page} = studio;
	await entry(page, 'Still here').waitFor();
	const filled = await page.evaluate(() => {
		let size = 1 << 20;
		for (let i = 0; size > 16; i++)
			try {
				localStorage.setItem(`filler${i}`, 'x'.repeat(size));
			} catch {
				size >>= 1;
			}
		return Object.keys(localStorage).filter(name => name.startsWith('filler')).length;
	});
	assert.ok(filled > 0);
	await page.reload();
	await entry(page, 'Still here').waitFor();
	await studio.ask('There is no room for this');
	await studio.inState(studio.turn('There is no room for this'), 'queued');
	await page.evaluate(() => {
		for (const name of Object.keys(localStorage))
			if (name.startsWith('filler'))
				localStorage.removeItem(name);
			else if (name.startsWith('arena-video.cache.'))
				localStorage.setItem(name, '{"version":1,"videos":[{}],');
	});
	await page.reload();
	await entry(page, 'Still here').waitFor();
	await studio.close();
});

shared.test('what was seen can be read while the gateway is away; sign-out forgets it', async stack => {
	await conversation(stack, 'Readable offline');
	const studio = await openStudio(stack, {expected: [/Failed to load resource/, /ERR_/]});
	const {page, context} = studio;
	await entry(page, 'Readable offline').waitFor();
	await until('it to be kept', () => page.evaluate(() =>
		Object.keys(localStorage).some(name => name.startsWith('arena-video.cache.') && localStorage[name].includes('Readable offline'))));
	await context.route('**/v1/**', route => route.abort());
	await page.reload();
	await entry(page, 'Readable offline').getByRole('link').click();
	await page.locator('.turn').filter({hasText: 'Readable offline'}).waitFor();
	await page.locator('.note[data-kind=offline]').waitFor();
	await page.goto(`${stack.url}/video-chat#/gallery`);
	await page.locator('.tile').filter({hasText: 'Readable offline'}).waitFor();
	await context.unroute('**/v1/**');
	await page.locator('.note[data-kind=offline]').waitFor({state: 'hidden', timeout: 40_000});
	await page.goto(`${stack.url}/video-chat#/settings`);
	await page.getByRole('button', {name: 'Sign out'}).click();
	await page.locator('.door').waitFor();
	assert.deepEqual(await page.evaluate(() => Object.keys(localStorage).filter(name => /cache|key/.test(name))), []);
	await studio.close();
});

shared.test('two tabs: a mark made in one is seen in the other, and neither undoes the other', async stack => {
	await conversation(stack, 'In two tabs');
	const studio = await openStudio(stack);
	const {page, context} = studio;
	const other = await context.newPage();
	await other.goto(`${stack.url}/video-chat`);
	await entry(other, 'In two tabs').waitFor();
	await page.getByRole('button', {name: 'Rename: In two tabs'}).click();
	await page.locator('.entry input').fill('Renamed in the first');
	await page.locator('.entry input').press('Enter');
	await entry(other, 'Renamed in the first').waitFor();
	await page.reload();
	await entry(page, 'Renamed in the first').waitFor();
	await studio.close();
});
