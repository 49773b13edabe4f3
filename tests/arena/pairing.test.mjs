/*
 * From the served script to a worker: leave, pairing code, revocation.
 */
import assert from 'node:assert/strict';

import {BATTLE, newCode, onArena, scriptFor, servedScript} from '../lib/arena.mjs';
import {until} from '../lib/wait.mjs';

const workers = async api => (await api.good(api.get('/v1/workers'))).data;

onArena('a new browser: agreed, a wrong code in words, the right one, a video; revoked, it says so', {fresh: true, worker: false},
	async ({stack, browser, api}) => {
		const tab = await browser.look();
		await tab.panel.agree();
		assert.equal(await tab.panel.pair('ABCD-2345'), 's_pairing');
		assert.match(await tab.panel.text(), /That code is not good/);
		await tab.panel.pair(await newCode(stack), 'my laptop');
		await tab.panel.connected();
		await api.offered('arena-battle');
		const {id} = await api.create(BATTLE);
		await api.wait(id, 'completed');
		const [worker] = await until('the worker to be listed', async () => (await workers(api)).filter(each => each.connected));
		assert.equal(worker.kind, 'browser');
		await api.good(api.call('DELETE', `/v1/workers/${worker.id}`));
		await tab.panel.says(/taken this browser.s access back/);
		await tab.page.reload();
		await tab.panel.is('s_pairing');
	});

onArena('the served script is ours, with the server\'s address and no secret', {browser: false}, async ({stack}) => {
	const text = await servedScript(stack);
	assert.doesNotMatch(text, /@@\w+@@/);
	assert.doesNotMatch(text, /\b(av|wk)_[A-Za-z0-9_-]{43}/);
	const code = each => each.slice(each.indexOf('==/UserScript==')).replace(/VERSION = "[^"]*"/, 'VERSION');
	assert.equal(code(text), code(scriptFor(stack)));
});
