/*
 * From the page to the site and back: who asks at /video-chat, and a tab of the same person makes it.
 */
import assert from 'node:assert/strict';

import {onArena} from '../lib/arena.mjs';
import {openStudio} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

onArena('a battle asked for on the page: two videos that play, a vote, and the names', {}, async ({site, stack, api}) => {
	await api.offered('arena-battle');
	const studio = await openStudio(stack, {model: 'arena-battle'});
	await studio.ask('A paper boat <i>at night</i>');
	const turn = studio.turn('A paper boat <i>at night</i>');
	await studio.inState(turn, 'completed');
	assert.equal(await turn.locator('.side').count(), 2);
	await turn.getByRole('button', {name: 'Play'}).first().click();
	await until('both to play', () => turn.locator('video').evaluateAll(all => all.length === 2 && all.every(each => each.currentTime > 0)));
	assert.equal(site.seen.evaluations.length, 1, 'the site was asked once');

	const [{id}] = await api.list();
	await turn.getByRole('button', {name: 'B is better'}).click();
	const names = await until('the names', async () => {
		const {outputs} = await api.video(id);
		return outputs.every(each => each.model_name) && outputs.map(each => each.model_name);
	});
	for (const name of names)
		await turn.locator('.side').filter({hasText: name}).waitFor();
	assert.deepEqual(site.seen.votes.map(each => each.value), ['model_b']);
	await studio.close();
});

onArena('a site that wants a human: the page says so, with the way there, and goes on by itself',
	{knobs: {login: 'out'}, worker: false, timeout: 180_000}, async ({site, stack, browser, api}) => {
		const studio = await openStudio(stack);
		await browser.worker();
		const notice = studio.page.locator('.notices').getByRole('link');
		await notice.waitFor();
		assert.match(await notice.getAttribute('href'), /^https:\/\//);
		assert.match(await studio.page.title(), /^⚠/);
		site.knobs.login = 'in';
		await notice.waitFor({state: 'hidden', timeout: 60_000}); // it looks again after a while
		await api.offered('arena-battle');
		await studio.close();
	});
