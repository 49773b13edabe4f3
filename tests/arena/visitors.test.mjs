/*
 * Visitors without a login: let in as the page does it, and again when that failed in passing.
 */
import assert from 'node:assert/strict';

import {BATTLE, onArena} from '../lib/arena.mjs';
import {until} from '../lib/wait.mjs';

const wantedLogin = api => until('the worker to want a login', async () =>
	(await api.good(api.get('/v1/workers'))).data[0]?.attention?.reason === 'login', {ms: 40_000});

onArena('the page\'s widget comes very late: the visitor is let in then', {knobs: {login: 'visitor', holdWidgets: true},
	worker: false}, async ({site, browser, api}) => {
	const opened = browser.worker();
	await wantedLogin(api);
	assert.equal(site.seen.signUps.length, 0);
	site.knobs.holdWidgets = false;
	await opened;
	await api.offered('arena-battle');
	const {id} = await api.create(BATTLE);
	await api.wait(id, 'completed', 45_000);
	assert.equal(site.seen.signUps.length, 1);
});

onArena('the site is out of order as a visitor comes: the visitor is let in later', {
	knobs: {login: 'visitor', refuse: {signUp: ['unavailable']}},
}, async ({site, tab, api}) => {
	await tab.panel.is('s_attention');
	await api.offered('arena-battle');
	const {id} = await api.create(BATTLE);
	await api.wait(id, 'completed', 45_000);
	assert.equal(site.seen.signUps.length, 1);
});

onArena('a visitor whom the site refuses: no second try, not by a reload either', {
	knobs: {login: 'visitor', turnstileLifeMs: -1},
}, async ({site, tab, api}) => {
	await tab.panel.is('s_attention');
	await tab.page.reload();
	await tab.panel.is('s_attention');
	assert.equal(site.seen.signUps.length, 1);
	await tab.page.click('#login');
	await api.offered('arena-battle');
	const {id} = await api.create(BATTLE);
	await api.wait(id, 'completed', 45_000);
	assert.equal(site.seen.signUps.length, 1);
});

onArena('a visitor whose session ends is let in again, and the job waits untried', {knobs: {login: 'visitor'}},
	async ({site, tab, api}) => {
		await tab.panel.is('s_ready');
		await api.offered('arena-battle');
		site.knobs.login = 'visitor';
		const {id} = await api.create(BATTLE);
		await wantedLogin(api);
		assert.equal((await api.wait(id, 'completed', 45_000)).attempts, 1);
		assert.equal(site.seen.signUps.length, 2);
	});

onArena('the page\'s widget wants to see a human: called, shown to them, and on by itself', {
	knobs: {login: 'visitor', turnstile: 'interactive'}, worker: false,
}, async ({site, browser, api}) => {
	const {page, panel} = await browser.look();
	await panel.is('s_attention', 30_000);
	await panel.says(/Answer what the page asks/);
	assert.match(await page.title(), /^⚠ You are needed/);
	const worker = await until('the worker to say so', async () =>
		(await api.good(api.get('/v1/workers'))).data.find(each => each.attention));
	assert.deepEqual([worker.attention.reason, worker.attention.url], ['challenge', page.url()]);
	const {id} = await api.create(BATTLE);
	assert.deepEqual([site.seen.signUps.length, site.seen.evaluations.length], [0, 0]);
	await page.frameLocator('iframe[title*="Cloudflare security challenge"]').locator('#box').click();
	await api.wait(id, 'completed', 45_000);
	assert.equal(site.seen.signUps.length, 1);
	assert.equal((await api.video(id)).attempts, 1);
	assert.doesNotMatch(await page.title(), /⚠/);
});
