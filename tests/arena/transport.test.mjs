/*
 * How the tab talks with its server: by WebSocket where that is allowed, else by the manager's requests.
 */
import assert from 'node:assert/strict';

import {BATTLE, onArena} from '../lib/arena.mjs';
import {assertVideo, png} from '../lib/media.mjs';
import {formOf} from '../lib/api.mjs';
import {until} from '../lib/wait.mjs';

const WAYS = [
	['a strict policy', {knobs: {csp: 'strict'}}, 'http'],
	['permission denied', {browser: {lna: 'denied'}}, 'http'],
	['both', {knobs: {csp: 'strict'}, browser: {lna: 'denied'}}, 'http'],
	['a policy that names the server', {knobs: {csp: 'local'}}, 'websocket'],
];

for (const [name, options, transport] of WAYS)
	onArena(`${name}: by ${transport}`, options, async ({tab, api}) => {
		assert.equal(await tab.panel.transport(), transport);
		await api.offered('arena-battle');
		const {id} = await api.create(BATTLE);
		assert.equal((await api.wait(id, 'completed')).outputs.length, 2);
	});

onArena('denied, and allowed later: the WebSocket takes over by itself', {browser: {lna: 'denied'}}, async ({site, browser, tab, api}) => {
	assert.equal(await tab.panel.transport(), 'http');
	await browser.context.grantPermissions(['local-network-access'], {origin: site.origin});
	await tab.panel.says(/Connected by WebSocket/, 60_000);
	await api.offered('arena-battle');
	const {id} = await api.create({model: 'arena-battle', seconds: undefined, size: undefined});
	await api.wait(id, 'completed');
});

onArena('by requests: an image in, bytes out, a cancelled run, kill -9 of bridge and gateway', {knobs: {csp: 'strict', linkHost: 'closed'}},
	async ({site, stack, tab, api}) => {
		await api.offered('arena-battle');
		const make = async () => (await api.good(api.post('/v1/videos',
			{form: formOf({model: 'arena-battle', prompt: 'it moves'}, png(256, 256))}))).id;
		const first = await make();
		await api.wait(first, 'completed');
		assertVideo(await api.content(first), {width: 320, height: 180, seconds: 1});
		site.knobs.hold = true;
		const second = await make();
		await until('the run', () => [...site.runs.all.values()].at(-1).phase === 'running' && site.runs.all.size === 2);
		await stack.restarted('bridge', stack.kill('bridge'));
		await stack.restarted('gateway', stack.kill('gateway'));
		await tab.panel.connected();
		site.knobs.hold = false;
		await api.wait(second, 'completed');
		assert.equal(site.seen.evaluations.length, 2);
		site.knobs.hold = true;
		const third = await make();
		await until('the run', () => [...site.runs.all.values()].at(-1).phase === 'running' && site.runs.all.size === 3);
		await api.cancel(third);
		await until('the site to be told', () => new Set(site.seen.stops.map(each => each.messageId)).size === 2);
	});
