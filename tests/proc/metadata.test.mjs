/*
 * What a client notes on a video for itself: taken on every route that makes one, given back wherever the
 * video is told, and told to no worker.
 */
import assert from 'node:assert/strict';

import {apiOf, formOf} from '../lib/api.mjs';
import {errorOf} from '../lib/bad.mjs';
import {png, tinyMp4} from '../lib/media.mjs';
import {startReceiver} from '../lib/receiver.mjs';
import {eventsOf} from '../lib/sse.mjs';
import {sharedStack} from '../lib/stack.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const shared = sharedStack({sandbox: false, env: {ARENA_FETCH_PRIVATE: 'yes'}});
const NOTES = {conversation: 'c-1', 'with "quotes" & <b>': 'ñ 🦊\n\\ \u202etxet', empty: ''};
const ask = {model: 'toy', prompt: 'a test', seconds: '1', size: '128x128'};

let api, worker, jobs, first;

/* Does what is asked for, as long as the connection is there. */
async function work() {
	for (;;) {
		const job = await worker.next('job', {ms: 60_000});
		jobs.push(job);
		worker.accept(job);
		await worker.finish(job, tinyMp4());
		worker.ready(1);
	}
}

shared.test('a worker and a first video, which has none', async stack => {
	api = apiOf(stack);
	jobs = [];
	worker = await connectWorker(stack, {models: [model('toy', {operations: ['remix', 'edit', 'extend'], inputs: ['text', 'image']})]});
	work().catch(error => assert.ok(worker.closed, error)); // its end is the end of the connection
	await api.offered('toy');
	first = await api.wait((await api.create(ask)).id, 'completed');
	assert.deepEqual(first.metadata, {});
});

/* What asks for a video with this metadata, and gives the id of that video and the metadata of the answer. */
const withNotes = (path, more = {}) => async metadata => {
	const body = await api.good(api.post(path, {json: {...ask, ...more, metadata}}));
	return {id: body.id, told: body.metadata};
};
const routes = {
	'POST /v1/videos': withNotes('/v1/videos'),
	'POST /v1/videos/generations': withNotes('/v1/videos/generations'),
	'POST /v1/videos/generations, async': withNotes('/v1/videos/generations', {async: true}),
	'POST /v1/videos/{id}/remix': metadata => withNotes(`/v1/videos/${first.id}/remix`)(metadata),
	'POST /v1/videos/edits': metadata => withNotes('/v1/videos/edits', {video: {id: first.id}})(metadata),
	'POST /v1/videos/extensions': metadata => withNotes('/v1/videos/extensions', {video: {id: first.id}})(metadata),
	'POST /v1/chat/completions': async metadata => {
		const body = await api.good(api.post('/v1/chat/completions', {json: {model: 'toy', messages: [{role: 'user', content: 'a test'}], metadata}}));
		return {id: body.video_id};
	},
	'POST /api/v1/videos': async metadata => {
		const body = await api.good(api.post('/api/v1/videos', {json: {model: 'toy', prompt: 'a test', metadata}}));
		return {id: body.id};
	},
};

for (const [name, made] of Object.entries(routes))
	shared.test(`${name} keeps what was noted`, async () => {
		const {id, told = NOTES} = await made(NOTES);
		assert.deepEqual(told, NOTES);
		assert.deepEqual((await api.wait(id, 'completed')).metadata, NOTES);
		assert.deepEqual((await api.list()).find(each => each.id === id).metadata, NOTES);
	});

const refusing = {
	...Object.fromEntries(['/v1/videos', '/v1/videos/generations', '/v1/videos/edits', '/v1/videos/extensions', '/api/v1/videos']
		.map(path => [path, () => ask])),
	'/v1/chat/completions': () => ({model: 'toy', messages: [{role: 'user', content: 'a test'}]}),
	'a remix': () => ask,
};
for (const [path, fields] of Object.entries(refusing))
	shared.test(`bad metadata makes nothing: ${path}`, async () => {
		const before = (await api.list()).length;
		const url = path === 'a remix' ? `/v1/videos/${first.id}/remix` : path;
		const answer = await api.post(url, {json: {...fields(), video: {id: first.id}, metadata: {a: 1}}});
		const {code, message} = errorOf(answer);
		assert.deepEqual([answer.status, code, answer.body.error.param], [400, 'invalid_value', 'metadata'], message);
		assert.equal((await api.list()).length, before);
	});

shared.test('a form has it as metadata[key]', async () => {
	const form = formOf({...ask, ...Object.fromEntries(['conversation', 'empty'].map(key => [`metadata[${key}]`, NOTES[key]]))}, png(64, 64));
	form.set('metadata[ñ 🦊]', 'a b');
	const wanted = {conversation: 'c-1', empty: '', 'ñ 🦊': 'a b'};
	for (const path of ['/v1/videos', `/v1/videos/${first.id}/remix`]) {
		const made = await api.good(api.post(path, {form}));
		assert.deepEqual(made.metadata, wanted, path);
		assert.deepEqual((await api.wait(made.id, 'completed')).metadata, wanted, path);
	}
});

shared.test('as much of it as may be is kept', async () => {
	const all = Object.fromEntries(Array.from({length: 16}, (_, i) => [`${i}${'k'.repeat(64)}`.slice(0, 64), '🦊'.repeat(512)]));
	const {id} = await api.create({...ask, metadata: all});
	assert.deepEqual((await api.wait(id, 'completed')).metadata, all);
});

shared.test('a remix has its own, not that of the video it is made from', async () => {
	const {id} = await api.create({...ask, metadata: NOTES});
	await api.wait(id, 'completed');
	const remix = await api.good(api.post(`/v1/videos/${id}/remix`, {json: {prompt: 'by night'}}));
	assert.deepEqual(remix.metadata, {});
	const other = await api.good(api.post(`/v1/videos/${id}/remix`, {json: {prompt: 'by night', metadata: {conversation: 'c-2'}}}));
	assert.deepEqual(other.metadata, {conversation: 'c-2'});
});

shared.test('several of one request all have it', async () => {
	const {data} = await api.good(api.post('/v1/videos/generations', {json: {...ask, n: 3, async: true, metadata: {group: 'g-1'}}}));
	assert.deepEqual(data.map(each => each.metadata), [{group: 'g-1'}, {group: 'g-1'}, {group: 'g-1'}]);
});

shared.test('events and webhooks tell it', async (stack, t) => {
	const receiver = await startReceiver();
	t.after(receiver.stop);
	const {id} = await api.create({...ask, metadata: NOTES, webhook_url: receiver.url});
	const answer = await fetch(`${stack.url}/v1/videos/${id}/events`, {headers: {authorization: `Bearer ${stack.key}`}});
	let events = 0;
	for await (const {event, data} of eventsOf(answer)) {
		assert.equal(event, 'video');
		assert.deepEqual(data.metadata, NOTES);
		events++;
	}
	assert.ok(events > 0);
	const told = await receiver.next(each => each.body.data.id === id);
	assert.deepEqual(told.body.data, {id, metadata: NOTES});
});

shared.test('the same request with other metadata is another request', async () => {
	const make = metadata => api.post('/v1/videos', {json: {...ask, metadata}, headers: {'idempotency-key': 'once'}});
	const made = await api.good(make(NOTES));
	assert.equal((await api.good(make(NOTES))).id, made.id);
	assert.equal((await make({...NOTES, empty: 'not'})).status, 422);
	assert.equal((await make(undefined)).status, 422);
});

shared.test('no worker is told of it', async () => {
	assert.ok(jobs.length > 10, `${jobs.length} jobs`);
	assert.ok(!JSON.stringify(jobs).match(/metadata|conversation/));
	await worker.close();
});
