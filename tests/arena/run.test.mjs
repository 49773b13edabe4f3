/*
 * A video from the API to the store, by the userscript in a tab of the stand-in site.
 */
import assert from 'node:assert/strict';

import {formOf} from '../lib/api.mjs';
import {assertOnce, BATTLE, bridgeFigures, onArena, running} from '../lib/arena.mjs';
import {assertVideo, png} from '../lib/media.mjs';
import {until} from '../lib/wait.mjs';

for (const inject of ['manager', 'plain'])
	onArena(`a prompt becomes two videos; the script comes by ${inject}`, {browser: {inject}}, async ({site, stack, tab, api}) => {
		assert.equal(await tab.panel.transport(), 'websocket');
		await api.offered('arena-battle');
		const {id} = await api.create({...BATTLE, prompt: 'a boat at dusk'});
		const job = await api.wait(id, 'completed');
		assert.equal(job.outputs.length, 2);
		assertVideo(await api.content(id), {width: 320, height: 180, seconds: 1});
		const {fetches_total: fetched, upload_bytes_total: uploaded} = await bridgeFigures(stack);
		assert.deepEqual([fetched, uploaded], [2, 0], 'the bridge fetches them by their links');
		assert.deepEqual(site.seen.evaluations.map(each => [each.prompt, each.mode, each.status]),
			[['a boat at dusk', 'battle', 200]]);
		assert.deepEqual(site.seen.tokens.map(each => [each.uses, each.refused]), [[1, undefined]]);
	});

onArena('an image goes along', {}, async ({site, api}) => {
	await api.offered('arena-battle');
	const {id} = await api.good(api.post('/v1/videos', {form: formOf({model: 'arena-battle', prompt: 'it moves'}, png(256, 256))}));
	await api.wait(id, 'completed');
	const [{name, contentType}] = site.seen.evaluations[0].body.userMessage.experimental_attachments;
	assert.match(contentType, /^image\//);
	assert.equal(site.seen.uploads[0].key, name);
});

onArena('links that the bridge may not fetch: the tab hands the bytes over', {knobs: {linkHost: 'closed'}}, async ({site, api}) => {
	await api.offered('arena-battle');
	const {id} = await api.create(BATTLE);
	assert.equal((await api.wait(id, 'completed')).outputs.length, 2);
	assertVideo(await api.content(id), {width: 320, height: 180, seconds: 1});
	assertOnce(site);
});

onArena('a reload in the middle', {knobs: {hold: true}}, async ({site, tab, api}) => {
	await api.offered('arena-battle');
	const {id} = await api.create(BATTLE);
	await running(site);
	await tab.page.reload();
	await tab.panel.connected();
	site.knobs.hold = false;
	await api.wait(id, 'completed');
	assertOnce(site);
});

for (const slow of [{startMs: 3000}, {delayMs: 1500}])
	onArena(`a reload before the site has begun: ${JSON.stringify(slow)}`, {knobs: {...slow, loseIfLeft: false}}, async ({site, tab, api}) => {
		await api.offered('arena-battle');
		const {id} = await api.create(BATTLE);
		await until('the site to be asked', () => site.seen.requests.some(each => each.path.endsWith('/create-evaluation')));
		await tab.page.reload();
		await api.wait(id, 'completed');
		assertOnce(site);
	});

onArena('kill -9 of the bridge in the middle', {knobs: {hold: true}}, async ({site, stack, api}) => {
	await api.offered('arena-battle');
	const {id} = await api.create(BATTLE);
	await running(site);
	await stack.restarted('bridge', stack.kill('bridge'));
	site.knobs.hold = false;
	await api.wait(id, 'completed');
	assertOnce(site);
});

onArena('cancel stops the run at the site', {knobs: {hold: true}}, async ({site, api}) => {
	await api.offered('arena-battle');
	const {id} = await api.create(BATTLE);
	await running(site);
	await api.cancel(id);
	await until('the site to be told', () => new Set(site.seen.stops.map(each => each.messageId)).size === 2);
	await api.wait(id, 'cancelled');
	assertOnce(site);
});

onArena('Cloudflare in between: a human is called, and then it goes on', {}, async ({site, tab, api}) => {
	await api.offered('arena-battle');
	site.knobs.refuse = {create: ['cloudflare_challenge']};
	const {id} = await api.create(BATTLE);
	await tab.panel.is('s_attention');
	assert.match(await tab.page.title(), /^⚠/);
	await tab.page.reload();
	await api.wait(id, 'completed');
	assert.equal((await api.video(id)).attempts, 1);
});

onArena('words that the site refuses fail the job in the site\'s words', {knobs: {refuse: {create: ['invalid_content']}}},
	async ({site, api}) => {
		await api.offered('arena-battle');
		const {id} = await api.create(BATTLE);
		assert.match((await api.wait(id, 'failed')).error.message, /Invalid content/);
		assertOnce(site);
	});
