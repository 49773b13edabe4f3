/*
 * kill -9, in the middle, of each service and of all at once: what was answered 2xx ends, once,
 * with one result.
 */
import assert from 'node:assert/strict';

import {onStack, SERVICES} from '../lib/stack.mjs';
import {apiOf} from '../lib/api.mjs';
import {createStubbornly, noteFor, settle} from '../lib/ledger.mjs';
import {tinyMp4} from '../lib/media.mjs';
import {pause, until} from '../lib/wait.mjs';
import {model, steadyWorker} from '../lib/worker.mjs';

/* Quick work that is under way when something dies. */
const workersOf = (stack, n = 2) => Array.from({length: n}, (_, i) => steadyWorker(stack, {
	id: `steady-${i}`, slots: 2, models: [model('toy')],
	make: async job => {
		await pause(100 + Math.random() * 150);
		return tinyMp4(noteFor(job));
	},
}));

/* Jobs all the time, while fn runs; answers the accepted ids. */
async function whileJobsCome(api, counts, fn) {
	const ids = [];
	let over = false;
	const come = async () => {
		while (!over) {
			ids.push((await createStubbornly(api, {model: 'toy'}, counts)).id);
			await pause(100);
		}
	};
	const clients = [come(), come()];
	const done = Promise.all(clients);
	await Promise.race([fn(ids), done]); // a client only ends early by an error
	over = true;
	await done;
	return ids;
}

/* The promise, checked from the worker's side as well: no job is done twice. */
function assertOnce(workers, jobs) {
	const done = new Map();
	for (const {job, status} of workers.flatMap(worker => worker.ended))
		if (status === 'completed')
			done.set(job, (done.get(job) ?? 0) + 1);
	for (const [job, times] of done)
		assert.equal(times, 1, `${job} was completed ${times} times`);
	for (const worker of workers)
		assert.ok(worker.most <= 2, `${worker.id} had ${worker.most} jobs in 2 slots`);
	return jobs;
}

for (const name of SERVICES)
	onStack(`kill -9 of ${name}, three times, loses no job and doubles none`, {sandbox: false}, async (stack, t) => {
		const api = apiOf(stack);
		const workers = workersOf(stack);
		const counts = {};
		try {
			await api.offered('toy');
			const ids = await whileJobsCome(api, counts, async accepted => {
				for (let round = 1; round <= 3; round++) {
					const before = accepted.length;
					await until('jobs to be accepted and running', () => accepted.length >= before + 3 &&
						workers.some(worker => worker.held.size > 0));
					await stack.restarted(name, stack.kill(name));
					await stack.ready();
				}
			});
			const result = await settle(api, ids);
			t.diagnostic(`${ids.length} accepted, ${JSON.stringify(result.counts)}; on the way: ${JSON.stringify(counts)}`);
			assert.equal(result.counts.completed, ids.length);
			assertOnce(workers, result.jobs);
		} catch (error) {
			error.message += `\ntroubles: ${workers.flatMap(worker => worker.troubles).join('\n')}`;
			throw error;
		} finally {
			await Promise.all(workers.map(worker => worker.stop()));
		}
	});

onStack('kill -9 of everything at once, and a new start, loses no job and doubles none', {sandbox: false}, async (stack, t) => {
	const api = apiOf(stack);
	const workers = workersOf(stack);
	const counts = {};
	try {
		await api.offered('toy');
		const ids = await whileJobsCome(api, counts, async accepted => {
			for (let round = 1; round <= 3; round++) {
				const before = accepted.length;
				await until('jobs to be accepted', () => accepted.length >= before + 3);
				await stack.crash();
				await stack.start();
			}
		});
		const result = await settle(api, ids);
		t.diagnostic(`${ids.length} accepted, ${JSON.stringify(result.counts)}; on the way: ${JSON.stringify(counts)}`);
		assert.equal(result.counts.completed, ids.length);
		assertOnce(workers, result.jobs);
	} finally {
		await Promise.all(workers.map(worker => worker.stop()));
	}
});

onStack('jobs that nobody has taken yet survive a crash, in their order', {sandbox: false}, async stack => {
	const api = apiOf(stack);
	const first = workersOf(stack, 1)[0];
	await api.offered('toy');
	await first.stop();
	const ids = [];
	for (let i = 0; i < 20; i++)
		ids.push((await createStubbornly(api, {model: 'toy'})).id);
	await stack.crash();
	await stack.start();
	assert.deepEqual((await api.list()).map(job => job.id), ids.toReversed?.() ?? [...ids].reverse());
	const order = [];
	const worker = steadyWorker(stack, {models: [model('toy')], make: job => {
		order.push(job.job);
		return tinyMp4(noteFor(job));
	}});
	try {
		const {counts} = await settle(api, ids);
		assert.deepEqual(counts, {completed: 20});
		assert.deepEqual(order, ids, 'oldest first');
	} finally {
		await worker.stop();
	}
});

onStack('the sandbox worker\'s jobs survive the death of each process, and of all', {timeout: 480_000}, async (stack, t) => {
	const api = apiOf(stack);
	const counts = {};
	await api.offered('sandbox');
	const ids = [];
	const create = async () => ids.push((await createStubbornly(api,
		{model: 'sandbox', prompt: `clip ${ids.length}`, size: '320x240', seconds: '3'}, counts)).id);
	for (const name of [...stack.services, 'everything']) {
		for (let i = 0; i < 3; i++)
			await create();
		await until('one to be running', async () => (await api.list()).some(job => job.status === 'in_progress'), {ms: 20_000});
		if (name === 'everything') {
			await stack.crash();
			await stack.start();
		} else {
			await stack.restarted(name, stack.kill(name));
			await stack.ready();
		}
	}
	const result = await settle(api, ids, {ms: 120_000, scripted: false});
	t.diagnostic(`${ids.length} accepted, ${JSON.stringify(result.counts)}; on the way: ${JSON.stringify(counts)}`);
	/* Each job meets the death of its worker at most twice: sandbox, everything. */
	assert.equal(result.counts.completed, ids.length);
});
