/*
 * How fast it is, in figures that hold on a machine with nothing else to do.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';

import {apiOf} from '../lib/api.mjs';
import {listen} from '../lib/listen.mjs';
import {tinyMp4} from '../lib/media.mjs';
import {onStack, startStack} from '../lib/stack.mjs';
import {until} from '../lib/wait.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const mp4 = tinyMp4();

test('a second start takes under 5 seconds (2 are promised), and keeps key and jobs', {timeout: 180_000}, async t => {
	const stack = await startStack();
	try {
		const {key} = stack;
		await apiOf(stack).offered('sandbox');
		const made = await apiOf(stack).create({model: 'sandbox'});
		await stack.stop();
		await stack.start();
		t.diagnostic(`second start: ${stack.startMs} ms`);
		assert.ok(stack.startMs < 5000, `it took ${stack.startMs} ms`);
		assert.equal(stack.key, key, 'the key is the same');
		assert.equal((await apiOf(stack).video(made.id)).id, made.id);
	} finally {
		await stack.end();
	}
});

onStack('with a worker at hand a job begins within moments', {sandbox: false}, async (stack, t) => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [model('toy')], slots: 1});
	await api.offered('toy');
	const waits = [];
	for (let i = 0; i < 20; i++) {
		const made = await api.create({model: 'toy'});
		const answered = Date.now();
		const job = await worker.next('job');
		assert.equal(job.job, made.id);
		waits.push(job.at - answered);
		worker.accept(job);
		await worker.finish(job, mp4);
		worker.ready(1);
	}
	waits.sort((a, b) => a - b);
	t.diagnostic(`from the answer to the worker: median ${waits[10]} ms, worst ${waits[19]} ms`);
	assert.ok(waits[10] < 50, `median ${waits[10]} ms`);
	await until('all to be over', async () => (await api.list()).every(job => job.status === 'completed'));
	await worker.close();
});

onStack('a service that is killed runs again within a second', {}, async (stack, t) => {
	const api = apiOf(stack);
	for (const name of stack.services) {
		/* One that dies within its first second is given half a second of pause; not this time. */
		await until(`${name} to be a second old`, () =>
			Date.now() - fs.statSync(path.join(stack.data, 'run', `${name}.pid`)).mtimeMs > 1100);
		const killed = Date.now();
		await stack.restarted(name, stack.kill(name));
		const took = Date.now() - killed;
		t.diagnostic(`${name}: started again after ${took} ms`);
		assert.ok(took < 1000, `${name} took ${took} ms`);
		await stack.ready();
	}
	assert.equal((await api.get('/v1/videos')).status, 200);
});

onStack('500 listeners of one job: all hear of its end, in one second', {sandbox: false}, async (stack, t) => {
	const api = apiOf(stack);
	const {id} = await api.create({model: 'sandbox'});
	const streams = [];
	while (streams.length < 500)
		streams.push(...await Promise.all(Array.from({length: 50}, (_, i) => listen(t, stack, i % 2 ? '/v1/events' : `/v1/videos/${id}/events`))));
	assert.ok(streams.every(each => each.status === 200));
	const begun = Date.now();
	await api.cancel(id);
	await until('all to have heard', () => streams.every(each => each.seen().includes('"status":"cancelled"')), {ms: 5000, every: 5});
	assert.ok(Date.now() - begun < 1000, `after ${Date.now() - begun} ms`);
	streams.forEach(each => each.close());
});
