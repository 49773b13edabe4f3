/*
 * The userscript beside people: nothing without their leave, one tab of several, login, votes, models.
 */
import assert from 'node:assert/strict';

import {BATTLE, evaluations, onArena, running, settings} from '../lib/arena.mjs';

/* What the site's own page asks for, with or without us. */
const byPage = /^(GET \/(video|style\.css|favicon\.ico|_next\/.*|api\/me)|.* \/(recaptcha|turnstile|standin)\/.*)$/;

onArena('without leave nothing is asked of the site or of the server', {fresh: true, worker: false},
	async ({site, stack, browser, api}) => {
		const tab = await browser.look();
		assert.equal(await tab.panel.is('s_consent'), 's_consent');
		assert.match(await tab.panel.text(), /terms of use forbid automated access/);
		assert.match(await tab.panel.text(), /may publish prompts/);
		await tab.page.reload();
		await tab.panel.is('s_consent');
		const ours = site.seen.requests.map(each => `${each.method} ${each.path}`).filter(each => !byPage.test(each));
		assert.deepEqual(ours, []);
		assert.deepEqual((await api.good(api.get('/v1/models'))).data.filter(each => each.available), []);
		assert.doesNotMatch(stack.log('gateway'), /\/worker\/|\/ws/);
	});

onArena('two tabs: one works, the other stands by and takes over', {knobs: {hold: true}},
	async ({site, tab, browser, api}) => {
		const second = await browser.worker();
		await second.panel.is('s_standby');
		await api.offered('arena-battle');
		const {id} = await api.create(BATTLE);
		await evaluations(site, 1);
		await running(site);
		await tab.page.close();
		await second.panel.connected();
		site.knobs.hold = false;
		await api.wait(id, 'completed');
		assert.equal(site.seen.evaluations.length, 1);
	});

onArena('a login that is over: the human is called, the job waits untried', {}, async ({site, tab, api}) => {
	await api.offered('arena-battle');
	site.knobs.login = 'out';
	const {id} = await api.create(BATTLE);
	await tab.panel.is('s_attention');
	assert.match(await tab.panel.text(), /[Ll]og in/);
	assert.equal((await api.video(id)).attempts, 0);
	await tab.page.reload();
	await tab.page.click('#login');
	await api.wait(id, 'completed');
});

onArena('a vote reaches the site and reveals the names', {}, async ({site, api}) => {
	await api.offered('arena-battle');
	const {id} = await api.create(BATTLE);
	await api.wait(id, 'completed');
	const video = await api.good(api.post(`/v1/videos/${id}/vote`, {json: {winner: 'a'}}));
	assert.equal(video.vote.state, 'sent', JSON.stringify(video.vote));
	assert.deepEqual(video.outputs.map(each => each.model_name), ['pika-v2.2', 'veo-3']);
	assert.deepEqual(site.seen.votes.map(each => each.value), ['model_a']);
});

onArena('models that change are announced anew', {browser: {values: settings({direct: true})}}, async ({site, tab, api}) => {
	await api.offered('veo3');
	const catalogue = structuredClone(site.knobs.catalogue);
	Object.assign(catalogue[1].models.find(each => each.name === 'veo-3'),
		{name: 'newcomer-1', publicName: 'newcomer-1', displayName: 'newcomer-1'});
	site.knobs.catalogue = catalogue;
	await tab.page.reload();
	await api.offered('newcomer-1');
	assert.ok(!(await api.good(api.get('/v1/models'))).data.some(each => each.id === 'veo3' && each.available));
});

onArena('a chosen model: refused in the site\'s words, and used where the site allows it',
	{browser: {values: settings({direct: true})}}, async ({site, api}) => {
		await api.offered('veo3');
		const chosen = {...BATTLE, model: 'veo3'};
		const {id} = await api.create(chosen);
		assert.match((await api.wait(id, 'failed')).error.message, /'direct' mode is not allowed/);
		site.knobs.directAllowed = true;
		const job = await api.wait((await api.create(chosen)).id, 'completed');
		assert.equal(job.outputs.length, 1);
		assert.equal(site.seen.evaluations.at(-1).body.modelAId, site.knobs.catalogue[1].models[1].id);
	});

onArena('a hidden tab whose timers fire once in ten seconds', {worker: false}, async ({browser, api}) => {
	await browser.worker('/video', {hidden: 10_000});
	await api.offered('arena-battle');
	const {id} = await api.create(BATTLE);
	await api.wait(id, 'completed', 25_000);
});

onArena('pause and pace: no run before people and the pace say so', {
	browser: {values: settings({pace: {gapMs: 4000, most: 6, windowMs: 60_000}})},
}, async ({site, tab, api}) => {
	await api.offered('arena-battle');
	await tab.panel.pause();
	await tab.panel.is('s_paused');
	const jobs = [await api.create(BATTLE), await api.create(BATTLE)];
	await tab.panel.says(/wait at the server/);
	assert.equal(site.seen.evaluations.length, 0);
	await tab.panel.resume();
	for (const {id} of jobs)
		await api.wait(id, 'completed');
	const [first, second] = site.seen.evaluations.map(each => each.at);
	/* The pace counts from when the script begins; how long a token takes before the request is another matter. */
	assert.ok(second - first >= 3000, `${second - first} ms between two runs`);
});
