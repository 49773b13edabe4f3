/*
 * Who was promised what: every job that was answered with 2xx, and what became of it. For tests that
 * kill things.
 */
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';

import {OVER} from './api.mjs';
import {noteOf, probe} from './media.mjs';
import {pause} from './wait.mjs';

/** What the steady workers of these tests make: a file that names its job and its try. */
export const noteFor = job => `${job.job} ${job.lease}`;

/**
 * A job made by a client that does not give up: the same Idempotency-Key until there is an answer.
 * counts[kind] counts what went wrong on the way.
 */
export async function createStubbornly(api, fields, counts = {}, ms = 30_000) {
	const key = randomUUID();
	const deadline = Date.now() + ms;
	const count = kind => counts[kind] = (counts[kind] ?? 0) + 1;
	for (let wait = 20; ; wait = Math.min(wait * 2, 500)) {
		try {
			const answer = await api.post('/v1/videos', {json: {prompt: 'durable', seconds: '1', size: '128x128', ...fields},
				headers: {'idempotency-key': key}, signal: AbortSignal.timeout(10_000)});
			if (answer.status === 200)
				return answer.body;
			count(`HTTP ${answer.status}`);
			assert.ok(answer.status >= 500 || answer.status === 429,
				`only 5xx and 429 may come while things are killed: ${answer.status} ${answer.bytes}`);
		} catch (error) {
			if (error.code === 'ERR_ASSERTION')
				throw error;
			count(error.cause?.code ?? error.name);
		}
		assert.ok(Date.now() < deadline, `no answer within ${ms} ms: ${JSON.stringify(counts)}`);
		await pause(wait);
	}
}

/** Waits until all jobs of the key are over; throws with those that are not. */
export async function allOver(api, ids, ms) {
	const deadline = Date.now() + ms;
	for (;;) {
		let open = [];
		try {
			const jobs = new Map((await api.list()).map(job => [job.id, job]));
			const lost = ids.filter(id => !jobs.has(id));
			assert.deepEqual(lost, [], 'accepted jobs that are not there any more');
			open = [...jobs.values()].filter(job => !OVER.includes(job.status));
			if (open.length === 0)
				return jobs;
		} catch (error) {
			if (error.actual)
				throw error;
			open = [{id: 'unknown', status: error.message}];
		}
		if (Date.now() > deadline)
			throw new Error(`after ${ms} ms there are ${open.length} jobs left: ${
				JSON.stringify(open.slice(0, 5).map(({id, status, attempts, worker, stage}) => ({id, status, attempts, worker, stage})))}`);
		await pause(100);
	}
}

/**
 * Checks every accepted job: over, at most three tries, and when it is completed a file that plays,
 * which is the job's own. Answers counts by status.
 */
export async function settle(api, ids, {ms = 60_000, scripted = true} = {}) {
	const jobs = await allOver(api, ids, ms);
	assert.equal(new Set(ids).size, ids.length, 'ids are unique');
	assert.equal(jobs.size, ids.length, 'there are as many jobs as were accepted: none was made twice');
	const counts = {};
	for (const id of ids) {
		const job = jobs.get(id);
		counts[job.status] = (counts[job.status] ?? 0) + 1;
		assert.ok(job.attempts <= 3, `${id} was tried ${job.attempts} times`);
		if (job.status !== 'completed')
			continue;
		const bytes = await api.content(id);
		if (scripted)
			assert.equal(noteOf(bytes).split(' ')[0], id, 'the file is the job\'s own');
	}
	const sample = ids.find(id => jobs.get(id).status === 'completed');
	if (sample)
		assert.equal(probe(await api.content(sample)).complaints, '');
	return {jobs, counts};
}
