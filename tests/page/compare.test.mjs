/*
 * The same prompt on several models, and variations of one: beside each other and in step.
 */
import assert from 'node:assert/strict';

import {apiOf} from '../lib/api.mjs';
import {filmed, holds, newConversation} from '../lib/films.mjs';
import {clip, openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});
const bars = () => clip({source: 'smptebars=s=320x180:r=24,trim=duration=2'});

async function compared(stack) {
	const painters = [await painter(stack, {name: 'Oil and ink'}), await painter(stack, {name: 'Chalk'})];
	const conversation = newConversation();
	const metadata = {conversation, group: `${conversation}-group`, kind: 'compare'};
	const made = [await filmed(stack, painters[0], {prompt: 'A city in the rain', metadata}),
		await filmed(stack, painters[1], {prompt: 'A city in the rain', metadata}, bars())];
	return {conversation, metadata, made, end: () => Promise.all(painters.map(({worker}) => worker.close()))};
}

shared.test('in the conversation: one turn, each with who made it and how long it took, in step', async stack => {
	const {conversation, made, end} = await compared(stack);
	const studio = await openStudio(stack, {at: `#/c/${conversation}`});
	const turn = studio.turn('A city in the rain');
	await turn.locator('.card').nth(1).waitFor();
	assert.equal(await studio.page.locator('.turn').count(), 1);
	assert.deepEqual(await turn.locator('.maker').allTextContents(), ['Oil and ink', 'Chalk']);
	for (const {id} of made)
		assert.match(await studio.card(id).locator('.took').textContent(), /^took \d+ s$/);
	await turn.getByRole('button', {name: 'Play'}).click();
	for (const i of [0, 1])
		await holds(turn.locator('video').nth(i), 'to play', each => !each.paused && each.currentTime > 0.2);
	await until('both in step', async () => {
		const [a, b] = await turn.locator('video').evaluateAll(all => all.map(each => each.currentTime));
		return Math.abs(a - b) < 0.05;
	});
	await end();
	await studio.close();
});

shared.test('on a page of its own, over the width, with the way back', async stack => {
	const {conversation, end} = await compared(stack);
	const studio = await openStudio(stack, {at: `#/c/${conversation}`, viewport: {width: 1440, height: 900}});
	await studio.page.getByRole('link', {name: 'Compare'}).click();
	const view = studio.page.getByRole('region', {name: 'Compare'});
	await view.getByRole('heading', {name: 'A city in the rain'}).waitFor();
	assert.match(studio.page.url(), /#\/compare\//);
	const [first, second] = await Promise.all([0, 1].map(i => view.locator('.card').nth(i).boundingBox()));
	assert.ok(first.width > 450 && second.x >= first.x + first.width, 'side by side, and larger');
	await studio.page.reload();
	await view.locator('.card').nth(1).waitFor();
	await view.getByRole('link', {name: 'Back to the conversation'}).click();
	await studio.turn('A city in the rain').waitFor();
	await end();
	await studio.close();
});

shared.test('one that is not made yet joins when it is, and the others play on', async stack => {
	const api = apiOf(stack);
	const paint = await painter(stack, {}, {slots: 1});
	const conversation = newConversation();
	const metadata = {conversation, group: `${conversation}-group`, kind: 'variations'};
	const fields = {prompt: 'Three kites', seconds: '2', size: '320x180', metadata};
	await filmed(stack, paint, {...fields, seed: 1});
	await filmed(stack, paint, {...fields, seed: 2}, bars());
	const late = await api.create({model: paint.id, ...fields, seed: 3});
	const job = await paint.worker.next('job');
	paint.worker.accept(job);
	const studio = await openStudio(stack, {at: `#/c/${conversation}`});
	const turn = studio.turn('Three kites');
	await turn.getByText('3 variations').waitFor();
	await turn.getByRole('button', {name: 'Play'}).click();
	await holds(turn.locator('video').first(), 'to play', each => each.currentTime > 0.1);
	await turn.locator('video').first().evaluate(each => each.mark = true);
	await paint.worker.finish(job, clip());
	await studio.inState(studio.card(late.id), 'completed');
	await holds(studio.card(late.id).locator('video'), 'to play with them', each => !each.paused && each.currentTime > 0);
	assert.deepEqual(await turn.locator('video').first().evaluate(each => [each.mark, each.paused]), [true, false]);
	await paint.worker.close();
	await studio.close();
});

shared.test('the keys of what can be done with one of them are not those of the player', async stack => {
	const {conversation, made, end} = await compared(stack);
	const studio = await openStudio(stack, {at: `#/c/${conversation}`});
	const loop = studio.turn('A city in the rain').getByRole('button', {name: 'Loop'});
	assert.equal(await loop.getAttribute('aria-pressed'), 'true');
	await studio.card(made[0].id).getByRole('button', {name: 'More'}).click();
	await studio.page.getByRole('menuitem', {name: 'Details'}).press('l');
	assert.equal(await loop.getAttribute('aria-pressed'), 'true');
	await studio.page.getByRole('menuitem', {name: 'Details'}).click();
	await studio.page.getByRole('dialog', {name: 'Details'}).press('l');
	assert.equal(await loop.getAttribute('aria-pressed'), 'true');
	await studio.page.keyboard.press('Escape');
	await loop.press('l');
	assert.equal(await loop.getAttribute('aria-pressed'), 'false', 'in the player it is one');
	await end();
	await studio.close();
});

shared.test('videos that are not here are said to be gone', async stack => {
	const studio = await openStudio(stack, {at: '#/compare/nothing'});
	await studio.page.getByText('These videos are not here, or not any more.').waitFor();
	await studio.close();
});
