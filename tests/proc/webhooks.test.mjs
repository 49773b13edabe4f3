/* Webhooks: who is told when a video is over, whatever dies or answers badly on the way. */
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import {Webhook} from 'standardwebhooks';

import {apiOf, newKey} from '../lib/api.mjs';
import {tinyMp4} from '../lib/media.mjs';
import {startReceiver} from '../lib/receiver.mjs';
import {onStack, sharedStack} from '../lib/stack.mjs';
import {until} from '../lib/wait.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const ENDPOINTS = '/v1/webhook_endpoints';
const QUICK = {ARENA_FETCH_PRIVATE: 'yes', ARENA_WEBHOOK_RETRY: '50ms'};

const shared = sharedStack({sandbox: false, env: QUICK});

/* A test with a receiver of its own, and no endpoint left over. */
const hooked = (name, fn, options) => shared.test(name, async stack => {
	const api = apiOf(stack);
	const receiver = await startReceiver();
	const worker = await connectWorker(stack, {models: [model('toy')], ready: 0});
	try {
		await api.offered('toy');
		await fn({stack, api, receiver, worker});
	} finally {
		await worker.close();
		await receiver.stop();
		for (const each of (await api.good(api.get(ENDPOINTS))).data)
			await api.good(api.call('DELETE', `${ENDPOINTS}/${each.id}`));
	}
}, options);

const make = (api, url, more = {}) => api.good(api.post(ENDPOINTS, {json: {url, ...more}}));
const one = (api, id, rest = '') => api.good(api.get(`${ENDPOINTS}/${id}${rest}`));
const deliveries = async (api, id) => (await one(api, id, '/deliveries')).data;

/* A video that is over at once. */
async function cancelled(api, more = {}) {
	const job = await api.create({model: 'toy', ...more});
	await api.cancel(job.id);
	return job;
}

const verify = (secret, event) => new Webhook(secret).verify(event.text, event.headers);

const wrong = async (promise, status, param, code) => {
	const {status: got, body} = await promise;
	assert.equal(got, status, JSON.stringify(body));
	assert.equal(body.error.param, param);
	if (code)
		assert.equal(body.error.code, code);
	return body.error.message;
};

hooked('completed, failed and cancelled videos are told of, signed, once', async ({api, receiver, worker}) => {
	const begun = Date.now() / 1000;
	const endpoint = await make(api, `${receiver.url}/hook?a=b`);
	assert.match(endpoint.id, /^we_[0-9a-f]{32}$/);
	assert.match(endpoint.secret, /^whsec_[A-Za-z0-9+/]{43}=$/);
	const ids = {};
	worker.ready(1);
	ids.completed = (await api.create({model: 'toy'})).id;
	const job = await worker.next('job');
	worker.accept(job);
	await worker.finish(job, tinyMp4('hello'));
	worker.ready(1);
	ids.failed = (await api.create({model: 'toy'})).id;
	const bad = await worker.next('job');
	worker.accept(bad);
	await worker.fail(bad, 'content_policy', {retryable: false});
	ids.cancelled = (await cancelled(api)).id;
	const openai = new OpenAI({apiKey: 'none'});
	for (const [status, id] of Object.entries(ids)) {
		const event = await receiver.next(each => each.body.type === `video.${status}`);
		assert.equal(event.method, 'POST');
		assert.equal(event.path, '/hook?a=b');
		assert.equal(event.headers['content-type'], 'application/json');
		assert.match(event.headers['user-agent'], /^arena-video\/\d/);
		assert.deepEqual(Object.keys(event.body), ['id', 'object', 'created_at', 'type', 'data']);
		assert.equal(event.body.id, event.id);
		assert.equal(event.body.object, 'event');
		assert.deepEqual(event.body.data, {id, metadata: {}});
		assert.ok(event.body.created_at > begun - 1 && event.body.created_at < Date.now() / 1000 + 1);
		assert.deepEqual(verify(endpoint.secret, event), event.body);
		assert.deepEqual(await openai.webhooks.unwrap(event.text, event.headers, endpoint.secret), event.body);
	}
	await until('the log to have all three', async () =>
		(await deliveries(api, endpoint.id)).filter(each => each.status === 'delivered').length === 3);
	assert.equal(receiver.events.length, 3);
	const other = new Webhook(`whsec_${Buffer.alloc(32).toString('base64')}`);
	assert.throws(() => other.verify(receiver.events[0].text, receiver.events[0].headers));
});

hooked('a video has its own webhook_url, signed with the default secret', async ({api, receiver}) => {
	const {id} = await cancelled(api, {webhook_url: `${receiver.url}/own`});
	const event = await receiver.next();
	assert.equal(event.path, '/own');
	assert.deepEqual(event.body.data, {id, metadata: {}});
	const standard = await one(api, 'default');
	assert.equal(standard.url, null);
	verify(standard.secret, event);
	await until('the log to have it', async () => {
		const [last] = await deliveries(api, 'default');
		return last?.status === 'delivered' && last.video_id === id && last.url === `${receiver.url}/own`;
	});
	assert.deepEqual((await api.good(api.get(ENDPOINTS))).data, [], 'it is not listed');
	await wrong(api.call('DELETE', `${ENDPOINTS}/default`), 409, null);
	await wrong(api.post(`${ENDPOINTS}/default/test`), 409, null);
	await wrong(api.post(`${ENDPOINTS}/default`, {json: {url: 'https://example.com/'}}), 400, 'url');
});

hooked('what fails is tried again, with the same id, until it is taken', async ({api, receiver}) => {
	receiver.answer = (event, n) => [500, 302, 204][n - 1];
	const endpoint = await make(api, `${receiver.url}/hook`);
	await cancelled(api);
	const last = await until('the log to say that it was taken', async () =>
		(await deliveries(api, endpoint.id)).find(each => each.status === 'delivered'));
	assert.equal(last.attempts, 3);
	assert.equal(last.response_status, 204);
	assert.equal(last.error, null);
	assert.equal(last.next_attempt_at, null);
	assert.equal(receiver.events.length, 3, 'the redirect was not followed');
	for (const event of receiver.events) {
		assert.equal(event.id, last.id);
		assert.equal(event.text, receiver.events[0].text);
		verify(endpoint.secret, event);
	}
});

hooked('410 disables an endpoint, and an update enables it again', async ({api, receiver}) => {
	receiver.answer = () => 410;
	const endpoint = await make(api, receiver.url);
	await cancelled(api);
	await until('it to be disabled', async () => (await one(api, endpoint.id)).disabled);
	const [last] = await deliveries(api, endpoint.id);
	assert.equal(last.status, 'failed');
	assert.equal(last.attempts, 1);
	assert.match(last.error, /gone/);
	await cancelled(api);
	receiver.answer = () => 200;
	await api.good(api.call('PATCH', `${ENDPOINTS}/${endpoint.id}`, {json: {disabled: false}}));
	const {id} = await cancelled(api);
	const event = await receiver.next(each => each.body.data.id === id);
	assert.ok(event);
	assert.equal(receiver.events.length, 2, 'nothing was sent while it was disabled');
});

hooked('a rotated secret signs together with the old one', async ({api, receiver}) => {
	const endpoint = await make(api, receiver.url);
	const begun = Date.now() / 1000;
	const rotated = await api.good(api.post(`${ENDPOINTS}/${endpoint.id}/rotate_secret`));
	const ends = rotated.old_secret_expires_at - 86400;
	assert.ok(ends > begun - 1 && ends < Date.now() / 1000 + 1);
	assert.notEqual(rotated.secret, endpoint.secret);
	assert.equal((await one(api, endpoint.id)).secret, rotated.secret);
	await cancelled(api);
	const event = await receiver.next();
	assert.equal(event.headers['webhook-signature'].split(' ').length, 2);
	verify(rotated.secret, event);
	verify(endpoint.secret, event);
});

hooked('a test is sent at once, once, and told in the log', async ({api, receiver}) => {
	receiver.answer = () => 500;
	const endpoint = await make(api, receiver.url, {disabled: true});
	const sent = await api.good(api.post(`${ENDPOINTS}/${endpoint.id}/test`));
	assert.equal(sent.type, 'webhook.test');
	assert.equal(sent.status, 'pending');
	const event = await receiver.next();
	assert.equal(event.id, sent.id);
	assert.equal(event.body.type, 'webhook.test');
	verify(endpoint.secret, event);
	const [last] = await until('the log', async () => {
		const log = await deliveries(api, endpoint.id);
		return log[0].status !== 'pending' && log;
	});
	assert.equal(last.status, 'failed');
	assert.equal(last.response_status, 500);
	assert.equal(last.video_id, null);
});

hooked('an endpoint that does not answer holds up nobody else', async ({api, receiver}) => {
	const dead = await startReceiver();
	dead.answer = () => null;
	try {
		const slow = await make(api, dead.url);
		for (let i = 0; i < 30; i++)
			await cancelled(api);
		await until('deliveries to hang there', () => dead.events.length >= 4);
		await make(api, receiver.url);
		const {id} = await cancelled(api);
		await receiver.next(each => each.body.data.id === id);
		assert.ok(new Set(dead.events.map(each => each.id)).size < 30, 'it did not wait for its turn behind them');
		assert.ok(dead.most <= 4, `${dead.most} at once`);
		await api.good(api.call('DELETE', `${ENDPOINTS}/${slow.id}`));
	} finally {
		await dead.stop();
	}
});

hooked('endpoints can be made, read, listed, changed and deleted by their key alone', async ({stack, api}) => {
	const endpoint = await make(api, 'https://example.com/a', {name: 'mine', events: ['video.failed']});
	assert.deepEqual(endpoint, {id: endpoint.id, object: 'webhook_endpoint', created_at: endpoint.created_at,
		url: 'https://example.com/a', name: 'mine', events: ['video.failed'], disabled: false,
		old_secret_expires_at: null, secret: endpoint.secret});
	assert.deepEqual(await one(api, endpoint.id), endpoint);
	const {secret, ...listed} = endpoint;
	assert.ok(secret);
	assert.deepEqual(await api.good(api.get(ENDPOINTS)), {object: 'list', data: [listed],
		first_id: endpoint.id, last_id: endpoint.id, has_more: false});
	const update = (json, method = 'POST') => api.good(api.call(method, `${ENDPOINTS}/${endpoint.id}`, {json}));
	assert.deepEqual(await update({}), listed);
	assert.deepEqual(await update({name: '', disabled: true}), {...listed, name: null, disabled: true});
	assert.deepEqual(await update({events: [], url: 'https://example.com/b'}, 'PATCH'), {...listed, name: null,
		disabled: true, url: 'https://example.com/b', events: ['video.completed', 'video.failed', 'video.cancelled']});

	const other = apiOf(stack, await newKey(stack, 'someone'));
	assert.deepEqual((await other.good(other.get(ENDPOINTS))).data, []);
	for (const [method, path] of [['GET', ''], ['POST', ''], ['PATCH', ''], ['DELETE', ''],
		['POST', '/rotate_secret'], ['POST', '/test'], ['GET', '/deliveries']])
		await wrong(other.call(method, `${ENDPOINTS}/${endpoint.id}${path}`), 404, null, 'not_found');
	assert.deepEqual(await api.good(api.call('DELETE', `${ENDPOINTS}/${endpoint.id}`)),
		{id: endpoint.id, object: 'webhook_endpoint.deleted', deleted: true});
	await wrong(api.get(`${ENDPOINTS}/${endpoint.id}`), 404, null, 'not_found');
});

hooked('the same Idempotency-Key makes one endpoint', async ({api}) => {
	const headers = {'idempotency-key': 'once'};
	const json = {url: 'https://example.com/'};
	const [a, b] = await Promise.all([1, 2].map(() => api.good(api.post(ENDPOINTS, {json, headers}))));
	assert.deepEqual(a, b);
	const again = await api.post(ENDPOINTS, {json: {url: 'https://example.org/'}, headers});
	assert.equal(again.status, 422);
	assert.equal((await api.good(api.get(ENDPOINTS))).data.length, 1);
});

hooked('the same Idempotency-Key rotates a secret once, and sends one test', async ({api, receiver}) => {
	const {id, secret} = await make(api, receiver.url);
	const post = (rest, key) => api.post(`${ENDPOINTS}/${id}/${rest}`, {headers: {'idempotency-key': key}});
	const [first, again] = await Promise.all([1, 2].map(() => api.good(post('rotate_secret', 'rotate'))));
	assert.deepEqual(first, again);
	assert.notEqual(first.secret, secret);
	const [one, two] = await Promise.all([1, 2].map(() => api.good(post('test', 'test'))));
	assert.equal(one.id, two.id);
	const event = await receiver.next();
	verify(secret, event);
	verify(first.secret, event);
	await until('the log', async () => (await deliveries(api, id))[0].status === 'delivered');
	assert.equal(receiver.events.length, 1);
	assert.equal((await post('test', 'rotate')).status, 422);
	await wrong(post('rotate_secret', 'x'.repeat(256)), 400, 'Idempotency-Key');
});

hooked('a key may have 20 endpoints', async ({api}) => {
	for (let i = 0; i < 20; i++)
		await make(api, `https://example.com/${i}`);
	assert.match(await wrong(api.post(ENDPOINTS, {json: {url: 'https://example.com/'}}), 429, null), /20/);
});

hooked('bad endpoints are refused, and what is wrong is named', async ({api}) => {
	const bad = [
		[{}, 'url', 'missing_required_parameter'], [{url: 1}, 'url'], [{url: ''}, 'url'], [{url: 'example.com'}, 'url'],
		[{url: 'ftp://example.com'}, 'url'], [{url: 'https://'}, 'url'], [{url: 'https://me@example.com/'}, 'url'],
		[{url: 'https://example.com:0/'}, 'url'], [{url: `https://example.com/${'x'.repeat(2030)}`}, 'url'],
		[{url: 'https://example.com/', events: 'video.failed'}, 'events'],
		[{url: 'https://example.com/', events: ['video.deleted']}, 'events'],
		[{url: 'https://example.com/', events: [1]}, 'events'],
		[{url: 'https://example.com/', name: 'x'.repeat(256)}, 'name'], [{url: 'https://example.com/', name: 'a\nb'}, 'name'],
		[{url: 'https://example.com/', disabled: 'yes'}, 'disabled'],
	];
	for (const [json, param, code] of bad)
		await wrong(api.post(ENDPOINTS, {json}), 400, param, code);
	await wrong(api.post(ENDPOINTS, {json: '[]'}), 400, null, 'invalid_json');
	await wrong(api.get(`${ENDPOINTS}/we_1`), 404, null, 'not_found');
});

/* An event is held by its receiver; what carries it dies; it must come again. */
for (const name of ['bridge', 'jobs'])
	onStack(`kill -9 of ${name} in the middle of a delivery loses none`, {sandbox: false, env: {...QUICK, ARENA_WEBHOOK_LEASE: '2s'}}, async stack => {
		const api = apiOf(stack);
		const receiver = await startReceiver();
		const worker = await connectWorker(stack, {models: [model('toy')], ready: 0});
		let release;
		const released = new Promise(resolve => release = resolve);
		receiver.answer = async (event, n) => {
			if (n === 1)
				await released;
			return 204;
		};
		try {
			await api.offered('toy');
			const endpoint = await make(api, receiver.url);
			const ids = [];
			for (let i = 0; i < 6; i++)
				ids.push((await cancelled(api)).id);
			await until('deliveries to be on their way', () => receiver.events.length >= 4);
			const was = stack.kill(name);
			if (name === 'jobs')
				release();
			await stack.restarted(name, was);
			release();
			await stack.ready();
			const log = await until('all to be delivered', async () => {
				const all = await deliveries(api, endpoint.id);
				return all.every(each => each.status === 'delivered') && all;
			});
			assert.deepEqual(log.map(each => each.video_id).sort(), [...ids].sort());
			for (const id of ids) {
				const events = receiver.events.filter(each => each.body.data.id === id);
				assert.ok(events.length >= 1, `${id} came ${events.length} times`);
				assert.equal(new Set(events.map(each => each.id)).size, 1, 'each time under the same id');
			}
		} finally {
			await worker.close().catch(() => {});
			await receiver.stop();
		}
	});

onStack('private addresses are refused, at once or when it is tried', {sandbox: false, env: {ARENA_WEBHOOK_RETRY: '50ms'}}, async stack => {
	const api = apiOf(stack);
	const receiver = await startReceiver();
	const worker = await connectWorker(stack, {models: [model('toy')], ready: 0});
	try {
		await api.offered('toy');
		for (const url of [receiver.url, 'http://localhost/', 'http://10.0.0.1/', 'http://[::1]/', 'http://2130706433/',
			'http://169.254.169.254/latest/meta-data'])
			assert.match(await wrong(api.post(ENDPOINTS, {json: {url}}), 400, 'url'), /private/);
		const own = await api.post('/v1/videos', {json: {model: 'toy', prompt: 'x', webhook_url: receiver.url}});
		assert.equal(own.status, 400);
		assert.equal(own.body.error.param, 'webhook_url');
		assert.equal(receiver.events.length, 0);
	} finally {
		await worker.close();
		await receiver.stop();
	}
});
