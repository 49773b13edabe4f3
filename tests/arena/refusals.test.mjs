/*
 * What the site refuses, from the request to our API to what its sender and the person at the tab see.
 */
import assert from 'node:assert/strict';

import {formOf} from '../lib/api.mjs';
import {assertOnce, BATTLE, onArena} from '../lib/arena.mjs';
import {png} from '../lib/media.mjs';
import {until} from '../lib/wait.mjs';

onArena('the gate for visitors: a person is called in the site\'s words, the job waits untried, and goes on by itself',
	{knobs: {login: 'guest', loginGate: true}, timeout: 240_000}, async ({site, tab, api}) => {
		await tab.panel.is('s_ready');
		await api.offered('arena-battle');
		const {id} = await api.create(BATTLE);
		await tab.panel.is('s_attention');
		await tab.panel.says(/Log in on this site/);
		await tab.panel.says(/Please log in to continue/);
		assert.match(await tab.page.title(), /^⚠ You are needed/);
		const job = await until('the job to be back', async () => {
			const now = await api.video(id);
			return now.status === 'queued' && now;
		});
		assert.deepEqual([job.attempts, job.stage, job.note], [0, 'login', 'Please log in to continue']);
		const [worker] = (await api.good(api.get('/v1/workers'))).data;
		assert.deepEqual([worker.state, worker.attention.reason, worker.attention.message],
			['attention', 'login', 'Please log in to continue']);
		assertOnce(site);
		assert.equal(site.seen.signUps.length, 0, 'nobody new comes in the visitor\'s place');
		site.knobs.login = 'in';
		assert.equal((await api.wait(id, 'completed', 45_000)).attempts, 1);
		await tab.panel.is('s_ready');
		assert.doesNotMatch(await tab.page.title(), /⚠/);
	});

/* The site's words, or ours where it has none for people. */
const TOO_LARGE = [
	[{refuse: {create: ['too_large']}}, /^Request Entity Too Large$/],
	[{refuse: {create: ['too_large_html']}}, /^The image is too large for the site\.$/],
	[{uploadMax: 100}, /^The image is too large for the site\.$/],
];

for (const [knobs, words] of TOO_LARGE)
	onArena(`too large for the site: ${JSON.stringify(knobs)}`, {knobs}, async ({site, tab, api}) => {
		await api.offered('arena-battle');
		const {id} = await api.good(api.post('/v1/videos',
			{form: formOf({model: 'arena-battle', prompt: 'it moves'}, png(256, 256))}));
		const {error, attempts} = await api.wait(id, 'failed');
		assert.match(error.message, words);
		assert.deepEqual([error.code, attempts], ['unsupported', 1]);
		assert.equal(site.seen.uploads.length, 1, 'the image was sent once');
		assert.ok(site.seen.evaluations.length <= 1, 'and asked for no more than once');
		await tab.panel.is('s_ready');
		await tab.panel.box.locator('summary').filter({hasText: 'Log'}).press('Enter');
		await tab.panel.box.locator('.log .error').filter({hasText: error.message}).waitFor();
	});
