/*
 * From a video back to the composer: its settings, its last frame, a remix of it.
 */
import assert from 'node:assert/strict';

import {apiOf, formOf} from '../lib/api.mjs';
import {filmed, newConversation} from '../lib/films.mjs';
import {png} from '../lib/media.mjs';
import {openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});

/** A video in a conversation of its own: {id, at}. */
async function made(stack, paint, more = {}) {
	const conversation = newConversation();
	const {id} = await filmed(stack, paint, {prompt: 'Boats at dusk', ...more, metadata: {conversation, ...more.metadata}});
	return {id, at: `#/c/${conversation}`};
}

shared.test('"use these settings" fills in prompt, model, size, seconds, seed and image', async stack => {
	const paint = await painter(stack);
	const api = apiOf(stack);
	const picture = png(40, 30);
	const {id: first} = await api.good(api.post('/v1/files', {form: formOf({purpose: 'vision'}, picture, 'file')}));
	const {id, at} = await made(stack, paint, {seed: 77, negative_prompt: 'rain', input_reference: {file_id: first}, metadata: {first}});
	const studio = await openStudio(stack, {at, choices: {variations: 3, seconds: 9}});
	const {page} = studio;
	await studio.card(id).getByRole('button', {name: 'Use these settings'}).click();
	await page.getByRole('button', {name: /320 × 180 2 s seed 77 with exclusions/}).waitFor();
	await page.getByRole('button', {name: `Model: ${paint.name}`}).waitFor();
	await page.locator('.slot[data-sent=ready]').waitFor();
	assert.equal(await studio.prompt.inputValue(), 'Boats at dusk');
	assert.ok(await studio.prompt.evaluate(box => box === document.activeElement), 'the prompt has the focus');
	await studio.prompt.press('Enter');
	const job = await paint.worker.next('job');
	assert.deepEqual([job.prompt, job.width, job.height, job.seconds, job.seed, job.negative_prompt],
		['Boats at dusk', 320, 180, 2, 77, 'rain']);
	assert.deepEqual(await paint.worker.input(job), picture);
	await studio.close();
	await paint.worker.close();
});

shared.test('the last frame of a video becomes the first image of the next', async stack => {
	const paint = await painter(stack);
	const {id, at} = await made(stack, paint);
	const studio = await openStudio(stack, {at, model: paint.id});
	await studio.card(id).getByRole('button', {name: 'More'}).click();
	await studio.page.getByRole('menuitem', {name: /last frame/i}).click();
	await studio.page.locator('.slot[data-role=first][data-sent=ready]').waitFor();
	await studio.ask('And then night falls');
	const job = await paint.worker.next('job');
	const image = await paint.worker.input(job);
	assert.equal(image.subarray(1, 4).toString(), 'PNG');
	assert.deepEqual([image.readUInt32BE(16), image.readUInt32BE(20)], [320, 180]);
	await studio.close();
	await paint.worker.close();
});

shared.test('a remix says of what, and stays in the conversation; it can be left', async stack => {
	const paint = await painter(stack, {operations: ['remix']});
	const {id, at} = await made(stack, paint);
	const studio = await openStudio(stack, {at, choices: {variations: 4}});
	const {page} = studio;
	const remix = async () => {
		await studio.card(id).getByRole('button', {name: 'More'}).click();
		await page.getByRole('menuitem', {name: 'Remix'}).click();
		await page.locator('.parent').getByText('Boats at dusk').waitFor();
	};
	await remix();
	assert.equal(await page.getByRole('button', {name: /^Model:/}).count(), 0, 'the model is its parent’s');
	await page.reload();
	await page.locator('.parent').getByText('Boats at dusk').waitFor();
	await page.getByRole('button', {name: 'Make a new video instead'}).click();
	await page.getByRole('button', {name: /^Model:/}).waitFor();
	await remix();
	await studio.ask('The same at night');
	const job = await paint.worker.next('job');
	assert.deepEqual([job.prompt, job.operation, job.source], ['The same at night', 'remix', id]);
	await until('the remix in this conversation', () => studio.turn('The same at night').isVisible());
	assert.ok(page.url().endsWith(at));
	const {remixed_from_video_id: parent, metadata} = (await apiOf(stack).list()).find(each => each.prompt === 'The same at night');
	assert.equal(parent, id);
	assert.deepEqual(Object.keys(metadata), ['conversation']);

	/* Tried again it changes the same video. */
	paint.worker.accept(job);
	await paint.worker.fail(job, 'odd_weather', {retryable: false, message: 'No.'});
	paint.worker.ready(1);
	await studio.turn('The same at night').getByRole('button', {name: 'Again'}).click();
	const again = await paint.worker.next('job');
	assert.deepEqual([again.prompt, again.operation, again.source], ['The same at night', 'remix', id]);
	await studio.close();
	await paint.worker.close();
});
