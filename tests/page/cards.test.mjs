/*
 * A card from the wish to the video: where it is, cancel, failure and another try, reload, another device, a
 * gateway that goes and comes back, what can be done with a video.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';

import {apiOf} from '../lib/api.mjs';
import {filmed, holds, newConversation} from '../lib/films.mjs';
import {faults} from '../lib/looks.mjs';
import {PICTURES, tinyMp4} from '../lib/media.mjs';
import {clip, onStudio, openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});

/** A job that the worker holds, in a conversation of its own, which the page shows. */
async function going(stack, fields = {}, options = {}) {
	const paint = await painter(stack);
	const api = apiOf(stack);
	const conversation = newConversation();
	const video = await api.create({model: paint.id, prompt: 'Rain', size: '320x180', seconds: '2',
		metadata: {conversation}, ...fields});
	const job = await paint.worker.next('job');
	paint.worker.accept(job);
	const at = `#/c/${conversation}`;
	const studio = await openStudio(stack, {at, ...options});
	return {...paint, api, at, conversation, job, video, studio, card: studio.card(video.id)};
}

const done = async ({worker, studio}) => {
	await worker.close();
	await studio.close();
};

shared.test('it says where it is: in line, percent, stage, who makes it, and then the video in the same place', async stack => {
	const {worker, id} = await painter(stack, {}, {slots: 1});
	const api = apiOf(stack);
	const conversation = newConversation();
	const make = prompt => api.create({model: id, prompt, size: '320x180', seconds: '2', metadata: {conversation}});
	const first = await make('The first');
	const second = await make('The second');
	const job = await worker.next('job');
	worker.accept(job);
	const studio = await openStudio(stack, {at: `#/c/${conversation}`});
	const [one, two] = [studio.card(first.id), studio.card(second.id)];

	await studio.inState(one, 'in_progress');
	await two.locator('.word').getByText('Next in line').waitFor();
	worker.progress(job, 37, 'rendering');
	await one.getByText('37 %').waitFor();
	await one.locator('.facts').getByText('drawing · by scripted').waitFor();
	assert.equal(await one.getByRole('progressbar').getAttribute('aria-valuenow'), '37');
	assert.match(await one.locator('.times').textContent(), /^Asked for \d+ s ago/);
	const said = one.getByRole('status');
	assert.match(await said.textContent(), /^Being made\. 25 percent made$/);
	worker.progress(job, 49);
	await one.getByText('49 %').waitFor();
	assert.match(await said.textContent(), /25 percent/, 'not each percent is said');
	worker.progress(job, 51);
	await until('the next quarter to be said', async () => /50 percent/.test(await said.textContent()));

	const board = await one.locator('.picture').boundingBox();
	await worker.finish(job, clip());
	await studio.inState(one, 'completed');
	const {x, width, height} = await one.locator('.picture').boundingBox();
	assert.deepEqual([x, width, height], [board.x, board.width, board.height], 'nothing jumps');
	assert.equal(await said.textContent(), 'Done');
	await worker.close();
	await studio.close();
});

shared.test('a cancelled one ends at the worker, and says so meanwhile', async stack => {
	const all = await going(stack);
	const {studio, worker, job, card, video} = all;
	let answer;
	const held = new Promise(resolve => answer = resolve);
	await studio.page.route('**/cancel', async route => {
		await held;
		await route.continue();
	});
	await card.getByRole('button', {name: 'Cancel'}).click();
	await card.locator('.word').getByText('Cancelling…').waitFor();
	assert.equal(await card.getByRole('button', {name: 'Cancelling…'}).isDisabled(), true);
	answer();
	const told = await worker.next('cancel');
	assert.equal(told.lease, job.lease);
	worker.stopped(job);
	await studio.inState(card, 'cancelled');
	assert.equal((await all.api.video(video.id)).status, 'cancelled');
	await done(all);
});

shared.test('a failure is said in words, with its id; another try has the same wish and image, and takes its place', async stack => {
	const paint = await painter(stack);
	const api = apiOf(stack);
	const image = PICTURES.PNG(320, 180);
	const form = new FormData();
	form.set('purpose', 'vision');
	form.set('file', new Blob([image]), 'a.png');
	const file = await api.good(api.post('/v1/files', {form}));
	const metadata = {conversation: newConversation(), first: file.id};
	const video = await api.create({model: paint.id, prompt: 'Zoom in', size: '320x180', seconds: '2', seed: 7,
		input_reference: {file_id: file.id}, metadata});
	const studio = await openStudio(stack, {at: `#/c/${metadata.conversation}`, permissions: ['clipboard-read', 'clipboard-write']});
	const job = await paint.worker.next('job');
	paint.worker.accept(job);
	await studio.turn('Zoom in').getByRole('img', {name: 'First frame'}).evaluate(each => each.decode());
	await studio.card(video.id).locator('.backdrop img').waitFor();
	await paint.worker.fail(job, 'odd_weather', {retryable: false, message: '<b>It rains</b> too much.'});
	await studio.inState(studio.card(video.id), 'failed');
	await studio.card(video.id).getByText('<b>It rains</b> too much.').waitFor();
	await studio.card(video.id).getByRole('button', {name: 'Copy the ID'}).click();
	await until('the id in the clipboard', async () =>
		await studio.page.evaluate(() => navigator.clipboard.readText()) === video.id);

	paint.worker.ready(1);
	await studio.card(video.id).getByRole('button', {name: 'Again'}).click();
	const again = await paint.worker.next('job');
	assert.deepEqual([again.prompt, again.seed, again.inputs.length], ['Zoom in', 7, 1]);
	assert.deepEqual(await paint.worker.input(again), image);
	paint.worker.accept(again);
	await studio.card(video.id).waitFor({state: 'detached'});
	assert.equal(await studio.turn('Zoom in').locator('.card').count(), 1);
	assert.equal(await studio.page.locator('.turn').count(), 1);
	await paint.worker.finish(again, clip());
	await studio.inState(studio.turn('Zoom in'), 'completed');
	await done({...paint, studio});
});

shared.test('reloaded in the middle it goes on, and another device shows it, too', async stack => {
	const all = await going(stack);
	const {studio, worker, job, card, at} = all;
	worker.progress(job, 20);
	await card.getByText('20 %').waitFor();
	await studio.page.reload();
	await card.getByText('20 %').waitFor();
	const other = await openStudio(stack, {at, viewport: {width: 390, height: 800}});
	await other.card(all.video.id).getByText('20 %').waitFor();
	worker.progress(job, 60);
	await card.getByText('60 %').waitFor();
	await other.card(all.video.id).getByText('60 %').waitFor();
	await worker.finish(job, clip());
	await studio.inState(card, 'completed');
	await other.inState(other.card(all.video.id), 'completed');
	await other.close();
	await done(all);
});

onStudio('the gateway is killed in the middle and comes back: the card goes on', {sandbox: false}, async stack => {
	const all = await going(stack, {}, {expected: [/ERR_|Failed to load/]});
	const {studio, worker, job, card} = all;
	worker.progress(job, 30);
	await card.getByText('30 %').waitFor();
	const was = stack.kill('gateway');
	await stack.restarted('gateway', was);
	assert.equal(await card.getByText('30 %').isVisible(), true, 'what is known stays');
	await stack.ready();
	const back = await painter(stack, {id: all.id}, {id: worker.id, jobs: [{job: job.job, lease: job.lease, progress: 30}]});
	back.worker.progress(job, 70);
	await card.getByText('70 %').waitFor({timeout: 40_000});
	await back.worker.finish(job, clip());
	await studio.inState(card, 'completed');
	await back.worker.close();
	await studio.close();
});

/* The worker has time to come back, however slow the machine: else its video would be another one's by then. */
onStudio('everything is killed in the middle and comes back: the card goes on, and what was missed meanwhile is made up for',
	{sandbox: false, env: {ARENA_LEASE: '60s'}}, async stack => {
		const all = await going(stack, {}, {expected: [/ERR_|Failed to load/]});
		const {studio, api, worker, job, card, conversation} = all;
		const {page} = studio;
		const other = await api.create({model: 'veo3', prompt: 'Deleted meanwhile', size: '1280x720', seconds: '8', metadata: {conversation}});
		worker.progress(job, 30);
		await card.getByText('30 %').waitFor();
		await studio.card(other.id).waitFor();
		const events = '**/v1/events';
		const resumed = [];
		page.on('request', request => request.url().endsWith('/v1/events') && resumed.push(request.headers()['last-event-id']));
		await page.route(events, route => route.abort());
		await stack.crash();
		await page.locator('.note[data-kind=offline]').waitFor();
		assert.equal(await card.getByText('30 %').isVisible(), true, 'what is known stays');
		await stack.start();
		await api.remove(other.id);
		const back = await painter(stack, {id: all.id}, {id: worker.id, jobs: [{job: job.job, lease: job.lease, progress: 30}]});
		back.worker.progress(job, 70);
		await card.getByText('70 %').waitFor(); // by asking
		await page.unroute(events);
		await studio.card(other.id).waitFor({state: 'detached'}); // only the events tell
		assert.ok(resumed.at(-1), 'it says what it knows');
		await back.worker.finish(job, clip());
		await studio.inState(card, 'completed');
		await back.worker.close();
		await studio.close();
	});

shared.test('a video is favoured, kept as a file, its link copied, looked at closely, and deleted with a way back', async stack => {
	const paint = await painter(stack);
	const conversation = newConversation();
	const made = await filmed(stack, paint, {prompt: 'Un río, ¡ya!', metadata: {conversation}});
	const studio = await openStudio(stack, {at: `#/c/${conversation}`, permissions: ['clipboard-read', 'clipboard-write']});
	const card = studio.card(made.id);
	const more = async name => {
		await card.getByRole('button', {name: 'More'}).click();
		await card.getByRole('menuitem', {name}).click();
	};

	const heart = card.getByRole('button', {name: 'Favourite'});
	await heart.click();
	assert.equal(await heart.getAttribute('aria-pressed'), 'true');

	const [file] = await Promise.all([studio.page.waitForEvent('download'), card.getByRole('button', {name: 'Download'}).click()]);
	assert.equal(file.suggestedFilename(), 'Un río ya.mp4');
	assert.deepEqual(fs.readFileSync(await file.path()), await apiOf(stack).content(made.id));

	await more('Copy link');
	await studio.page.getByText('Link copied.').waitFor();
	const link = await studio.page.evaluate(() => navigator.clipboard.readText());
	assert.equal((await fetch(link)).status, 200, 'it works without a key');

	await more('Details');
	const dialog = studio.page.getByRole('dialog', {name: 'Details'});
	await dialog.getByText(made.id).waitFor();
	assert.match(await dialog.textContent(), /320 × 180 · 2 s · 24 frames a second/);
	assert.deepEqual(await faults(studio.page), []);
	await studio.page.keyboard.press('Escape');
	await dialog.waitFor({state: 'detached'});

	await more('Delete');
	await card.waitFor({state: 'detached'});
	await studio.page.getByRole('button', {name: 'Undo'}).click();
	await card.waitFor();
	assert.equal(await heart.getAttribute('aria-pressed'), 'true', 'as it was');
	await more('Delete');
	await until('it to be deleted', async () => (await apiOf(stack).get(`/v1/videos/${made.id}`)).status === 404);
	await done({...paint, studio});
});

shared.test('its settings, and its last frame, are taken over into the next wish', async stack => {
	const paint = await painter(stack);
	const conversation = newConversation();
	const made = await filmed(stack, paint, {prompt: 'A slow river', seed: 11, metadata: {conversation}});
	const studio = await openStudio(stack, {at: `#/c/${conversation}`});
	const card = studio.card(made.id);
	await card.getByRole('button', {name: 'Use these settings'}).click();
	assert.equal(await studio.prompt.inputValue(), 'A slow river');
	await card.getByRole('button', {name: 'More'}).click();
	await card.getByRole('menuitem', {name: 'Use last frame as first'}).click();
	await studio.page.locator('.composer img').first().waitFor();
	const sent = studio.page.waitForResponse(answer => answer.url().endsWith('/v1/videos') && answer.status() === 200);
	await studio.prompt.press('Enter');
	const next = await (await sent).json();
	assert.equal(next.seed, 11);
	const job = await paint.worker.next('job');
	assert.equal(job.inputs.length, 1);
	const png = await paint.worker.input(job);
	assert.deepEqual([png.toString('latin1', 1, 4), png.readUInt32BE(16), png.readUInt32BE(20)], ['PNG', 320, 180]);
	await done({...paint, studio});
});

shared.test('at its end the list stays there when something comes; elsewhere it keeps its place', async stack => {
	const paint = await painter(stack, {}, {slots: 20});
	const api = apiOf(stack);
	const conversation = newConversation();
	const make = n => api.create({model: paint.id, prompt: `Wave ${n}`, size: '320x180', seconds: '2', metadata: {conversation}});
	for (let n = 0; n < 6; n++)
		await make(n);
	const studio = await openStudio(stack, {at: `#/c/${conversation}`});
	const last = n => studio.turn(`Wave ${n}`);
	const seen = turn => turn.locator('.asked').evaluate(each => {
		const {top, bottom} = each.getBoundingClientRect();
		return top >= 0 && bottom <= innerHeight;
	});
	await last(5).waitFor();
	await until('the newest to be seen', () => seen(last(5)));
	await make(6);
	await last(6).waitFor();
	await until('the new one to be seen', () => seen(last(6)));

	await last(1).locator('.asked').scrollIntoViewIfNeeded();
	const top = () => last(1).locator('.asked').evaluate(each => each.getBoundingClientRect().top);
	await studio.page.getByRole('button', {name: 'To the newest'}).waitFor();
	const before = await top();
	await make(7);
	await last(7).waitFor();
	assert.ok(Math.abs(await top() - before) < 2, `it moved from ${before} to ${await top()}`);
	await studio.page.getByRole('button', {name: 'To the newest'}).click();
	await until('the newest to be seen', () => seen(last(7)));
	await done({...paint, studio});
});

shared.test('of a long conversation the end is drawn, older turns when the reader goes up, and nothing far off is loaded', async stack => {
	const paint = await painter(stack, {}, {slots: 4});
	const conversation = newConversation();
	const count = 26;
	for (let n = 0; n < count; n++)
		await filmed(stack, paint, {prompt: `Step ${n}.`, size: '128x128', seconds: '1', metadata: {conversation}}, tinyMp4(`${n}`));
	const studio = await openStudio(stack, {at: `#/c/${conversation}`});
	const asked = [];
	studio.page.on('request', request => request.url().includes('/content') && asked.push(request.url()));
	await studio.page.reload();
	const turns = studio.page.locator('.turn');
	await studio.turn(`Step ${count - 1}.`).locator('img.poster').evaluate(each => each.decode());
	assert.equal(await turns.count(), 20);
	assert.ok(asked.length < 15, `${asked.length} posters were asked for`);
	assert.ok(asked.every(url => url.includes('thumbnail')), 'posters alone');
	await turns.first().scrollIntoViewIfNeeded();
	await until('all turns', async () => await turns.count() === count);
	assert.equal(await studio.turn('Step 0.').count(), 1);
	await done({...paint, studio});
}, {timeout: 180_000});

onStudio('from the prompt box to a playing video, with the worker that comes with it', {}, async stack => {
	await apiOf(stack).offered('sandbox');
	const studio = await openStudio(stack, {model: 'sandbox', choices: {size: '320x180', seconds: 1}});
	await studio.ask('A kite over the dunes');
	const turn = studio.turn('A kite over the dunes');
	await turn.locator('.card').waitFor();
	await studio.inState(turn, 'completed');
	await turn.getByRole('button', {name: 'Play'}).click();
	await holds(turn.locator('video'), 'to play', each => each.currentTime > 0.2 && each.videoWidth === 320);
	await studio.close();
});
