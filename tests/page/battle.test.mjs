/*
 * Two videos of one run: side by side and in step, a vote, and the names after it.
 */
import assert from 'node:assert/strict';

import {apiOf} from '../lib/api.mjs';
import {filmed, holds, newConversation} from '../lib/films.mjs';
import {clip, openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});
const other = seconds => clip({source: `smptebars=s=320x180:r=24,trim=duration=${seconds}`});

async function battle(stack, films = [clip(), other(2)], options) {
	const paint = await painter(stack, {outputs: 2});
	const conversation = newConversation();
	const made = await filmed(stack, paint, {prompt: 'Two boats', metadata: {conversation}}, films);
	const studio = await openStudio(stack, {at: `#/c/${conversation}`, ...options});
	const card = studio.card(made.id);
	const votes = card.getByRole('group', {name: 'Which video is better?'});
	await card.locator('.side').nth(1).waitFor();
	return {...paint, studio, made, card, votes, videos: [0, 1].map(i => card.locator('video').nth(i))};
}

const times = card => card.locator('video').evaluateAll(all => all.map(each => each.currentTime));
const apart = card => times(card).then(([a, b]) => Math.abs(a - b));

shared.test('both play in step under one bar; one that strays comes back', async stack => {
	const {worker, studio, card, videos} = await battle(stack);
	const [left, right] = await Promise.all([0, 1].map(i => card.locator('.side').nth(i).boundingBox()));
	assert.ok(left.x + left.width <= right.x && Math.abs(left.y - right.y) < 2, 'side by side');
	assert.equal(await card.getByRole('slider').count(), 1, 'one bar');
	await card.getByRole('button', {name: 'Play'}).click();
	for (const video of videos)
		await holds(video, 'to play', each => !each.paused && each.currentTime > 0.2);
	await until('less than 0.05 s between them', async () => await apart(card) < 0.05);

	await videos[1].evaluate(each => each.currentTime += 0.3);
	await until('the second to be back in step', async () => await apart(card) < 0.05);
	await card.locator('.player').press('k');
	for (const video of videos)
		await holds(video, 'to be paused', each => each.paused);
	await card.locator('.player').press('Home');
	await card.locator('.player').press('.');
	await until('both at the second frame', async () => (await times(card)).every(each => Math.abs(each - 1.5 / 24) < 0.001));
	await worker.close();
	await studio.close();
});

shared.test('of two lengths the shorter one waits at its end, and both begin anew together', async stack => {
	const {worker, studio, card, videos} = await battle(stack, [other(1), clip({seconds: 2})]);
	await card.getByRole('button', {name: 'Play'}).click();
	await until('the first to have ended, and the second to go on', async () => {
		const [a, b] = await times(card);
		return a >= 0.95 && b > 1.2;
	});
	await until('both to have begun anew', async () => {
		const [a, b] = await times(card);
		return a < 0.9 && b < 0.9 && Math.abs(a - b) < 0.1 && a > 0;
	});
	await holds(videos[0], 'to play', each => !each.paused);
	await worker.close();
	await studio.close();
});

shared.test('one of them is heard, and the other when it is asked for', async stack => {
	const {worker, studio, card} = await battle(stack);
	const mutes = () => card.locator('video').evaluateAll(all => all.map(each => each.muted));
	await card.getByRole('button', {name: 'Play'}).click();
	await until('the videos', async () => (await mutes()).length === 2);
	assert.deepEqual(await mutes(), [false, true]);
	await card.getByRole('button', {name: 'Hear video B'}).click();
	assert.deepEqual(await mutes(), [true, false]);
	await worker.close();
	await studio.close();
});

shared.test('a vote is on its way, then sent, and the names appear', async stack => {
	const {worker, studio, card, votes} = await battle(stack);
	assert.deepEqual(await card.locator('.side .label').allTextContents(), ['A ', 'B ']);
	await votes.getByRole('button', {name: 'B is better'}).click();
	const vote = await worker.next('vote');
	assert.equal(vote.winner, 'b');
	await card.locator('[data-vote=pending]').getByText('Your vote: B is better. It is on its way.').waitFor();
	worker.send({type: 'voted', job: vote.job, ok: true, message: '', names: ['Red one', '<i>Blue</i>']});
	await card.locator('[data-vote=sent]').getByText('Your vote: B is better').waitFor();
	assert.deepEqual(await card.locator('.side .label').allTextContents(), ['A Red one', 'B <i>Blue</i>']);
	assert.equal(await votes.count(), 0, 'it cannot be cast twice');
	assert.equal(await card.locator('.side[data-won=true]').count(), 1);
	await worker.close();
	await studio.close();
});

shared.test('a vote that fails says why, and may be cast again; a late one is told by an event', async stack => {
	const {worker, studio, made, card, votes} = await battle(stack);
	await votes.getByRole('button', {name: 'A tie'}).click();
	const first = await worker.next('vote');
	worker.send({type: 'voted', job: first.job, ok: false, message: 'The round is over.', names: []});
	await card.locator('[data-vote=failed]').getByText('The vote did not go through. The round is over.').waitFor();

	// cast on another device: this one hears of it
	const answer = apiOf(stack).post(`/v1/videos/${made.id}/vote`, {json: {winner: 'a'}});
	const second = await worker.next('vote');
	worker.send({type: 'voted', job: second.job, ok: true, message: '', names: ['One', 'Two']});
	await answer;
	await card.locator('[data-vote=sent]').getByText('Your vote: A is better').waitFor();
	assert.deepEqual(await card.locator('.side .label').allTextContents(), ['A One', 'B Two']);
	await worker.close();
	await studio.close();
});

shared.test('on a phone the two fit, wide ones above each other', async stack => {
	const {worker, studio, card} = await battle(stack, undefined, {viewport: {width: 360, height: 760}});
	const [first, second] = await Promise.all([0, 1].map(i => card.locator('.side').nth(i).boundingBox()));
	assert.ok(first.y + first.height <= second.y + 1, 'above each other');
	assert.ok(first.x >= 0 && first.x + first.width <= 360, 'they fit');
	await worker.close();
	await studio.close();
});
