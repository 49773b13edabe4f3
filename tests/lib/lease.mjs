/*
 * Leases, seen from a worker: who disappears, who comes back, who comes too late; and tries: what
 * is tried again, when, and what is not. The same over both transports: a file of tests for each of
 * them calls leaseTests().
 */
import assert from 'node:assert/strict';

import {sharedStack} from './stack.mjs';
import {apiOf} from './api.mjs';
import {bigMp4, noteOf, tinyMp4} from './media.mjs';
import {pause, until} from './wait.mjs';
import {connectWorker, model} from './worker.mjs';

const LEASE_MS = 3000; // as stack.mjs sets it
const HELLO_WAIT_MS = 5000; // by default

const film = bigMp4(6_000_000); // before anybody is connected: it takes seconds, in which nobody answers a ping

/* Every test has a model of its own, so that none meets another one's jobs. */
let count = 0;
async function workerAndJob(stack, transport, fields) {
	const id = `toy-${++count}`;
	const connect = more => connectWorker(stack, {models: [model(id)], transport, ...more});
	const worker = await connect();
	const api = apiOf(stack);
	const made = await until('the model to be known', () => api.create({model: id, ...fields}));
	const job = await worker.next('job');
	assert.equal(job.job, made.id);
	return {api, worker, job, id, connect};
}

/* Why a connection ended: a WebSocket has a code for it, the answer to a request words. */
const WORDS = {
	1009: /too large/, 4000: /hello|JSON|nested|deep/i, 4002: /hello/, 4003: /another connection/, 4004: /heard/,
};

/** All of them over one transport: 'websocket' or 'http'. */
export function leaseTests(transport) {
	const shared = sharedStack({sandbox: false});
	const begin = (stack, fields) => workerAndJob(stack, transport, fields);
	const connect = (stack, options) => connectWorker(stack, {transport, ...options});
	const assertEnd = ({code, reason}, wanted) => transport === 'http'
		? assert.match(reason, WORDS[wanted]) : assert.equal(code, wanted, reason);

	shared.test('a whole run: what was asked for arrives, progress shows, the video is served', async stack => {
		const {api, worker, job} = await begin(stack,
			{prompt: 'ünïcode 🦊', seconds: '7', size: '640x360', seed: 42});
		assert.deepEqual([job.prompt, job.seconds, job.width, job.height, job.seed, job.attempt, job.inputs],
			['ünïcode 🦊', 7, 640, 360, 42, 1, []]);
		assert.ok(job.deadline > Date.now());
		worker.accept(job);
		worker.progress(job, 37, 'painting');
		const running = await until('the progress to show', async () => {
			const now = await api.video(job.job);
			return now.progress === 37 && now;
		});
		assert.deepEqual([running.status, running.stage, running.worker, running.attempts], ['in_progress', 'painting', 'scripted', 1]);
		const done = await worker.finish(job, tinyMp4('whole'));
		assert.equal(done.status, 'completed');
		const over = await api.video(job.job);
		assert.deepEqual([over.status, over.progress, over.error], ['completed', 100, null]);
		assert.equal(noteOf(await api.content(job.job)), 'whole');
		await worker.close();
	});

	shared.test('when a worker disappears, its job goes to another one after the lease', async stack => {
		const begun = Date.now();
		const {api, worker, job, connect} = await begin(stack);
		worker.accept(job);
		worker.progress(job, 20);
		await api.wait(job.job, 'in_progress');
		await worker.drop();
		const other = await connect();
		const again = await other.next('job');
		assert.equal(again.job, job.job);
		assert.notEqual(again.lease, job.lease, 'a new try has a new token');
		assert.equal(again.attempt, 2);
		assert.ok(again.at - begun >= LEASE_MS, `it came ${again.at - begun} ms after it was asked for`);
		assert.equal((await other.finish(again, tinyMp4('second'))).status, 'completed');
		assert.equal(noteOf(await api.content(job.job)), 'second');
		await other.close();
	});

	shared.test('a worker that comes back in time goes on under the same lease', async stack => {
		const {api, worker, job, connect} = await begin(stack);
		worker.accept(job);
		worker.progress(job, 20, 'working', {upstream_ref: 'there-1'});
		await api.wait(job.job, 'in_progress');
		await worker.drop();
		const back = await connect({id: worker.id, jobs: [{job: job.job, lease: job.lease, progress: 20}]});
		assert.deepEqual(back.welcome.jobs, [{job: job.job, lease: job.lease, state: 'yours'}]);
		/* Longer than a lease: the connection keeps it alive, without a word about the job. */
		await pause(LEASE_MS * 1.5);
		assert.equal((await api.video(job.job)).status, 'in_progress');
		assert.equal((await back.finish(job, tinyMp4('resumed'))).status, 'completed');
		const over = await api.video(job.job);
		assert.deepEqual([over.status, over.attempts], ['completed', 1]);
		await back.close();
	});

	shared.test('a result under an old lease is refused as lost, and the job keeps its one result', async stack => {
		const {api, worker, job, connect} = await begin(stack);
		worker.accept(job);
		await worker.drop();
		const other = await connect();
		const again = await other.next('job');
		other.accept(again);

		const late = await connect({id: worker.id, ready: 0, jobs: [{job: job.job, lease: job.lease, progress: 90}]});
		assert.deepEqual(late.welcome.jobs, [{job: job.job, lease: job.lease, state: 'lost'}]);
		late.result(job, [{url: 'https://example.com/a.mp4'}]);
		assert.equal((await late.answered(job)).status, 'lost');

		assert.equal((await other.finish(again, tinyMp4('the one'))).status, 'completed');
		assert.equal(noteOf(await api.content(job.job)), 'the one');
		await Promise.all([other.close(), late.close()]);
	});

	shared.test('a result that is said twice is one result', async stack => {
		const {api, worker, job, connect} = await begin(stack);
		worker.accept(job);
		assert.equal((await worker.finish(job, tinyMp4('once'))).status, 'completed');
		await worker.drop();
		const back = await connect({id: worker.id, ready: 0, jobs: [{job: job.job, lease: job.lease, progress: 100}]});
		back.result(job, [{upload: 'u1'}]);
		assert.match((await back.answered(job)).status, /^(completed|lost)$/);
		const over = await api.video(job.job);
		assert.deepEqual([over.status, over.attempts], ['completed', 1]);
		await back.close();
	});

	shared.test('an upload goes on where it was cut', async stack => {
		const {api, worker, job, connect} = await begin(stack);
		worker.accept(job);
		await worker.upload(job, film, {stopAt: 5_000_000});
		if (transport === 'websocket') // else each answer says how much is there
			await until('some of it to be acknowledged', () =>
				worker.frames.some(frame => frame.type === 'ack' && frame.offset >= 1 << 20));
		await worker.drop();
		const back = await connect({id: worker.id, jobs: [{job: job.job, lease: job.lease, progress: 50}]});
		const {offset, sha256} = await back.upload(job, film);
		assert.ok(transport === 'http' ? offset === 5_000_000 : offset >= 1 << 20, `it went on at ${offset}`);
		back.result(job, [{upload: 'u1'}]);
		assert.equal((await back.answered(job)).status, 'completed');
		assert.ok((await api.content(job.job)).equals(film), `the file is the same as was sent (${sha256})`);
		await back.close();
	});

	shared.test('what is uploaded but no video is refused, and the job is tried again', async stack => {
		const {api, worker, job} = await begin(stack);
		worker.accept(job);
		const answer = await worker.finish(job, Buffer.from('<html>Sorry, too many requests</html>'));
		assert.deepEqual([answer.type, answer.code], ['refused', 'not_a_video']);
		worker.ready(1);
		const again = await worker.next('job');
		assert.equal(again.attempt, 2);
		assert.equal((await worker.finish(again, tinyMp4('now'))).status, 'completed');
		assert.equal((await api.video(job.job)).status, 'completed');
		await worker.close();
	});

	shared.test('a try that failed is tried again, three times in all', async stack => {
		const {api, worker, job} = await begin(stack);
		const tries = [job];
		for (;;) {
			const done = await worker.fail(tries.at(-1), 'upstream_busy');
			if (done.status !== 'queued') {
				assert.equal(done.status, 'failed');
				break;
			}
			const waiting = await api.video(job.job);
			assert.match(waiting.status, /^(queued|in_progress)$/);
			worker.ready(1);
			tries.push(await worker.next('job'));
		}
		assert.deepEqual(tries.map(each => each.attempt), [1, 2, 3]);
		assert.equal(new Set(tries.map(each => each.lease)).size, 3, 'each try has a token of its own');
		const over = await api.video(job.job);
		assert.deepEqual([over.status, over.attempts, over.error.code], ['failed', 3, 'upstream_busy']);
		assert.ok(over.error.message.includes('upstream_busy'));
		await worker.close();
	});

	shared.test('retry_after_ms of the worker is waited out', async stack => {
		const {worker, job} = await begin(stack);
		const said = Date.now();
		assert.equal((await worker.fail(job, 'upstream_busy', {retry_after_ms: 1500})).status, 'queued');
		worker.ready(1);
		const again = await worker.next('job');
		assert.ok(again.at - said >= 1500, `it came after ${again.at - said} ms`);
		await worker.fail(again, 'enough', {retryable: false});
		await worker.close();
	});

	shared.test('what is not retryable fails at once, with the worker\'s words', async stack => {
		const {api, worker, job} = await begin(stack);
		const done = await worker.fail(job, 'content_policy', {message: 'This cannot be shown.', retryable: false});
		assert.equal(done.status, 'failed');
		const over = await api.video(job.job);
		assert.deepEqual([over.status, over.attempts, over.error],
			['failed', 1, {code: 'content_policy', message: 'This cannot be shown.'}]);
		await worker.close();
	});

	shared.test('a job that is given back costs no try, however often, and waits as told', async stack => {
		const {api, worker, job, id} = await begin(stack);
		let current = job;
		for (let i = 0; i < 5; i++) {
			assert.equal((await worker.release(current, 'cooling_down')).status, 'queued');
			worker.ready(1);
			current = await worker.next('job');
			assert.equal(current.attempt, 1, `after ${i + 1} times`);
		}
		const not_before = Date.now() + 1500;
		assert.equal((await worker.release(current, 'cooling_down', {not_before})).status, 'queued');
		assert.equal((await api.video(job.job)).status, 'queued', `${id} waits`);
		worker.ready(1);
		current = await worker.next('job');
		assert.ok(current.at >= not_before - 50, `it came ${not_before - current.at} ms too early`);
		assert.equal((await worker.finish(current, tinyMp4())).status, 'completed');
		assert.equal((await api.video(job.job)).attempts, 1);
		await worker.close();
	});

	/* The bridge passes progress on a few times a second only: wait until it is with the job. */
	const sayRef = (api, worker, job) => {
		worker.accept(job);
		worker.progress(job, 10, 'asking');
		worker.progress(job, 11, 'asked', {upstream_ref: 'task/4711'});
		return until('the progress to show', async () => (await api.video(job.job)).stage === 'asked');
	};

	shared.test('upstream_ref comes back after a release', async stack => {
		const {api, worker, job} = await begin(stack);
		await sayRef(api, worker, job);
		assert.equal((await worker.release(job, 'page_closed')).status, 'queued');
		worker.ready(1);
		const again = await worker.next('job');
		assert.equal(again.upstream_ref, 'task/4711');
		await worker.fail(again, 'enough', {retryable: false});
		await worker.close();
	});

	shared.test('upstream_ref comes back when the worker has disappeared', async stack => {
		const {api, worker, job, connect} = await begin(stack);
		await sayRef(api, worker, job);
		await worker.drop();
		const other = await connect();
		const again = await other.next('job');
		assert.equal(again.upstream_ref, 'task/4711');
		await other.fail(again, 'enough', {retryable: false});
		await other.close();
	});

	shared.test('upstream_ref does not come back after a failure: what it names has failed', async stack => {
		const {api, worker, job} = await begin(stack);
		await sayRef(api, worker, job);
		assert.equal((await worker.fail(job, 'upstream_error')).status, 'queued');
		worker.ready(1);
		const again = await worker.next('job');
		assert.equal(again.attempt, 2);
		assert.equal(again.upstream_ref, undefined);
		await worker.fail(again, 'enough', {retryable: false});
		await worker.close();
	});

	shared.test('cancel reaches the worker, and what it says then is not wanted', async stack => {
		const {api, worker, job} = await begin(stack);
		worker.accept(job);
		const answer = await api.cancel(job.job);
		assert.equal(answer.status, 'cancelled');
		const cancel = await worker.next('cancel');
		assert.deepEqual([cancel.job, cancel.lease, cancel.reason], [job.job, job.lease, 'cancelled']);
		worker.accept(job); // as if it were on its way when the cancel came
		worker.progress(job, 5);
		worker.stopped(job);
		worker.result(job, [{upload: 'u1'}]);
		assert.equal((await worker.answered(job)).status, 'lost', 'a result after that is not wanted');
		assert.equal(worker.frames.filter(each => each.type === 'cancel').length, 1, 'it is told once');
		assert.equal((await api.video(job.job)).status, 'cancelled');
		assert.equal((await api.cancel(job.job)).status, 'cancelled', 'once more is the same');
		await worker.close();
	});

	shared.test('a cancelled job in the queue never reaches a worker', async stack => {
		const {api, worker, job, id} = await begin(stack);
		const waiting = await api.create({model: id});
		const behind = await api.create({model: id});
		await api.cancel(waiting.id);
		assert.equal((await worker.finish(job, tinyMp4())).status, 'completed');
		worker.ready(1);
		const next = await worker.next('job');
		assert.equal(next.job, behind.id);
		await worker.finish(next, tinyMp4());
		await worker.close();
	});

	/* A poll is heard too. Who does not poll: worker-http.test.mjs. */
	if (transport === 'websocket')
		shared.test('a worker that is silent for two and a half heartbeats is disconnected', async stack => {
			const begun = Date.now();
			const worker = await connect(stack, {models: [model('silent')]});
			const {send} = worker;
			worker.send = frame => frame.type === 'pong' || send(frame);
			assertEnd(await worker.over, 4004);
			const took = (Date.now() - begun) / worker.welcome.heartbeat_ms;
			assert.ok(took >= 2.5, `after ${took} heartbeats`);
		});

	shared.test('a second connection with the same worker id takes over', async stack => {
		const first = await connect(stack, {models: [model('twin')]});
		const second = await connect(stack, {id: first.id, models: [model('twin')]});
		assertEnd(await first.over, 4003);
		assert.equal(second.closed, undefined);
		await second.close();
	});

	shared.test('a worker without a good token, or with a web page\'s origin, is turned away', async stack => {
		await assert.rejects(connect(stack, {token: 'wk_wrong'}), /4001/);
		await assert.rejects(connect(stack, {token: stack.key}), /4001/, 'an API key is no worker key');
		if (transport === 'websocket')
			await assert.rejects(connect(stack, {headers: {origin: 'https://evil.example'}}), /handshake was 403/);
		assert.equal((await apiOf(stack, stack.workerKey).get('/v1/videos')).status, 401, 'nor the other way round');
	});

	const nonsense = [
		['no hello but another message', '{"type":"ready","free":1}', 4000],
		['no JSON', 'hello', 4000],
		['no object', '[1]', 4000],
		['a hello without a token', '{"type":"hello","worker":{"id":"a"},"slots":1,"models":[]}', 4001], // a request has it itself
		['a frame that is too large', `{"type":"hello","x":"${'a'.repeat(300_000)}"}`, 1009],
		['too deep', '['.repeat(100_000), 4000],
	];
	for (const [what, text, code] of nonsense.filter(each => transport === 'websocket' || each[2] !== 4001))
		shared.test(`a worker that says nonsense is disconnected: ${what}`, async stack => {
			const worker = await connect(stack, {hello: false});
			worker.socket.send(text);
			assertEnd(await worker.over, code);
		});

	shared.test('who says nothing is disconnected after the time for it', async stack => {
		const begun = Date.now();
		const worker = await connect(stack, {hello: false});
		assertEnd(await worker.over, 4002);
		assert.ok(Date.now() - begun >= HELLO_WAIT_MS, `after ${Date.now() - begun} ms`);
	});
}
