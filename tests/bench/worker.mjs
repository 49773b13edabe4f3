/*
 * For ./arena bench: brings one large result in, and measures how long a job takes from its submit
 * to the `job` frame at a worker that waits. The submits are node:http's: fetch() would add about a
 * millisecond of its own.
 *
 *   node worker.mjs URL VIDEO       KEY and WORKER_KEY in the environment
 *
 * Prints: content URL / video ID / latency p50 .. p99 ..
 */
import {once} from 'node:events';
import fs from 'node:fs';
import http from 'node:http';

import {until} from '../lib/wait.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const [url, file] = process.argv.slice(2);
const stack = {url, ws: `${url.replace(/^http/, 'ws')}/ws`, key: process.env.KEY, workerKey: process.env.WORKER_KEY};
const ROUNDS = 500;

async function call(method, path, body) {
	const answer = await fetch(url + path, {method, body: body && JSON.stringify(body), headers: {
		authorization: `Bearer ${stack.key}`, ...(body && {'content-type': 'application/json'})}});
	if (!answer.ok)
		throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
	return answer.json();
}

const worker = await connectWorker(stack, {models: [model('bench')], slots: 1});
const ask = () => call('POST', '/v1/videos', {model: 'bench', prompt: 'a red fox in the snow'});

await until('the model to be known', async () => (await call('GET', '/v1/models')).data.some(each => each.id === 'bench' && each.available));
const made = await ask();
const job = await worker.next('job');
worker.accept(job);
await worker.finish(job, fs.readFileSync(file));
const video = await call('GET', `/v1/videos/${made.id}`);
console.log(`content ${video.url}\nvideo ${video.id}`);

const agent = new http.Agent({keepAlive: true, maxSockets: 1});
const body = JSON.stringify({model: 'bench', prompt: 'a red fox in the snow'});
async function submit() {
	const request = http.request(`${url}/v1/videos`, {agent, method: 'POST', headers: {authorization: `Bearer ${stack.key}`,
		'content-type': 'application/json', 'content-length': Buffer.byteLength(body)}});
	request.end(body);
	const [answer] = await once(request, 'response');
	answer.resume();
	await once(answer, 'end');
	if (answer.statusCode !== 200)
		throw new Error(`POST /v1/videos: ${answer.statusCode}`);
}

const times = [];
for (let i = 0; i < ROUNDS; i++) {
	worker.ready(1);
	const begun = performance.now();
	const submitted = submit();
	const next = await worker.next('job');
	times.push(performance.now() - begun);
	worker.accept(next);
	await worker.fail(next, 'bench', {retryable: false});
	await submitted;
}
agent.destroy();
times.sort((a, b) => a - b);
const at = share => times[Math.floor(share * (times.length - 1))].toFixed(2);
console.log(`latency p50 ${at(0.5)} ms  p99 ${at(0.99)} ms  (${ROUNDS} jobs, submit sent to job frame, a client in JavaScript)`);
worker.close();
