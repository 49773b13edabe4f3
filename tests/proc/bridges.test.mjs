/*
 * Several bridges behind several gateways: a worker is served by whichever gateway it reaches, over
 * plain HTTP with each request by another one, and outlives the bridge that it was connected to.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import {apiOf} from '../lib/api.mjs';
import {gatewayBeside, startBeside} from '../lib/beside.mjs';
import {noteOf, tinyMp4} from '../lib/media.mjs';
import {freePort, sharedStack} from '../lib/stack.mjs';
import {until} from '../lib/wait.mjs';
import {connectWorker, model, steadyWorker} from '../lib/worker.mjs';

const shared = sharedStack({sandbox: false, env: {ARENA_LEASE: '30s'}});

/** {bridge, one, other}: the second bridge; two gateways that know both bridges. */
let two;
const withTwo = (name, fn) => shared.test(name, async stack => fn(stack, await (two ??= startTwo(stack))));

async function startTwo(stack) {
	const settings = fs.readFileSync(path.join(stack.data, 'run/env'), 'utf8');
	const [url, addr] = ['URL', 'ADDR'].map(each => new RegExp(`ARENA_BRIDGE_${each}=(\\S+)`).exec(settings)[1]);
	const second = {url: `tcp://127.0.0.1:${await freePort()}`, addr: `127.0.0.1:${await freePort()}`};
	return {
		bridge: await startBeside(stack, 'bridge', {ARENA_BRIDGE_URL: second.url, ARENA_BRIDGE_ADDR: second.addr}),
		one: await gatewayBeside(stack, {ARENA_BRIDGE_URL: `${url},${second.url}`, ARENA_BRIDGE_ADDR: `${addr},${second.addr}`}),
		other: await gatewayBeside(stack, {ARENA_BRIDGE_URL: `${second.url},${url}`, ARENA_BRIDGE_ADDR: `${second.addr},${addr}`}),
	};
}

const bridgeOf = worker => worker.connection.welcome.bridge;

async function post({url, workerKey}, where, body) {
	const answer = await fetch(`${url}/worker/${where}`,
		{method: 'POST', headers: {authorization: `Bearer ${workerKey}`}, body});
	return {status: answer.status, body: await answer.json()};
}

/** Workers, until both bridges have some; each with a model of its own. */
async function workersOnBoth(name, connect) {
	const workers = [];
	const bridges = () => new Set(workers.map(bridgeOf));
	while (workers.length < 4 || bridges().size < 2) {
		assert.ok(workers.length < 20, 'both bridges get workers');
		workers.push(await connect(`${name}-${workers.length}`));
	}
	return workers;
}

withTwo('polls, pushes and uploads find the bridge of their session through either gateway', async (stack, {one, other}) => {
	const workers = await workersOnBoth('either', async id => {
		const connection = await connectWorker(one, {models: [model(id)], transport: 'http'});
		return {id, connection};
	});
	const api = apiOf(stack);
	for (const {id, connection} of workers) {
		const made = await until('the model to be known', () => api.create({model: id}));
		const job = await connection.next('job');
		const {session} = connection.socket;
		const video = tinyMp4(id);
		connection.accept(job);
		connection.send({type: 'upload', job: job.job, lease: job.lease, upload: 'u', size: video.length, mime: 'video/mp4'});
		await connection.next('upload_go');
		const part = await post(other, `upload?session=${session}&upload=u&offset=0`, video);
		assert.deepEqual(part, {status: 200, body: {offset: video.length}});
		connection.send({type: 'upload_end', job: job.job, upload: 'u', size: video.length});
		await connection.next('uploaded');
		connection.result(job, [{upload: 'u'}]);
		assert.equal((await connection.answered(job)).status, 'completed');
		assert.equal(noteOf(await api.content(made.id)), id);
	}
	const closed = await Promise.all(workers.map(each => post(other, `close?session=${each.connection.socket.session}`)));
	assert.deepEqual(closed.map(each => each.status), workers.map(() => 200));
	await Promise.all(workers.map(each => each.connection.over));
});

withTwo('a session that no bridge has is told without a wait, whatever its id', async (stack, {one}) => {
	const {body: {poll_ms}} = await post(one, 'open');
	for (const session of ['s-0123456789abcdef-0123456789abcdef', 's-0123456789abcdef', 'nonsense', '']) {
		const begun = Date.now();
		const {status, body} = await post(one, `poll?session=${session}&ack=0`);
		assert.deepEqual([session, status, body.error.code], [session, 404, 'unknown_session']);
		assert.ok(Date.now() - begun < poll_ms, `"${session}" was polled for ${Date.now() - begun} ms`);
	}
});

withTwo('figures of both bridges are told, each with its own label', async (stack, {one}) => {
	const text = await (await fetch(`${one.url}/metrics`)).text();
	const labels = [...text.matchAll(/^arena_bridge_workers\{bridge="([^"]+)"\} /gm)].map(each => each[1]);
	assert.equal(new Set(labels).size, 2, text);
	assert.ok(labels.every(each => each.startsWith('tcp://')));
	assert.equal(text.match(/^# TYPE arena_bridge_workers gauge$/gm).length, 1);
	assert.match(await (await fetch(`${stack.url}/metrics`)).text(), /^arena_bridge_workers \d+$/m, 'one alone needs none');
});

withTwo('one of two bridges is killed for good: all workers go on at the other, and no try is lost', async (stack, {bridge, one}) => {
	let go;
	const gate = new Promise(resolve => go = resolve);
	const start = transport => async id => {
		const worker = steadyWorker(one, {models: [model(id)], name: id, transport, make: () => gate.then(() => tinyMp4(id))});
		await worker.connected();
		return Object.assign(worker, {model: id});
	};
	const workers = [...await workersOnBoth('requests', start('http')), ...await workersOnBoth('socket', start('websocket'))];
	const api = apiOf(stack);
	const jobs = await Promise.all(workers.map(each => until('the model to be known', () => api.create({model: each.model}))));
	await Promise.all(jobs.map(each => api.wait(each.id, 'in_progress')));
	bridge.kill();
	await bridge.ended;
	await until('all workers to be at the bridge that is left', () =>
		workers.every(each => !each.connection.closed) && new Set(workers.map(bridgeOf)).size === 1);
	go();
	for (const [i, {id}] of jobs.entries()) {
		const job = await api.wait(id, 'completed');
		assert.equal(job.attempts, 1, 'it was resumed, not made again');
		assert.equal(noteOf(await api.content(id)), workers[i].model);
	}
	await Promise.all(workers.map(each => each.stop()));
});
