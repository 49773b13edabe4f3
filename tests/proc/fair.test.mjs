/*
 * Who is next: owners take turns, workers work side by side, slots and limits are honoured.
 */
import assert from 'node:assert/strict';

import {onStack} from '../lib/stack.mjs';
import {apiOf, newKey} from '../lib/api.mjs';
import {tinyMp4} from '../lib/media.mjs';
import {pause, until} from '../lib/wait.mjs';
import {connectWorker, model, steadyWorker} from '../lib/worker.mjs';

const mp4 = tinyMp4();

/* Finds the model known although no worker is ready for it. */
async function announced(stack, id) {
	const worker = await connectWorker(stack, {models: [model(id)], ready: 0});
	await apiOf(stack).offered(id);
	return worker;
}

onStack('a key with 200 queued jobs does not starve another one', {sandbox: false}, async (stack, t) => {
	const greedy = apiOf(stack);
	const modest = apiOf(stack, await newKey(stack, 'modest'));
	const worker = await announced(stack, 'toy');
	const many = await Promise.all(Array.from({length: 200}, () => greedy.create({model: 'toy'})));
	const one = await modest.create({model: 'toy'});
	const two = await modest.create({model: 'toy'});

	const order = [];
	worker.ready(1);
	while (!order.includes(two.id)) {
		const job = await worker.next('job');
		order.push(job.job);
		worker.accept(job);
		await worker.finish(job, mp4);
		worker.ready(1);
	}
	t.diagnostic(`places of the other key's jobs: ${order.indexOf(one.id) + 1} and ${order.indexOf(two.id) + 1}`);
	assert.ok(order.indexOf(one.id) <= 1, `the first one was number ${order.indexOf(one.id) + 1}`);
	assert.ok(order.indexOf(two.id) <= 3, `the second one was number ${order.indexOf(two.id) + 1}`);
	const mine = order.filter(id => many.some(job => job.id === id));
	const byAge = many.map(job => job.id).sort();
	assert.deepEqual(mine, byAge.slice(0, mine.length), 'within a key the oldest goes first');
	await worker.close();
});

onStack('a worker gets as many jobs as it has slots, and no more', {sandbox: false}, async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [model('toy')], slots: 3});
	await api.offered('toy');
	for (let i = 0; i < 6; i++)
		await api.create({model: 'toy'});
	const jobs = [await worker.next('job'), await worker.next('job'), await worker.next('job')];
	jobs.forEach(worker.accept);
	/* More than the slow poll of a bridge: nothing else may come. */
	await pause(2500);
	assert.equal(worker.frames.filter(frame => frame.type === 'job').length, 3);
	assert.equal((await api.list()).filter(job => job.status === 'in_progress').length, 3);
	await worker.finish(jobs[1], mp4);
	worker.ready(1);
	const fourth = await worker.next('job');
	assert.ok(!jobs.some(job => job.job === fourth.job));
	await worker.close();
});

onStack('several workers share the work, and each gets only what it can do', {sandbox: false}, async (stack, t) => {
	const api = apiOf(stack);
	let go;
	const gate = new Promise(resolve => go = resolve);
	const make = () => gate.then(() => mp4);
	const workers = [
		steadyWorker(stack, {models: [model('red')], slots: 2, make}),
		steadyWorker(stack, {models: [model('red'), model('blue')], slots: 2, make}),
		steadyWorker(stack, {models: [model('blue')], slots: 2, make}),
	];
	try {
		await api.offered('red');
		await api.offered('blue');
		const jobs = await Promise.all(Array.from({length: 40}, (_, i) => api.create({model: i % 2 ? 'red' : 'blue'})));
		await until('all slots to be in use', () => workers.every(worker => worker.held.size === 2));
		go();
		for (const {id} of jobs)
			assert.equal((await api.wait(id)).status, 'completed');
		/* The answer to the last result may still be on its way to the worker. */
		await until('every worker to hear of its results', () =>
			workers.reduce((sum, worker) => sum + worker.ended.length, 0) === 40);
		const modelOf = new Map(jobs.map(job => [job.id, job.model]));
		const done = workers.map(worker => worker.ended.map(({job}) => modelOf.get(job)));
		t.diagnostic(`jobs done by each: ${done.map(each => each.length).join(', ')}`);
		assert.deepEqual([...new Set(done[0])], ['red']);
		assert.deepEqual([...new Set(done[2])], ['blue']);
		assert.equal(done.flat().length, 40);
		for (const worker of workers)
			assert.equal(worker.most, 2, 'no more than its slots');
	} finally {
		await Promise.all(workers.map(worker => worker.stop()));
	}
});

onStack('a key has no more running jobs than it may; others go past it', {
	sandbox: false, env: {ARENA_MAX_RUNNING: '2'},
}, async stack => {
	const owner = apiOf(stack);
	const limited = apiOf(stack, await newKey(stack, 'limited'));
	const worker = await connectWorker(stack, {models: [model('toy')], slots: 8});
	await owner.offered('toy');
	for (let i = 0; i < 5; i++)
		await limited.create({model: 'toy'});
	const first = [await worker.next('job'), await worker.next('job')];
	first.forEach(worker.accept);
	const own = await owner.create({model: 'toy'});
	assert.equal((await worker.next('job')).job, own.id, 'the owner\'s job goes past the waiting ones');
	await pause(2500);
	assert.equal(worker.frames.filter(frame => frame.type === 'job').length, 3);
	await worker.finish(first[0], mp4);
	await worker.next('job'); // one is over: the next one of this key may run
	await worker.close();
});
