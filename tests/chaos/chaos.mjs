/*
 * ./arena chaos [ROUNDS]: a steady load of small jobs and of nonsense, while a random service, or all
 * of them, is killed every few hundred milliseconds. Then it is counted what became of every job
 * that was answered 2xx: none may be lost, none doubled, each completed one has its own file.
 */
import {randomUUID} from 'node:crypto';

import {apiOf} from '../lib/api.mjs';
import {allOver, createStubbornly, noteFor} from '../lib/ledger.mjs';
import {noteOf, tinyMp4} from '../lib/media.mjs';
import {SERVICES, startStack} from '../lib/stack.mjs';
import {pause, until} from '../lib/wait.mjs';
import {model, steadyWorker} from '../lib/worker.mjs';

const CLIENTS = 3;
const WORKERS = 3;
const DRAIN_MS = 300_000;

const random = list => list[Math.floor(Math.random() * list.length)];

/* Asked for at the wrong moment or never right: any answer will do, but for a crash and for 2xx. */
const nonsense = [
	['POST', '/v1/videos', {json: '{"prompt": '}],
	['POST', '/v1/videos', {json: {model: 'toy'}}],
	['POST', '/v1/videos', {body: '--x\r\nfoo', headers: {'content-type': 'multipart/form-data; boundary=x'}}],
	['GET', '/v1/videos/nope', {}],
	['DELETE', '/v1/videos', {}],
	['GET', '/nowhere', {}],
];

/* What is made by quick workers, some of whose tries fail, are given back, or take long. */
async function make(job) {
	await pause(20 + Math.random() * 80);
	const dice = Math.random();
	if (dice < 0.03)
		return {fail: 'moody', retryable: true};
	if (dice < 0.06)
		return {release: 'cooling_down', not_before: Date.now() + 100};
	return tinyMp4(noteFor(job));
}

/* Clients and nonsense, until `load.over`; accepted ids go to load.ids. */
function startLoad(api, load) {
	const client = async () => {
		while (!load.over) {
			load.ids.push((await createStubbornly(api, {model: 'toy'}, load.errors, 120_000)).id);
			await pause(50 + Math.random() * 100);
		}
	};
	const fool = async () => {
		while (!load.over) {
			const [method, path, options] = random(nonsense);
			let kind;
			try {
				const {status} = await api.call(method, path, {...options, signal: AbortSignal.timeout(10_000)});
				kind = `HTTP ${status}`;
			} catch (error) {
				kind = error.cause?.code ?? error.name;
			}
			load.nonsense[kind] = (load.nonsense[kind] ?? 0) + 1;
			await pause(50);
		}
	};
	return Promise.all([fool(), ...Array.from({length: CLIENTS}, client)]);
}

async function killRounds(stack, rounds, load, kills) {
	for (let round = 1; round <= rounds && !load.failed; round++) {
		const victims = Math.random() < 0.15 ? SERVICES : [random(SERVICES)];
		for (const name of victims) {
			stack.kill(name);
			kills[name] = (kills[name] ?? 0) + 1;
		}
		if (round % 10 === 0)
			console.log(`round ${round}: ${load.ids.length} jobs accepted`);
		await pause(200 + Math.random() * 500);
	}
}

/* What became of all: the table's lines. */
async function count(api, load, workers) {
	const jobs = await allOver(api, [], DRAIN_MS);
	const result = {accepted: load.ids.length, completed: 0, failed: 0, lost: 0, doubled: 0, wrong: 0, tries: 0};
	for (const id of load.ids) {
		const job = jobs.get(id);
		result[job ? job.status : 'lost'] += 1;
		result.tries = Math.max(result.tries, job?.attempts ?? 0);
		if (job?.status === 'completed' && noteOf(await api.content(id)).split(' ')[0] !== id)
			result.wrong++;
	}
	/* Doubled: a job that nobody was told of, an id told twice, or one completed under two leases. */
	result.doubled += Math.max(0, jobs.size - new Set(load.ids).size) + load.ids.length - new Set(load.ids).size;
	const leases = new Map();
	for (const {job, lease, status} of workers.flatMap(worker => worker.ended))
		if (status === 'completed')
			leases.set(job, (leases.get(job) ?? new Set()).add(lease));
	result.doubled += [...leases.values()].filter(each => each.size > 1).length;
	return result;
}

function print(title, counts) {
	console.log(`\n${title}`);
	for (const [name, value] of Object.entries(counts))
		console.log(`  ${name.padEnd(24)} ${String(value).padStart(8)}`);
}

async function main() {
	const rounds = Number(process.argv[2] ?? 100);
	if (!Number.isInteger(rounds) || rounds < 1) {
		console.error('usage: ./arena chaos [ROUNDS]');
		return 2;
	}
	const stack = await startStack({sandbox: false, env: {ARENA_LEASE: '2s'}});
	const api = apiOf(stack);
	const workers = Array.from({length: WORKERS}, () =>
		steadyWorker(stack, {id: randomUUID(), slots: 3, models: [model('toy')], make}));
	const load = {ids: [], errors: {}, nonsense: {}, over: false};
	const kills = {};
	try {
		await api.offered('toy');
		const clients = startLoad(api, load).catch(error => {
			load.failed = error;
			load.over = true;
		});
		await killRounds(stack, rounds, load, kills);
		load.over = true;
		await clients;
		if (load.failed)
			throw load.failed;
		console.log('no more kills; waiting for what was accepted');
		await until('the stack to be ready', () => stack.ready(), {ms: 30_000});
		const begun = Date.now();
		const result = await count(api, load, workers);
		print('killed (-9)', kills);
		print('what clients met on the way', load.errors);
		print('answers to nonsense', load.nonsense);
		print('jobs', result);
		console.log(`\ndrained and checked in ${((Date.now() - begun) / 1000).toFixed(1)} s`);
		const bad = result.lost + result.doubled + result.wrong + (result.tries > 3) +
			(load.nonsense['HTTP 200'] ?? 0) + (load.nonsense['HTTP 500'] ?? 0);
		console.log(bad ? 'FAILED' : 'nothing was lost, nothing was doubled');
		if (bad)
			console.log(stack.tails());
		return bad ? 1 : 0;
	} catch (error) {
		console.error(`${error.stack}\n${stack.tails()}`);
		return 1;
	} finally {
		await Promise.all(workers.map(worker => worker.stop()));
		await stack.end();
	}
}

process.exit(await main());
