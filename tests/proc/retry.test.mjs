/*
 * A lost answer does not make a second video: a client that sends an Idempotency-Key and tries again
 * gets what its first try made, on every route that makes something.
 */
import assert from 'node:assert/strict';
import OpenAI from 'openai';

import {onStack, sharedStack} from '../lib/stack.mjs';
import {apiOf, formOf, newKey, OVER} from '../lib/api.mjs';
import {withFile} from '../lib/bad.mjs';
import {blobsOf, noHalfBlobs} from '../lib/blobs.mjs';
import {cutter} from '../lib/cutter.mjs';
import {png, tinyMp4} from '../lib/media.mjs';
import {until} from '../lib/wait.mjs';
import {model, steadyWorker} from '../lib/worker.mjs';

const shared = sharedStack({sandbox: false});
const some = {prompt: 'once only', model: 'toy', size: '128x128', seconds: '1'};
const chat = {model: 'toy', size: '128x128', messages: [{role: 'user', content: 'once only'}]};
const picture = png(64, 64);
let worker;
let source; // a video to remix
let keys = 0;

shared.test('a worker, and a video to remix', async stack => {
	const api = apiOf(stack);
	worker = steadyWorker(stack, {models: [model('toy', {operations: ['remix', 'edit', 'extend']})], slots: 4, make: async () => tinyMp4()});
	await api.offered('toy');
	source = await api.wait((await api.create({model: 'toy'})).id, 'completed');
});

/* What each route makes, and how one finds all of them: the ids. */
const jobs = async api => (await api.list()).map(each => each.id);
const files = async api => (await api.good(api.get('/v1/files'))).data.map(each => each.id);
const endpoints = async api => (await api.good(api.get('/v1/webhook_endpoints'))).data.map(each => each.id);

const makers = {
	'POST /v1/videos, JSON': {path: '/v1/videos', json: some},
	'POST /v1/videos, a form': {path: '/v1/videos', form: () => formOf(some)},
	'POST /v1/videos, a form with a picture': {path: '/v1/videos', form: () => formOf(some, picture, 'input_reference')},
	'POST /v1/videos/generations that waits': {path: '/v1/videos/generations', json: some},
	'POST /v1/videos/generations, async': {path: '/v1/videos/generations', json: {...some, async: true}},
	'POST /v1/videos/generations, streamed': {path: '/v1/videos/generations', json: {...some, stream: true}},
	'POST /v1/videos/generations, three': {path: '/v1/videos/generations', json: {...some, n: 3}, count: 3},
	'POST /v1/videos/{id}/remix': {path: () => `/v1/videos/${source.id}/remix`, json: {prompt: 'another'}},
	'POST /v1/videos/edits': {path: '/v1/videos/edits', json: () => ({prompt: 'another', video: {id: source.id}})},
	'POST /v1/videos/extensions': {path: '/v1/videos/extensions', json: () => ({prompt: 'on', seconds: '4', video: {id: source.id}})},
	'POST /v1/chat/completions': {path: '/v1/chat/completions', json: chat},
	'POST /v1/chat/completions, streamed': {path: '/v1/chat/completions', json: {...chat, stream: true}},
	'POST /api/v1/videos': {path: '/api/v1/videos', json: {model: 'toy', prompt: 'once only', duration: 1, size: '128x128'}},
	'POST /v1/files': {path: '/v1/files', form: () => withFile(picture, {purpose: 'vision'}), all: files},
	'POST /v1/webhook_endpoints': {path: '/v1/webhook_endpoints', json: {url: 'https://example.com/hook'}, all: endpoints},
};

const value = of => typeof of === 'function' ? of() : of;
const newName = () => `key ${++keys}`;
const send = (api, {path, json, form}, headers, changed) =>
	api.post(value(path), json ? {json: {...value(json), ...changed}, headers} : {form: value(form), headers});

/* What is there now and was not before. */
const added = async (api, {all = jobs}, before) => (await all(api)).filter(id => !before.includes(id));

/* A client that tries again, at once, with the same key, when it hears nothing. */
async function persistent(stack, url, {path, json, form}) {
	const headers = {authorization: `Bearer ${stack.key}`, 'idempotency-key': newName(), ...(json && {'content-type': 'application/json'})};
	const body = () => json ? JSON.stringify(value(json)) : value(form);
	const send = () => fetch(url + value(path), {method: 'POST', headers, body: body()});
	try {
		return await send();
	} catch {
		return await send();
	}
}

shared.test('openai\'s client, cut off twice, makes one video', async (stack, t) => {
	const api = apiOf(stack);
	for (const when of ['answered', 'sent']) {
		const before = await jobs(api);
		const proxy = await cutter(t, stack);
		proxy.arm(2, when);
		const client = new OpenAI({apiKey: stack.key, baseURL: `${proxy.url}/v1`, maxRetries: 2});
		const {id} = await client.videos.create(some, {headers: {'Idempotency-Key': newName()}});
		assert.equal(proxy.cut, 2);
		assert.deepEqual(await added(api, {}, before), [id]);
	}
});

for (const [what, maker] of Object.entries(makers)) {
	const {all = jobs, count = 1} = maker;

	for (const when of ['answered', 'sent'])
		shared.test(`${what}: cut off after it was ${when}, made once`, async (stack, t) => {
			const api = apiOf(stack);
			const before = await all(api);
			const proxy = await cutter(t, stack);
			proxy.arm(1, when);
			const answer = await persistent(stack, proxy.url, maker);
			assert.equal(Math.floor(answer.status / 100), 2);
			const text = await answer.text();
			assert.equal(proxy.cut, 1);
			const made = await until('what was made', async () => {
				const seen = await added(api, maker, before);
				return seen.length >= count && seen;
			});
			assert.equal(made.length, count, `made: ${made}`);
			assert.ok(made.some(id => text.includes(id)), `answered with ${text.slice(0, 300)}, made ${made}`);
		});

	shared.test(`${what}: sent four times at one moment, made once`, async stack => {
		const api = apiOf(stack);
		const before = await all(api);
		const headers = {'idempotency-key': newName()};
		const answers = await Promise.all(Array.from({length: 4}, () => send(api, maker, headers)));
		for (const each of answers)
			assert.equal(Math.floor(each.status / 100), 2, each.bytes.toString());
		assert.equal((await added(api, maker, before)).length, count);
		assert.equal(new Set(answers.map(each => each.body?.id ?? '')).size, 1, 'the same answer');
	});

	shared.test(`${what}: the same key with another body is 422, and by another API key it is another`, async stack => {
		const api = apiOf(stack);
		const headers = {'idempotency-key': newName()};
		const first = await send(api, maker, headers);
		assert.equal(Math.floor(first.status / 100), 2, first.bytes.toString());
		const before = await all(api);
		const another = maker.json ? send(api, maker, headers, what.includes('chat') ? {messages: [{role: 'user', content: 'different'}]}
			: what.includes('webhook') ? {url: 'https://example.org/'} : {prompt: 'different'})
			: api.post(value(maker.path), {headers, form: what.includes('files') ? withFile(png(32, 32), {purpose: 'vision'}) : formOf({...some, prompt: 'different'})});
		const refused = await another;
		assert.equal(refused.status, 422, refused.bytes.toString());
		const {code, metadata} = refused.body.error;
		assert.equal(metadata?.code ?? code, 'idempotency_key_reused');
		assert.deepEqual(await all(api), before, 'nothing was made');
		if (/remix|edits|extensions/.test(what))
			return; // the source is not the other's
		const other = apiOf(stack, await otherKey(stack));
		const theirs = await all(other);
		const second = await send(other, maker, headers);
		assert.equal(Math.floor(second.status / 100), 2, second.bytes.toString());
		assert.equal((await added(other, maker, theirs)).length, count, 'the other key has its own');
	});
}

let known;
const otherKey = async stack => known ??= await newKey(stack, 'other');

shared.test('one key on two routes is 422', async stack => {
	const api = apiOf(stack);
	const headers = {'idempotency-key': newName()};
	await api.good(send(api, makers['POST /v1/videos, JSON'], headers));
	for (const what of ['POST /v1/videos/generations, async', 'POST /api/v1/videos', 'POST /v1/files', 'POST /v1/webhook_endpoints'])
		assert.equal((await send(api, makers[what], headers)).status, 422, what);
});

shared.test('a request that was refused does not use its key up', async stack => {
	const api = apiOf(stack);
	const headers = {'idempotency-key': newName()};
	assert.equal((await api.post('/v1/videos', {json: {...some, seconds: 'x'}, headers})).status, 400);
	await api.good(api.post('/v1/videos', {json: some, headers}));
});

shared.test('what a key made and was deleted is not made again', async stack => {
	const api = apiOf(stack);
	for (const what of ['POST /v1/videos, JSON', 'POST /v1/files', 'POST /v1/webhook_endpoints', 'POST /api/v1/videos']) {
		const maker = makers[what];
		const headers = {'idempotency-key': newName()};
		const before = await (maker.all ?? jobs)(api);
		const {id} = await api.good(send(api, maker, headers));
		await api.good(api.call('DELETE', `${maker.all ? maker.path : '/v1/videos'}/${id}`));
		assert.equal((await send(api, maker, headers)).status, 404, what);
		assert.deepEqual(await added(api, maker, before), [], what);
	}
});

shared.test('keys that are no keys are refused by name', async stack => {
	for (const key of ['x'.repeat(256), 'ä', 'a\tb']) {
		const answer = await apiOf(stack).post('/v1/videos', {json: some, headers: {'idempotency-key': key}});
		assert.deepEqual([answer.status, answer.body.error.param], [400, 'Idempotency-Key'], JSON.stringify(key));
	}
});

shared.test('after all that nothing half-written is left, and nobody is working', async stack => {
	for (const key of [stack.key, await otherKey(stack)])
		await until('all jobs to be over', async () => (await apiOf(stack, key).list()).every(each => OVER.includes(each.status)), {ms: 20_000});
	await worker.stop();
	await noHalfBlobs(stack);
	assert.ok(blobsOf(stack).length <= 8, `the same picture and video each time: ${blobsOf(stack)}`);
});

onStack('a key is forgotten after its time, also over a restart, and not before', {
	sandbox: false, env: {ARENA_IDEMPOTENCY_KEEP: '3s', ARENA_SWEEP_EVERY: '200ms'},
}, async stack => {
	const api = apiOf(stack);
	const json = {prompt: 'a', model: 'sandbox'};
	const headers = {'idempotency-key': 'short'};
	const begun = Date.now();
	const {id} = await api.good(api.post('/v1/videos', {json, headers}));
	await stack.restarted('jobs', stack.kill('jobs'));
	await stack.ready();
	const again = await api.good(api.post('/v1/videos', {json, headers}));
	assert.ok(again.id === id || Date.now() - begun > 3000, 'kept over a restart');
	const fresh = await until('a new job', async () => {
		const next = await api.good(api.post('/v1/videos', {json, headers}));
		return next.id !== id && next.id;
	}, {ms: 15_000, every: 100});
	assert.ok(Date.now() - begun >= 3000, `forgotten after ${Date.now() - begun} ms`);
	assert.deepEqual((await api.list()).map(each => each.id), [fresh, id]);
});

onStack('four videos where two have room: none is made, with a key and without', {
	sandbox: false, env: {ARENA_MAX_WAITING: '2'},
}, async stack => {
	const api = apiOf(stack, await newKey(stack, 'small'));
	const ask = (n, headers) => api.post('/v1/videos/generations', {json: {prompt: 'a', model: 'sandbox', n, async: true}, headers});
	for (const headers of [{}, {'idempotency-key': 'four'}]) {
		const answer = await ask(4, headers);
		assert.deepEqual([answer.status, answer.body.error.code], [429, 'too_many_waiting']);
		assert.deepEqual(await api.list(), []);
	}
	assert.equal((await ask(2, {})).body.data.length, 2);
	assert.equal((await ask(1, {})).status, 429);
});
