/*
 * The userscript when things go wrong: at the site, in the browser, at home.
 */
import assert from 'node:assert/strict';

import {assertOnce, BATTLE, NO_PACE, onArena, paired, running, scriptFor} from '../lib/arena.mjs';
import {panelOf} from '../lib/panel.mjs';
import {openBrowser} from '../lib/tabs.mjs';
import {until} from '../lib/wait.mjs';

onArena('kill -9 of everything in the middle', {knobs: {hold: true}}, async ({site, stack, tab, api}) => {
	await api.offered('arena-battle');
	const {id} = await api.create(BATTLE);
	await running(site);
	await stack.crash();
	await tab.panel.is('s_offline');
	await stack.start();
	await tab.panel.connected();
	site.knobs.hold = false;
	await api.wait(id, 'completed');
	assertOnce(site);
});

onArena('the browser is gone in the middle, and comes back', {knobs: {hold: true}, worker: false},
	async ({site, browser, api}) => {
		await browser.worker();
		await api.offered('arena-battle');
		const {id} = await api.create(BATTLE);
		await running(site);
		await browser.restart();
		site.knobs.hold = false;
		await browser.worker();
		await api.wait(id, 'completed');
		assertOnce(site);
	});

for (const knobs of [{ending: 'early', durationMs: 800}, {ending: 'cut', resume: 'missing', durationMs: 800}, {videoFrame: 'none'},
	{clockSkewMs: 900_000, piece: 7, text: 'Grüße 🌋', noise: ['az:{"new":"🌋"}', 'a2:[{"type":"mystery"}]', 'something else']},
	{first: 'b'}, {login: 'expired'}, {login: 'visitor'}])
	onArena(`a video all the same: ${JSON.stringify(knobs)}`, {knobs}, async ({site, api}) => {
		await api.offered('arena-battle');
		const {id} = await api.create(BATTLE);
		assert.equal((await api.wait(id, 'completed')).outputs.length, 2);
		assert.equal(site.seen.evaluations.filter(each => each.status === 200).length, 1);
	});

onArena('one side fails: the other is the result', {knobs: {outcome: 'only_a'}}, async ({api}) => {
	await api.offered('arena-battle');
	const {id} = await api.create(BATTLE);
	assert.equal((await api.wait(id, 'completed')).outputs.length, 1);
});

onArena('moderation ends the job, as such', {knobs: {refuse: {create: ['prompt_failed']}}}, async ({site, api}) => {
	await api.offered('arena-battle');
	const {id} = await api.create(BATTLE);
	assert.equal((await api.wait(id, 'failed')).error.code, 'content_policy');
	assertOnce(site);
});

onArena('a short limit: the job goes on by itself when it is over, and no try is used up',
	{knobs: {refuse: {create: ['retry_after_short']}}}, async ({site, api}) => {
		await api.offered('arena-battle');
		const {id} = await api.create(BATTLE);
		const job = await api.wait(id, 'completed');
		assert.equal(job.attempts, 1);
		const [first, second] = site.seen.evaluations.map(each => each.at);
		assert.ok(second - first >= 2000, `asked again after ${second - first} ms`);
	});

onArena('a refused verification: a long pause that a reload does not end, and that a run by hand does',
	{knobs: {verification: true}}, async ({site, tab, api}) => {
		await api.offered('arena-battle');
		const {id} = await api.create(BATTLE);
		await until('the panel to tell', async () => /s_attention|s_cooling_down/.test(await tab.panel.status()));
		assertOnce(site);
		await tab.page.reload();
		await until('the panel to tell it again', async () => /s_attention|s_cooling_down/.test(await tab.panel.status()));
		assert.deepEqual([(await api.video(id)).status, (await api.video(id)).attempts], ['queued', 0]);
		assertOnce(site);
		await tab.page.fill('#prompt', 'by hand');
		await tab.page.click('#send');
		await tab.page.frameLocator('iframe[title=reCAPTCHA]').locator('#box').click();
		await api.wait(id, 'completed');
	});

onArena('20 jobs over 3 browsers', {timeout: 480_000}, async ({site, stack, api}) => {
	const more = [];
	try {
		for (let i = 0; i < 2; i++) {
			const browser = await openBrowser({site, script: scriptFor(stack), values: {...NO_PACE, ...paired(stack)}});
			more.push(browser);
			const tab = await browser.open();
			await panelOf(tab.page).connected();
		}
		await api.offered('arena-battle');
		const jobs = await Promise.all(Array.from({length: 20}, (_, i) => api.create({...BATTLE, prompt: `job ${i}`})));
		const done = await Promise.all(jobs.map(({id}) => api.wait(id, 'completed', 60_000)));
		assert.deepEqual(done.map(each => each.outputs.length), Array(20).fill(2));
		assert.deepEqual(site.seen.evaluations.map(each => each.prompt).sort(), done.map(each => each.prompt).sort());
	} finally {
		for (const browser of more)
			await browser.close();
	}
});
