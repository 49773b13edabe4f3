/*
 * Too much: each limit answers with what was too much and when to come again, and harms nobody else.
 */
import assert from 'node:assert/strict';

import {arena, onStack} from '../lib/stack.mjs';
import {apiOf, newKey} from '../lib/api.mjs';
import {connectWorker, model} from '../lib/worker.mjs';
import {pause, until} from '../lib/wait.mjs';

const assertError = (answer, status, code) => {
	assert.equal(answer.status, status, answer.bytes.toString());
	assert.equal(answer.body.error.code, code);
	assert.deepEqual(Object.keys(answer.body.error).sort(), ['code', 'message', 'param', 'type']);
};

onStack('over the rate: 429 with Retry-After, and another key goes on', {
	sandbox: false, env: {ARENA_RATE_READ: '30', ARENA_RATE_CREATE: '10'},
}, async stack => {
	const owner = apiOf(stack);
	const limited = apiOf(stack, await newKey(stack, 'limited'));
	const other = apiOf(stack, await newKey(stack, 'other'));

	const begun = Date.now();
	const first = await limited.get('/v1/models');
	assert.equal(first.status, 200);
	assert.equal(first.headers.get('x-ratelimit-limit-requests'), '30');
	assert.ok(Number(first.headers.get('x-ratelimit-remaining-requests')) < 30);
	assert.match(first.headers.get('x-ratelimit-reset-requests'), /^(\d+m)?\d+(s|ms)$/);

	let refused;
	let good = 1;
	for (; good < 100; good++) {
		refused = await limited.get('/v1/models');
		if (refused.status !== 200)
			break;
	}
	assertError(refused, 429, 'rate_limit_exceeded');
	const more = Math.ceil((Date.now() - begun) / 2000); // room for one in two seconds
	assert.ok(good <= 30 + more, `${good} were let through`);
	assert.equal(refused.body.error.type, 'rate_limit_error');
	assert.equal(refused.headers.get('x-ratelimit-remaining-requests'), '0');
	const wait = Number(refused.headers.get('retry-after'));
	assert.ok(Number.isInteger(wait) && wait >= 1 && wait <= 60, `Retry-After: ${wait}`);

	assert.equal((await other.get('/v1/models')).status, 200, 'another key is not concerned');
	for (let i = 0; i < 50; i++)
		assert.equal((await owner.get('/v1/models')).status, 200, 'the owner\'s key has no limit');
	assertError(await limited.post('/v1/videos', {json: {}}), 400, 'missing_required_parameter');

	await pause(wait * 1000 + 50);
	assert.equal((await limited.get('/v1/models')).status, 200, 'after Retry-After it works again');
});

onStack('creating and reading have limits of their own', {
	sandbox: false, env: {ARENA_RATE_CREATE: '3'},
}, async stack => {
	const limited = apiOf(stack, await newKey(stack, 'limited'));
	let refused;
	for (let i = 0; i < 10 && refused?.status !== 429; i++)
		refused = await limited.post('/v1/videos', {json: {prompt: ''}});
	assertError(refused, 429, 'rate_limit_exceeded');
	assert.equal((await limited.get('/v1/videos')).status, 200);
});

onStack('too many waiting jobs of a key: 429, nothing is made, and it passes', {
	sandbox: false, env: {ARENA_MAX_WAITING: '3'},
}, async stack => {
	const limited = apiOf(stack, await newKey(stack, 'limited'));
	const worker = await connectWorker(stack, {models: [model('toy')], ready: 0});
	await limited.offered('toy');
	const made = [];
	for (let i = 0; i < 3; i++)
		made.push(await limited.create({model: 'toy'}));
	const refused = await limited.post('/v1/videos', {json: {prompt: 'one more', model: 'toy'}});
	assertError(refused, 429, 'too_many_waiting');
	assert.ok(Number(refused.headers.get('retry-after')) >= 1);
	assert.equal(refused.headers.get('x-should-retry'), 'false', 'trying again at once is no use');
	assert.equal((await limited.list()).length, 3);
	await apiOf(stack).create({model: 'toy'});
	await limited.cancel(made[0].id);
	await limited.create({model: 'toy'});
	await worker.close();
});

onStack('a full queue: 503 with Retry-After for everybody', {
	sandbox: false, env: {ARENA_MAX_QUEUED: '5'},
}, async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [model('toy')], ready: 0});
	await api.offered('toy');
	for (let i = 0; i < 5; i++)
		await api.create({model: 'toy'});
	const refused = await api.post('/v1/videos', {json: {prompt: 'one more', model: 'toy'}});
	assertError(refused, 503, 'queue_full');
	assert.ok(Number(refused.headers.get('retry-after')) >= 1);
	worker.ready(1);
	await worker.next('job');
	await api.create({model: 'toy'});
	await worker.close();
});

onStack('the same request with the same Idempotency-Key is one job; another request is refused', {sandbox: false}, async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [model('toy')], ready: 0});
	await api.offered('toy');
	const headers = {'idempotency-key': 'order-66'};
	const json = {prompt: 'once', model: 'toy'};
	const answers = await Promise.all(Array.from({length: 8}, () => api.good(api.post('/v1/videos', {json, headers}))));
	assert.equal(new Set(answers.map(job => job.id)).size, 1);
	assertError(await api.post('/v1/videos', {json: {...json, prompt: 'twice'}, headers}), 422, 'idempotency_key_reused');
	await stack.restarted('jobs', stack.kill('jobs'));
	await stack.ready();
	assert.equal((await api.good(api.post('/v1/videos', {json, headers}))).id, answers[0].id, 'also after a crash');
	const other = apiOf(stack, await newKey(stack, 'other'));
	assert.notEqual((await other.good(other.post('/v1/videos', {json, headers}))).id, answers[0].id, 'another key has its own');
	assert.equal((await api.list()).length, 1);
	await worker.close();
});

onStack('a revoked key is good no more', {sandbox: false}, async stack => {
	const api = apiOf(stack, await newKey(stack, 'short-lived'));
	assert.equal((await api.get('/v1/videos')).status, 200);
	const {out} = await arena(['key', 'list', '--data', stack.data]);
	const id = out.split('\n').find(line => line.includes('short-lived')).match(/key_[0-9a-f]+/)[0];
	assert.equal((await arena(['key', 'revoke', id, '--data', stack.data])).code, 0);
	await until('the key to be refused', async () => (await api.get('/v1/videos')).status === 401);
	assert.equal((await apiOf(stack).get('/v1/videos')).status, 200);
});

onStack('who listens too much is told so, and takes no place of others', {
	sandbox: false, env: {ARENA_MAX_KEY_WAITS: '3'},
}, async stack => {
	const limited = apiOf(stack, await newKey(stack, 'limited'));
	const other = apiOf(stack, await newKey(stack, 'other'));
	const worker = await connectWorker(stack, {models: [model('toy')]});
	await limited.offered('toy');
	const listen = async (api, path = '/v1/events') => {
		const stop = new AbortController();
		const answer = await fetch(stack.url + path, {headers: {authorization: `Bearer ${api.key}`}, signal: stop.signal});
		return {answer, stop: () => stop.abort()};
	};
	const job = await limited.create({model: 'toy'});
	const three = [await listen(limited), await listen(limited), await listen(limited, `/v1/videos/${job.id}/events`)];
	assert.deepEqual(three.map(each => each.answer.status), [200, 200, 200]);

	for (const path of ['/v1/events', `/v1/videos/${job.id}/events`]) {
		const refused = await limited.get(path);
		assertError(refused, 429, 'too_many_listeners');
		assert.match(refused.body.error.message, /\/v1\/events/, 'it says what to do');
		assert.ok(Number(refused.headers.get('retry-after')) > 0);
	}
	const made = (await limited.get('/v1/videos')).body.data.length;
	const chat = await limited.post('/v1/chat/completions', {json: {model: 'toy', messages: [{role: 'user', content: 'x'}]}});
	assertError(chat, 429, 'too_many_listeners');
	assert.equal((await limited.get('/v1/videos')).body.data.length, made, 'and no video was made for it');
	const accepted = await limited.post('/v1/videos/generations', {json: {model: 'toy', prompt: 'x'}});
	assert.equal(accepted.status, 202, 'made, but not waited for');

	for (const api of [other, apiOf(stack)]) {
		const more = await Promise.all(Array.from({length: 3}, () => listen(api)));
		assert.deepEqual(more.map(each => each.answer.status), [200, 200, 200]);
		three.push(...more);
	}
	const fourth = await listen(apiOf(stack));
	assert.equal(fourth.answer.status, 200, 'the operator has no such bound');
	three.push(fourth);
	three[0].stop();
	three.push(await until('there to be room again', async () => {
		const again = await listen(limited);
		return again.answer.status === 200 && again;
	}));
	for (const each of three)
		each.stop();
	await worker.close();
});
