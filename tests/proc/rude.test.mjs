/*
 * Clients that are allowed to do what they do, and do it badly: streams that nobody reads, more
 * listeners than there is room for, headers that make no sense, absurd chats, everything at once.
 * Others must not notice.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';

import {sharedStack} from '../lib/stack.mjs';
import {apiOf, newKey} from '../lib/api.mjs';
import {errorOf} from '../lib/bad.mjs';
import {listen} from '../lib/listen.mjs';
import {tinyMp4} from '../lib/media.mjs';
import {alive} from '../lib/procs.mjs';
import {startReceiver} from '../lib/receiver.mjs';
import {until} from '../lib/wait.mjs';
import {model, steadyWorker} from '../lib/worker.mjs';

const shared = sharedStack({sandbox: false, env: {ARENA_FETCH_PRIVATE: 'yes', ARENA_MAX_WAITS: '50', ARENA_WEBHOOK_RETRY: '50ms'}});
let worker;
let video;
let pids;

const resident = pid => Number(fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) * 1024;

shared.test('a worker, and a video to look at', async stack => {
	const api = apiOf(stack);
	pids = stack.services.map(stack.pid);
	worker = steadyWorker(stack, {models: [model('toy')], slots: 4, make: async () => tinyMp4()});
	await api.offered('toy');
	video = await api.wait((await api.create({model: 'toy'})).id, 'completed');
});

/* ---- streams ---- */

/* Those of before have been let go. */
const nobodyWaits = api => until('all streams to be gone', async () => /^arena_gateway_waits 0$/m.test((await api.get('/metrics')).bytes));

shared.test('odd Last-Event-IDs: a stream that works, or a 400, and never a 5xx', async (stack, t) => {
	const api = apiOf(stack);
	const odd = ['', ' ', 'x', '-1', '0', '1.5', '00000001', '99999999999999999999999', '9223372036854775807', '-9223372036854775808', '0x10', '1e5',
		'\xff\xfe', 'a'.repeat(5000), '1, 2', `video_${'0'.repeat(32)}`, '%00', '☃'.repeat(3)];
	for (const id of odd)
		for (const path of ['/v1/events', `/v1/videos/${video.id}/events`]) {
			const stream = await listen(t, stack, path, {headers: {'Last-Event-ID': Buffer.from(id).toString('latin1')}});
			assert.ok([200, 204, 400].includes(stream.status), `${path} after ${id.slice(0, 30)}: ${stream.head}`);
			if (stream.status === 200 && path === '/v1/events') {
				const made = await api.create({model: 'toy'});
				await until(`news after ${JSON.stringify(id.slice(0, 30))}`, () => stream.seen().includes(made.id));
			}
			stream.close();
		}
});

shared.test('a listener that never reads costs little, and holds up nobody', async (stack, t) => {
	const api = apiOf(stack);
	const gateway = stack.pid('gateway');
	const deaf = await Promise.all(Array.from({length: 20}, () => listen(t, stack, '/v1/events', {read: false})));
	const before = resident(gateway);
	const stream = await listen(t, stack, '/v1/events');
	const prompt = 'a'.repeat(20_000); // an event carries the prompt
	const ids = [];
	for (let i = 0; i < 20; i++)
		ids.push(...(await Promise.all(Array.from({length: 5}, () => api.create({model: 'toy', prompt})))).map(({id}) => id));
	for (const id of ids)
		await until('the end of all jobs to be told', () => stream.seen().includes(`"id":"${id}"`), {ms: 20_000});
	const grown = resident(gateway) - before;
	assert.ok(grown < 40 << 20, `the gateway has grown by ${grown >> 10} KB for 20 deaf listeners of 100 jobs of 20 KB`);
	for (const each of [...deaf, stream])
		each.close();
	for (const id of ids)
		await api.remove(id);
});

shared.test('more listeners than there is room for: 503, and room again when some have left', async (stack, t) => {
	const api = apiOf(stack);
	await nobodyWaits(api);
	const open = [];
	const refused = await until('a listener to be refused', async () => {
		const stream = await listen(t, stack, '/v1/events');
		open.push(stream);
		return stream.status !== 200 && stream;
	}, {every: 0});
	assert.equal(refused.status, 503, refused.head);
	assert.match(refused.head, /retry-after: \d/i);
	assert.equal(open.length - 1, 50, 'so many came in');
	/* All else goes on; what would wait has its job, and says so. */
	const {id} = await api.create({model: 'toy'});
	await api.wait(id, 'completed');
	const answer = await api.post('/v1/videos/generations', {json: {prompt: 'a', model: 'toy'}});
	assert.equal(answer.status, 202, answer.bytes.toString());
	await api.wait(answer.body.id, 'completed');
	for (const each of open)
		each.close();
	await until('room again', async () => {
		const stream = await listen(t, stack, '/v1/events');
		stream.close();
		return stream.status === 200;
	});
});

shared.test('a stream that is cut off at any moment leaves nothing in the gateway', async (stack, t) => {
	const api = apiOf(stack);
	for (let i = 0; i < 50; i++) {
		const stream = await listen(t, stack, i % 2 ? '/v1/events' : `/v1/videos/${video.id}/events`, {read: false});
		if (i % 3)
			stream.socket.resetAndDestroy();
		else
			stream.close();
	}
	await until('all places to be free', async () => {
		const streams = await Promise.all(Array.from({length: 50}, () => listen(t, stack, '/v1/events')));
		streams.forEach(each => each.close());
		return streams.every(each => each.status === 200);
	}, {every: 200});
	await api.wait((await api.create({model: 'toy'})).id, 'completed');
});

/* ---- content ---- */

shared.test('odd ranges and conditions: the right bytes, or all, or 416', async stack => {
	const api = apiOf(stack);
	const path = `/v1/videos/${video.id}/content`;
	const {bytes, headers} = await api.get(path);
	const etag = headers.get('etag');
	const all = [200, bytes];
	const rows = [
		[{range: 'bytes=0-99999999999999999999999999'}, [206, bytes], all], [{range: 'bytes=99999999999999999999999999-'}, [416], all],
		[{range: 'bytes=-99999999999999999999999999'}, [206, bytes], all], [{range: 'bytes=-'}, all], [{range: 'bytes=--1'}, all], [{range: 'bytes=0--1'}, all],
		[{range: 'bytes 0-1'}, all], [{range: 'BYTES=0-1'}, all, [206, bytes.subarray(0, 2)]], [{range: ' bytes=0-1 '}, [206, bytes.subarray(0, 2)]],
		[{range: 'bytes = 0-1'}, all, [206, bytes.subarray(0, 2)]], [{range: 'bytes=0 - 1'}, all, [206, bytes.subarray(0, 2)]], [{range: 'bytes=0x0-0x1'}, all],
		[{range: 'bytes=1e0-2'}, all], [{range: `bytes=${Array.from({length: 1000}, (_, i) => `${i}-${i}`)}`}, all], [{range: 'bytes=0-0,'}, all, [206, bytes.subarray(0, 1)]],
		[{range: 'bytes=٠-١'}, all], [{range: ''}, all], [{range: 'none'}, all],
		[{range: 'bytes=0-1', 'if-range': `W/${etag}`}, all], [{range: 'bytes=0-1', 'if-range': 'Wed, 21 Oct 2015 07:28:00 GMT'}, all],
		[{range: 'bytes=0-1', 'if-range': 'nonsense'}, all], [{range: `bytes=${bytes.length}-`, 'if-range': '"other"'}, all],
		[{range: 'bytes=0-1', 'if-none-match': etag}, [304]], [{'if-none-match': `${'"x",'.repeat(500)}${etag}`}, [304]], [{'if-none-match': '"'}, all],
		[{'if-none-match': etag.slice(0, -1)}, all], [{'if-match': '"other"'}, all, [412]], [{'if-modified-since': 'yesterday'}, all],
	];
	for (const [headers, ...wanted] of rows) {
		const raw = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]));
		const answer = await api.get(path, {headers: raw});
		const fits = wanted.some(([status, body]) => answer.status === status && (!body || answer.bytes.equals(body)));
		assert.ok(fits, `${JSON.stringify(headers).slice(0, 100)}: ${answer.status}, ${answer.bytes.length} of ${bytes.length} bytes`);
		if (answer.status === 416)
			assert.equal(answer.headers.get('content-range'), `bytes */${bytes.length}`);
		if (answer.status === 304)
			assert.equal(answer.bytes.length, 0);
	}
});

shared.test('a link with anything changed in it does not work', async stack => {
	const nobody = apiOf(stack, null);
	const {url, thumbnail_url} = await apiOf(stack).video(video.id);
	for (const link of [url, thumbnail_url]) {
		assert.equal((await nobody.get(link)).status, 200);
		const [path, query] = link.split('?');
		const fields = query.split('&');
		for (let at = 0; at < query.length; at++) {
			const changed = `${path}?${query.slice(0, at)}${query[at] === '0' ? '1' : '0'}${query.slice(at + 1)}`;
			const answer = await nobody.get(changed);
			assert.ok([400, 401, 403, 404].includes(answer.status), `${changed}: ${answer.status}`);
			errorOf(answer);
		}
		for (const field of fields) {
			const less = await nobody.get(`${path}?${fields.filter(each => each !== field).join('&')}`);
			assert.ok([400, 401, 403, 404].includes(less.status), `without ${field}: ${less.status}`);
		}
		const shown = (await nobody.get(link)).bytes;
		for (const more of ['variant=spritesheet', 'index=1']) {
			/* what is said twice counts as it was signed */
			const answer = await nobody.get(`${link}&${more}`);
			assert.ok([400, 401, 403, 404].includes(answer.status) || answer.bytes.equals(shown), more);
		}
		/* Ours to add: they change nothing of what is shown. */
		assert.equal((await nobody.get(`${link}&download=1`)).status, 200);
	}
});

/* ---- chat ---- */

const chat = (api, messages, more) => api.post('/v1/chat/completions', {json: {model: 'toy', size: '128x128', messages, ...more}});
const user = content => ({role: 'user', content});

shared.test('absurd chats: answered, or refused in words', async stack => {
	const api = apiOf(stack);
	const text = 'a boat';
	const fine = {
		'a thousand messages': [...Array.from({length: 1000}, (_, i) => ({role: i % 2 ? 'assistant' : 'user', content: `message ${i}`})), user(text)],
		'a megabyte of history': [{role: 'assistant', content: 'x'.repeat(1 << 20)}, user(text)],
		'the answer to an answer': [user('first'), {role: 'assistant', content: null, tool_calls: [{id: '1', type: 'function', function: {name: 'f', arguments: '{}'}}]},
			{role: 'tool', tool_call_id: '1', content: '{}'}, user(text)],
		'many parts': [user(Array.from({length: 200}, (_, i) => ({type: 'text', text: `part ${i} `})))],
		'unknown fields everywhere': [{...user(text), name: 'Bo', extra: {deep: [1]}, cache_control: null}],
		'an answer last': [user(text), {role: 'assistant', content: 'and?'}],
	};
	for (const [what, messages] of Object.entries(fine)) {
		const answer = await chat(api, messages, {temperature: 2, tools: [], response_format: {type: 'text'}, logit_bias: {}, n: 1, user: 'x'});
		assert.equal(answer.status, 200, `${what}: ${answer.bytes.toString().slice(0, 300)}`);
		assert.match(answer.body.choices[0].message.content, /<video/);
	}
	for (const [what, messages] of Object.entries({
		'100,000 messages': Array.from({length: 100_000}, () => user('')), 'nothing but brackets': [user([[[[[[]]]]]])],
		'30 MB': [user('x'.repeat(30 << 20))], 'a prototype': [{__proto__: null, constructor: 'user'}],
	})) {
		const answer = await chat(api, messages);
		assert.ok([400, 413].includes(answer.status), `${what}: ${answer.status}`);
		errorOf(answer);
	}
});

shared.test('what a prompt says does not become markup of the answer', async stack => {
	const nasty = '"><script>alert(1)</script> ![x](javascript:alert(1)) </video>\n\n[click](https://evil.example) `';
	const answer = await chat(apiOf(stack), [user(nasty)]);
	assert.equal(answer.status, 200, answer.bytes.toString());
	const {content} = answer.body.choices[0].message;
	for (const bad of ['<script', 'javascript:', 'evil.example'])
		assert.ok(!content.includes(bad), content);
	assert.equal(content.match(/<\/video>/g).length, 1, content);
});

/* ---- webhooks ---- */

shared.test('a receiver that fails, sends elsewhere, and takes it at last: the same event each time', async (stack, t) => {
	const api = apiOf(stack);
	const hook = await startReceiver();
	t.after(hook.stop);
	hook.answer = (event, n) => [500, 302, 204][Math.min(n - 1, 2)];
	const {id} = await api.create({model: 'toy', webhook_url: `${hook.url}/hook`});
	const tries = [];
	while (tries.length < 3)
		tries.push(await hook.next(each => each.text.includes(id)));
	assert.deepEqual(tries.map(each => [each.id, each.text, each.path]), tries.map(() => [tries[0].id, tries[0].text, '/hook']));
	const entry = await until('the log to say so', async () => {
		const {data} = await api.good(api.get('/v1/webhook_endpoints/default/deliveries'));
		return data.find(each => each.id === tries[0].id && each.status === 'delivered');
	});
	assert.deepEqual([entry.attempts, entry.response_status], [3, 204]);
});

shared.test('a receiver that never answers holds up nobody else', async (stack, t) => {
	const api = apiOf(stack);
	const [deaf, quick] = [await startReceiver(), await startReceiver()];
	t.after(() => Promise.all([deaf.stop(), quick.stop()]));
	deaf.answer = () => null;
	for (let i = 0; i < 10; i++)
		await api.create({model: 'toy', webhook_url: deaf.url});
	const {id} = await api.create({model: 'toy', webhook_url: quick.url});
	await quick.next(each => each.text.includes(id), {ms: 30_000});
	assert.ok(deaf.events.length < 10, 'it did not wait for its turn behind them');
});

/* ---- everything at once ---- */

shared.test('400 requests of all kinds at once: each is answered as if it were alone', async stack => {
	const api = apiOf(stack);
	const other = apiOf(stack, await newKey(stack, 'crowd'));
	const kinds = [
		[200, () => api.video(video.id).then(() => ({status: 200}))],
		[200, () => api.get('/v1/videos?limit=100')],
		[404, () => other.get(`/v1/videos/${video.id}`)],
		[200, () => api.get('/v1/models')],
		[206, () => api.get(`/v1/videos/${video.id}/content`, {headers: {range: 'bytes=0-99'}})],
		[400, () => api.post('/v1/videos', {json: '{"prompt":'})],
		[400, () => api.post('/v1/chat/completions', {json: {messages: []}})],
		[200, () => api.post('/v1/videos', {json: {prompt: 'crowd', model: 'toy', size: '128x128'}, headers: {'idempotency-key': 'crowd'}})],
		[401, () => apiOf(stack, null).get('/v1/events')],
		[200, () => api.post('/v1/videos/generations', {json: {prompt: 'crowd', model: 'toy', size: '128x128'}, headers: {'idempotency-key': 'crowd 2'}})],
	];
	const seen = await Promise.all(Array.from({length: 400}, (_, i) => kinds[i % kinds.length][1]()));
	const wrong = seen.map(({status}, i) => [i % kinds.length, status]).filter(([kind, status]) => kinds[kind][0] !== status);
	assert.deepEqual(wrong.slice(0, 5), []);
	assert.equal((await api.list()).filter(each => each.prompt === 'crowd').length, 2, 'one job for each key');
});

shared.test('after all that nobody has died', async stack => {
	await worker.stop();
	assert.deepEqual(stack.services.map(stack.pid), pids, 'the same processes');
	assert.ok(pids.every(alive));
});
