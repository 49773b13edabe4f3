/*
 * Webhooks that were really delivered, read by those who will read them: OpenAI's client and the
 * library of Standard Webhooks.
 */
import assert from 'node:assert/strict';
import NewOpenAI from 'openai';
import OldOpenAI from 'openai-626';
import {Webhook} from 'standardwebhooks';

import {sharedStack} from '../lib/stack.mjs';
import {apiOf} from '../lib/api.mjs';
import {startReceiver} from '../lib/receiver.mjs';
import {PICTURES} from '../lib/media.mjs';

const shared = sharedStack({env: {ARENA_FETCH_PRIVATE: 'yes'}});

/* All who can tell a true delivery from a false one. */
const readers = secret => ({
	'openai@6.49.0': (body, headers) => new NewOpenAI({apiKey: 'x', webhookSecret: secret}).webhooks.unwrap(body, headers),
	'openai@6.26.0': (body, headers) => new OldOpenAI({apiKey: 'x'}).webhooks.unwrap(body, headers, secret),
	'standardwebhooks': async (body, headers) => new Webhook(secret).verify(body, headers),
});

async function assertRead({text: body, headers}, secret, type, id) {
	for (const [who, read] of Object.entries(readers(secret))) {
		const event = await read(body, headers);
		assert.deepEqual([event.object, event.type, event.data.id], ['event', type, id], who);
		assert.match(event.id, /^evt_/);
		assert.equal(event.id, headers['webhook-id'], who);
		assert.ok(Number.isInteger(event.created_at) && Math.abs(event.created_at - Date.now() / 1000) < 300);
		for (const [what, bad] of Object.entries({
			'another body': [body.replace(id, id.replace(/.$/, '_')), headers],
			'another id': [body, {...headers, 'webhook-id': 'evt_other'}],
			'another time': [body, {...headers, 'webhook-timestamp': String(Number(headers['webhook-timestamp']) - 1)}],
			'no signature': [body, {...headers, 'webhook-signature': 'v1,'}],
		}))
			await assert.rejects(read(...bad), undefined, `${who}: ${what}`);
	}
}

shared.test('the job\'s own webhook_url: completed, failed', async (stack, t) => {
	const api = apiOf(stack);
	const hook = await startReceiver();
	t.after(hook.stop);
	const {secret} = await api.good(api.get('/v1/webhook_endpoints/default'));
	assert.match(secret, /^whsec_/);
	const good = await api.create({model: 'sandbox', webhook_url: hook.url});
	const delivery = await hook.next(each => each.text.includes(good.id));
	assert.equal(delivery.method, 'POST');
	assert.match(delivery.headers['content-type'], /^application\/json/);
	await assertRead(delivery, secret, 'video.completed', good.id);
	assert.equal((await api.video(good.id)).status, 'completed');

	const bad = await api.create({model: 'sandbox', webhook_url: hook.url}, PICTURES.JPEG(320, 240).subarray(0, 700));
	await assertRead(await hook.next(each => each.text.includes(bad.id)), secret, 'video.failed', bad.id);
});

shared.test('an endpoint: its own secret, one event a job, and a test', async (stack, t) => {
	const api = apiOf(stack);
	const hook = await startReceiver();
	t.after(hook.stop);
	const endpoint = await api.good(api.post('/v1/webhook_endpoints', {json: {url: hook.url, name: 'mine'}}));
	assert.match(endpoint.id, /^we_/);
	const {id} = await api.create({model: 'sandbox'});
	await assertRead(await hook.next(each => each.text.includes(id)), endpoint.secret, 'video.completed', id);
	const other = await api.good(api.get('/v1/webhook_endpoints/default'));
	assert.notEqual(other.secret, endpoint.secret);
	await api.good(api.post(`/v1/webhook_endpoints/${endpoint.id}/test`));
	const tested = await hook.next(each => each.text.includes('webhook.test'));
	new Webhook(endpoint.secret).verify(tested.text, tested.headers);
	await api.good(api.call('DELETE', `/v1/webhook_endpoints/${endpoint.id}`));
});

shared.test('after a rotation the old and the new secret are both good', async (stack, t) => {
	const api = apiOf(stack);
	const hook = await startReceiver();
	t.after(hook.stop);
	const old = await api.good(api.post('/v1/webhook_endpoints', {json: {url: hook.url}}));
	const rotated = await api.good(api.post(`/v1/webhook_endpoints/${old.id}/rotate_secret`));
	assert.notEqual(rotated.secret, old.secret);
	const {id} = await api.create({model: 'sandbox'});
	const delivery = await hook.next(each => each.text.includes(id));
	for (const secret of [old.secret, rotated.secret])
		await assertRead(delivery, secret, 'video.completed', id);
	await api.good(api.call('DELETE', `/v1/webhook_endpoints/${old.id}`));
});
