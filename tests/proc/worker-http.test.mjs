/*
 * Workers over plain HTTP (proto/WORKER.md): what only requests can do wrong, and gateways and bridges that die under them.
 * What holds over a WebSocket and over requests is in lib/lease.mjs.
 */
import assert from 'node:assert/strict';

import {apiOf} from '../lib/api.mjs';
import {bigMp4, noteOf, tinyMp4} from '../lib/media.mjs';
import {sharedStack} from '../lib/stack.mjs';
import {until} from '../lib/wait.mjs';
import {connectWorker, model, steadyWorker} from '../lib/worker.mjs';

const video = bigMp4(6 << 20); // before anybody is connected: it takes seconds, in which nobody answers a ping
const shared = sharedStack({sandbox: false, env: {ARENA_LEASE: '15s'}});

let count = 0;
async function workerAndJob(stack) {
	const id = `http-${++count}`;
	const worker = await connectWorker(stack, {models: [model(id)], transport: 'http'});
	const api = apiOf(stack);
	await until('the model to be known', () => api.create({model: id}));
	return {api, worker, job: await worker.next('job')};
}

async function post(stack, path, {token = stack.workerKey, body} = {}) {
	const answer = await fetch(`${stack.url}/worker/${path}`,
		{method: 'POST', headers: token ? {authorization: `Bearer ${token}`} : {}, body});
	return {status: answer.status, headers: answer.headers, body: await answer.json()};
}

const hello = (token, id, more = {}) => ({type: 'hello', token, slots: 1, models: [model(id)], jobs: [],
	worker: {id, name: id, kind: 'test', version: '1'}, ...more});
const open = async (stack, token) => (await post(stack, 'open', {token})).body.session;
const push = (stack, session, seq, frames, more) =>
	post(stack, `push?session=${session}&seq=${seq}`, {body: typeof frames === 'string' ? frames : JSON.stringify(frames), ...more});

shared.test('the same part twice, a part too early, an upload that nobody opened', async stack => {
	const {worker, job} = await workerAndJob(stack);
	const part = (name, offset, bytes) => post(stack,
		`upload?session=${worker.socket.session}&job=${job.job}&upload=${name}&offset=${offset}`, {body: bytes});
	worker.accept(job);
	await worker.upload(job, video, {stopAt: 1000});
	assert.deepEqual((await part('u1', 0, video.subarray(0, 1000))).body, {offset: 1000});
	assert.deepEqual((await part('u1', 5000, video.subarray(5000, 6000))).body, {offset: 1000});
	assert.deepEqual((await part('u1', 500, video.subarray(500, 2000))).body, {offset: 2000});
	const unknown = await part('u9', 0, video.subarray(0, 100));
	assert.deepEqual([unknown.status, unknown.body.error.code], [404, 'unknown_upload']);
	assert.equal((await worker.finish(job, video)).status, 'completed');
	await worker.close();
});

shared.test('a batch that is pushed twice is done once; one that is left out is told', async stack => {
	const session = await open(stack);
	assert.equal((await push(stack, session, 1, [hello(stack.workerKey, 'twice')])).status, 200);
	const first = await until('welcome', async () => {
		const {body} = await post(stack, `poll?session=${session}&ack=0`);
		return body.frames.some(each => each.type === 'welcome') && body;
	});
	assert.equal(first.frames[0].type, 'welcome');
	/* hello again would make no sense and end the session */
	assert.deepEqual((await push(stack, session, 1, [hello(stack.workerKey, 'twice')])).body, {ok: true});
	const again = await post(stack, `poll?session=${session}&ack=0`);
	assert.deepEqual(again.body.frames[0], first.frames[0], 'what was not acknowledged comes again');
	const gap = await push(stack, session, 3, []);
	assert.deepEqual([gap.status, gap.body.error.code], [400, 'invalid_value']);
	assert.equal((await push(stack, session, 2, '[{"type":"ready"')).body.error.code, 'invalid_json');
	assert.equal((await push(stack, session, 2, [])).status, 200);
	assert.equal(first.frames.length > 0 && (await post(stack, `close?session=${session}`)).status, 200);
	assert.equal((await push(stack, session, 3, [])).body.error.code, 'unknown_session');
});

shared.test('a wrong token gets no work, and another one\'s session is not there for it', async stack => {
	await assert.rejects(connectWorker(stack, {token: 'wk_wrong', transport: 'http'}), /closed with 4001/);
	assert.equal((await post(stack, 'open', {token: null})).status, 401);
	const session = await open(stack);
	for (const path of ['poll', 'push', 'upload', 'close']) {
		const query = `${path}?session=${session}&ack=0&seq=1&upload=u&offset=0`;
		const {status, body} = await post(stack, query, {token: 'wk_other', body: '[]'});
		assert.deepEqual([path, status, body.error.code], [path, 404, 'unknown_session']);
		assert.equal((await post(stack, query, {token: null, body: '[]'})).status, 401, path);
	}
	await post(stack, `close?session=${session}`);
});

shared.test('who is silent is sent away, and its session with it', async stack => {
	const session = await open(stack);
	await push(stack, session, 1, [hello(stack.workerKey, 'silent')]);
	await until('the session to be over', async () => {
		const {status, body} = await push(stack, session, 2, '[').catch(() => ({}));
		return status === 404 && body.error.message.includes('heard');
	});
});

shared.test('why a session has ended is told to all requests of it: a frame too large, nothing read', async stack => {
	const large = {type: 'log', level: 'info', message: 'x'.repeat(300_000)};
	const lost = {type: 'progress', job: `video_${'0'.repeat(32)}`, lease: '0'.repeat(32), percent: 1}; // each is answered
	for (const [id, frames, why] of [['large', [large], /too large/], ['laggard', Array(1024).fill(lost), /do not read/]]) {
		const session = await open(stack);
		await push(stack, session, 1, [hello(stack.workerKey, id)]);
		await until('welcome', async () =>
			(await post(stack, `poll?session=${session}&ack=0`)).body.frames.some(each => each.type === 'welcome'));
		await push(stack, session, 2, frames);
		await push(stack, session, 3, frames);
		for (const what of ['push?seq=4', 'upload?upload=u&offset=0']) {
			const {status, body} = await post(stack, `${what}&session=${session}`, {body: '[]'});
			assert.deepEqual([what, status, body.error.code], [what, 404, 'unknown_session']);
			assert.match(body.error.message, why);
		}
	}
});

shared.test('more sessions than there is room for: 503, and room again when some are closed', async stack => {
	const sessions = [];
	let answer;
	while ((answer = await post(stack, 'open')).status === 200 && sessions.length < 1000)
		sessions.push(answer.body.session);
	assert.deepEqual([answer.status, answer.body.error.code], [503, 'overloaded']);
	assert.match(answer.headers.get('retry-after'), /^\d+$/);
	await Promise.all(sessions.map(session => post(stack, `close?session=${session}`)));
	const session = await open(stack);
	assert.equal((await post(stack, `close?session=${session}`)).status, 200);
});

shared.test('the gateway is killed while a worker polls and uploads: nothing is lost', async stack => {
	const {api, worker, job} = await workerAndJob(stack);
	worker.accept(job);
	const finished = worker.finish(job, video);
	await stack.kill('gateway');
	assert.equal((await finished).status, 'completed');
	await until('the gateway to be back', () => fetch(`${stack.url}/healthz`).then(a => a.ok, () => false));
	assert.ok(video.equals(await api.content(job.job)));
	await worker.close();
});

shared.test('the bridge is killed: the worker opens a new session and resumes its job', async stack => {
	const id = `http-${++count}`;
	let go;
	const gate = new Promise(resolve => go = resolve);
	const worker = steadyWorker(stack, {models: [model(id)], transport: 'http', make: () => gate.then(() => tinyMp4('after'))});
	const api = apiOf(stack);
	const {id: job} = await until('the model to be known', () => api.create({model: id}));
	await api.wait(job, 'in_progress');
	await stack.kill('bridge');
	go();
	const made = await api.wait(job, 'completed');
	assert.equal(made.attempts, 1, 'it was resumed, not made again');
	assert.equal(noteOf(await api.content(job)), 'after');
	await worker.stop();
});
