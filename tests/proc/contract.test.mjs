/*
 * docs/openapi.json is sound, and each of its operations really answers as it says: every one is asked for
 * something that succeeds. (lib/contract.mjs compares; it does so in all other tests, too.)
 */
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {Validator} from '@seriousme/openapi-schema-validator';

import {apiOf} from '../lib/api.mjs';
import {withFile} from '../lib/bad.mjs';
import {check, document, misfit, operations, seen, templateOf} from '../lib/contract.mjs';
import {png, tinyMp4} from '../lib/media.mjs';
import {readUntil} from '../lib/sse.mjs';
import {sharedStack} from '../lib/stack.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const shared = sharedStack({sandbox: false, env: {ARENA_FETCH_PRIVATE: 'yes'}});
let worker, api, video;

test('the document is valid OpenAPI 3.1', async () => {
	const {valid, errors} = await new Validator().validate(structuredClone(document));
	assert.ok(valid, JSON.stringify(errors, null, 1));
});

test('every operation has a name of its own, a tag that is described, and says what errors there are', () => {
	const tags = document.tags.map(each => each.name);
	const names = operations.map(each => {
		const [method, path] = each.split(' ');
		const {operationId, tags: [tag], summary, responses, security} = document.paths[path][method];
		assert.ok(tags.includes(tag), `${each}: the tag ${tag}`);
		assert.ok(summary, each);
		if (!security) // a worker's key has no rate
			for (const status of [400, ...(path.startsWith('/worker/') ? [] : [429]), 500, 503])
				assert.ok(responses[status], `${each}: ${status}`);
		return operationId;
	});
	assert.equal(new Set(names).size, names.length);
});

test('every reference leads somewhere, and every component is used', () => {
	const text = JSON.stringify(document);
	const used = new Set([...text.matchAll(/"#\/components\/(\w+\/\w+)"/g)].map(each => each[1]));
	const there = Object.entries(document.components).filter(([kind]) => kind !== 'securitySchemes')
		.flatMap(([kind, all]) => Object.keys(all).map(name => `${kind}/${name}`));
	assert.deepEqual([...used].sort(), there.sort());
});

test('every example fits its schema', () => {
	let examples = 0;
	(function walk(node, place) {
		if (node === null || typeof node !== 'object')
			return;
		if (node.schema && node.example !== undefined) {
			assert.equal(misfit([...place, 'schema'], node.example), '', place.join(' '));
			examples++;
		}
		for (const [key, value] of Object.entries(node))
			walk(value, [...place, key]);
	})(document, []);
	assert.ok(examples > 20, `${examples} examples`);
});

test('what does not fit is seen', () => {
	const headers = new Headers({'x-request-id': '00', 'content-type': 'application/json'});
	const answer = more => check({method: 'GET', pathname: '/v1/models', status: 200, headers, hasBody: true, text: '{"object":"list","data":[]}', ...more});
	assert.deepEqual(answer(), []);
	for (const [wrong, words] of [
		[{status: 418}, /418 is not in the document/],
		[{text: '{"object":"list"}'}, /must have required property 'data'/],
		[{text: '{"object":"list","data":[],"more":1}'}, /unevaluated/],
		[{text: '{"object":"list","data":[{"id":"x"}]}'}, /required property/],
		[{headers: new Headers({'content-type': 'application/json'})}, /x-request-id/],
		[{headers: new Headers({'x-request-id': '00', 'content-type': 'text/plain'})}, /the type text\/plain/],
		[{headers: new Headers({'x-request-id': '00', 'content-type': 'application/json', 'x-ratelimit-limit-requests': 'many'})}, /x-ratelimit/],
		[{pathname: '/v1/nothing'}, /no such path/],
		[{method: 'PUT'}, /no such operation/],
	])
		assert.match(answer(wrong).join('\n'), words);
	assert.equal(templateOf('/v1/videos/edits'), '/v1/videos/edits');
	assert.equal(templateOf('/v1/videos/video_1'), '/v1/videos/{video_id}');
	assert.equal(templateOf('/v1/models/a/b'), '/v1/models/{model}');
});

/* Does what is asked for until the worker has no more to do. */
async function work() {
	for (;;) {
		const job = await worker.next('job', {ms: 60_000}).catch(() => undefined);
		if (!job)
			return;
		worker.accept(job);
		worker.progress(job, 50, 'painting');
		await worker.finish(job, tinyMp4());
		worker.ready(1);
	}
}

shared.test('a worker and a video', async stack => {
	worker = await connectWorker(stack, {models: [model('toy', {operations: ['remix', 'edit', 'extend'], inputs: ['text', 'image', 'first_last_frame']})]});
	work();
	api = apiOf(stack);
	await api.offered('toy');
	video = await api.wait((await api.create({model: 'toy', prompt: 'a first one'})).id, 'completed');
});

const toy = more => ({json: {model: 'toy', prompt: 'a test', seconds: '1', size: '128x128', ...more}});

shared.test('videos', async () => {
	await api.good(api.get('/v1/videos?limit=1&status=completed&model=toy&q=first&order=asc'));
	for (const [path, more] of [['edits', {video: {id: video.id}}], ['extensions', {video: {id: video.id}}]])
		await api.good(api.post(`/v1/videos/${path}`, toy(more)));
	assert.equal((await api.post('/v1/videos/characters', {json: {}})).status, 501);
	assert.equal((await api.get('/v1/videos/characters/char_1')).status, 501);
	await api.good(api.post(`/v1/videos/${video.id}/remix`, {json: {prompt: 'by night'}}));
	const other = await api.create({model: 'toy', negative_prompt: 'rain', seed: 7, fps: 30});
	await api.good(api.post(`/v1/videos/${other.id}/cancel`));
	await api.good(api.call('DELETE', `/v1/videos/${other.id}`));
	for (const ending of ['', '.mp4', '.webm'])
		for (const method of ['GET', 'HEAD'])
			assert.equal((await api.call(method, `/v1/videos/${video.id}/content${ending}`)).status, 200);
	const {headers} = await api.get(`/v1/videos/${video.id}/content`);
	assert.equal((await api.get(`/v1/videos/${video.id}/content`, {headers: {range: 'bytes=0-1'}})).status, 206);
	assert.equal((await api.get(`/v1/videos/${video.id}/content`, {headers: {range: 'bytes=99999999-'}})).status, 416);
	assert.equal((await api.get(`/v1/videos/${video.id}/content`, {headers: {'if-none-match': headers.get('etag')}})).status, 304);
});

shared.test('generations: waiting, not waiting, streamed, several, in the answer', async () => {
	await api.good(api.post('/v1/videos/generations', toy()));
	await api.good(api.post('/v1/videos/generations', toy({n: 2})));
	await api.good(api.post('/v1/videos/generations', toy({response_format: 'b64_json'})));
	assert.equal((await api.post('/v1/videos/generations', toy({async: true, n: 2}))).status, 202);
	assert.equal((await api.post('/v1/videos/generations', {...toy(), headers: {prefer: 'respond-async'}})).status, 202);
	const {bytes} = await api.post('/v1/videos/generations', toy({stream: true}));
	assert.match(String(bytes), /event: video_generation\.completed/);
});

shared.test('chat', async () => {
	const messages = [{role: 'user', content: [{type: 'text', text: 'a test'}]}];
	await api.good(api.post('/v1/chat/completions', {json: {model: 'toy', messages, size: '128x128', seconds: 1}}));
	const {bytes} = await api.post('/v1/chat/completions',
		{json: {model: 'toy', messages, size: '128x128', seconds: 1, stream: true, stream_options: {include_usage: true}}});
	assert.match(String(bytes), /data: \[DONE\]/);
});

shared.test('events', async () => {
	const leave = new AbortController();
	const all = await fetch(`${api.stack.url}/v1/events`, {headers: {authorization: `Bearer ${api.key}`}, signal: leave.signal});
	const reader = all.body.pipeThrough(new TextDecoderStream()).getReader();
	const {id} = await api.create({model: 'toy'});
	const last = [];
	for await (const event of api.events(id))
		last.push(event);
	assert.equal(last.at(-1).data.status, 'completed');
	await api.remove(id);
	await readUntil(reader, /video\.deleted/);
	leave.abort();
	const again = await fetch(`${api.stack.url}/v1/videos/${video.id}/events`, {headers: {authorization: `Bearer ${api.key}`}});
	const [, change] = (await again.text()).match(/^id: (\d+)$/m);
	assert.equal((await api.get(`/v1/videos/${video.id}/events`, {headers: {'last-event-id': change}})).status, 204);
});

shared.test('models and files', async () => {
	await api.good(api.get('/v1/models/toy'));
	const file = await api.good(api.post('/v1/files', {form: withFile(png(64, 64), {purpose: 'vision'})}));
	await api.good(api.get('/v1/files?limit=1'));
	await api.good(api.get(`/v1/files/${file.id}`));
	assert.equal((await api.get(`/v1/files/${file.id}/content`)).status, 200);
	await api.create({model: 'toy', input_reference: {file_id: file.id}});
	await api.good(api.call('DELETE', `/v1/files/${file.id}`));
	const job = worker.frames.findLast(each => each.type === 'job' && each.inputs?.length);
	assert.equal((await fetch(new URL(job.inputs[0].url, api.stack.url))).status, 200);
});

shared.test('webhooks', async () => {
	const endpoint = await api.good(api.post('/v1/webhook_endpoints', {json: {url: 'http://127.0.0.1:9/hook', events: ['video.completed']}}));
	const path = `/v1/webhook_endpoints/${endpoint.id}`;
	await api.good(api.get('/v1/webhook_endpoints'));
	await api.good(api.get(path));
	await api.good(api.get('/v1/webhook_endpoints/default'));
	await api.good(api.post(path, {json: {name: 'mine'}}));
	await api.good(api.call('PATCH', path, {json: {events: []}}));
	await api.good(api.post(`${path}/rotate_secret`));
	await api.good(api.post(`${path}/test`));
	await api.good(api.get(`${path}/deliveries`));
	await api.good(api.call('DELETE', path));
});

shared.test('workers, pairing, and a vote on two videos', async stack => {
	const {code} = await api.good(api.post('/v1/workers/pairing_codes'));
	const {token} = await api.good(api.post('/worker/pair', {json: {code, name: 'a tab'}}));
	assert.equal((await api.post('/worker/pair', {json: {code, name: 'a tab'}})).status, 400);
	const tab = await connectWorker(stack, {token, models: [model('pair-of-videos', {outputs: 2})]});
	await api.offered('pair-of-videos');
	const {id} = await api.create({model: 'pair-of-videos'});
	const job = await tab.next('job');
	tab.accept(job);
	for (const label of ['a', 'b'])
		await tab.upload(job, tinyMp4(label), {name: label});
	tab.result(job, [{upload: 'a', label: 'a'}, {upload: 'b', label: 'b'}]);
	await api.wait(id, 'completed');
	const vote = api.post(`/v1/videos/${id}/vote`, {json: {winner: 'a'}});
	tab.send({type: 'voted', job: (await tab.next('vote')).job, ok: true, message: '', names: ['Red', 'Blue']});
	await api.good(vote);
	const {data} = await api.good(api.get('/v1/workers'));
	await api.good(api.call('DELETE', `/v1/workers/${data.find(each => each.models.includes('pair-of-videos')).id}`));
	await tab.over;
	assert.equal((await api.call('DELETE', `/v1/workers/${tab.id}`)).status, 404);
	const script = await api.get('/LMArenaVideoInjector.user.js');
	assert.equal(script.status, 200);
	assert.equal((await api.get('/LMArenaVideoInjector.user.js', {headers: {'if-none-match': script.headers.get('etag')}})).status, 304);
});

shared.test('a worker over plain HTTP', async stack => {
	const tab = await connectWorker(stack, {transport: 'http', models: [model('plain')]});
	await api.offered('plain');
	const {id} = await api.create({model: 'plain'});
	const job = await tab.next('job');
	tab.accept(job);
	await tab.finish(job, tinyMp4());
	await api.wait(id, 'completed');
	await tab.close();
});

shared.test('in the shape of OpenRouter', async () => {
	await api.good(api.get('/api/v1/videos/models'));
	const {status, body} = await api.post('/api/v1/videos', {json: {model: 'toy', prompt: 'a test', duration: 1, size: '128x128'}});
	assert.equal(status, 202);
	await api.wait(body.id, 'completed');
	await api.good(api.get(`/api/v1/videos/${body.id}`));
	assert.equal((await api.get(`/api/v1/videos/${body.id}/content`)).status, 200);
	assert.equal((await api.get('/api/v1/videos/video_0')).status, 404);
});

shared.test('for operators', async () => {
	for (const path of ['/healthz', '/readyz', '/metrics'])
		assert.equal((await api.get(path)).status, 200);
	const served = await api.get('/openapi.json');
	assert.deepEqual(served.body, document);
	assert.equal((await api.get('/openapi.json', {headers: {'if-none-match': served.headers.get('etag')}})).status, 304);
	assert.equal((await api.get('/v1/nothing')).status, 404);
	assert.equal((await api.call('PUT', '/v1/videos', {json: {}})).status, 405);
});

shared.test('that was every operation', () => {
	const good = each => [...seen].some(one => one.startsWith(`${each} 2`));
	const mayBeGood = each => {
		const [method, path] = each.split(' ');
		return Object.keys(document.paths[path][method].responses).some(status => status[0] === '2');
	};
	assert.deepEqual(operations.filter(each => !good(each)), operations.filter(each => !mayBeGood(each)));
	worker.socket.close();
});
