/*
 * POST /v1/videos/generations over real processes: several jobs in one answer, streams, the video
 * in base64, what a client prefers, and several videos of one run.
 */
import assert from 'node:assert/strict';

import {apiOf} from '../lib/api.mjs';
import {noteOf, tinyMp4} from '../lib/media.mjs';
import {eventsOf} from '../lib/sse.mjs';
import {sharedStack} from '../lib/stack.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const shared = sharedStack({sandbox: false});
const ASKED = {prompt: 'a test', seconds: 1, size: '128x128'};

/** A worker for one model that no other test asks for. */
async function workerFor(stack, id, slots = 1, ready = slots) {
	const worker = await connectWorker(stack, {models: [model(id)], slots, ready});
	await apiOf(stack).offered(id);
	return worker;
}

const generate = (stack, more, headers) =>
	apiOf(stack).post('/v1/videos/generations', {json: {...ASKED, ...more}, headers});

/* An answer that needs no key: what people do with a url. */
const fetched = async url => Buffer.from(await (await fetch(url)).arrayBuffer());

shared.test('n videos are one answer, in order, with those that failed beside them', async stack => {
	const worker = await workerFor(stack, 'several', 4);
	const answer = generate(stack, {model: 'several', n: 4});
	const jobs = [];
	for (let i = 0; i < 4; i++) {
		jobs.push(await worker.next('job'));
		worker.accept(jobs[i]); // what is not accepted soon goes to another
	}
	for (const [i, job] of jobs.entries())
		if (i === 1)
			await worker.fail(job, 'content_policy', {message: 'Not that.', retryable: false});
		else
			await worker.finish(job, tinyMp4(job.job));
	const {status, body} = await answer;
	assert.equal(status, 200, JSON.stringify(body));
	assert.deepEqual([...body.ids].sort(), jobs.map(job => job.job).sort());
	assert.equal(body.id, body.ids[0]);
	const failed = jobs[1].job;
	assert.deepEqual(body.data.map(each => each.id), body.ids.filter(id => id !== failed));
	assert.deepEqual(body.errors, [{id: failed, code: 'content_policy', message: 'Not that.'}]);
	for (const {id, url} of body.data)
		assert.equal(noteOf(await fetched(url)), id, 'the link leads to its own video');
	await worker.drop();
});

shared.test('when all fail, the answer is the error, and it is not to be tried again', async stack => {
	const worker = await workerFor(stack, 'failing', 2);
	const answer = generate(stack, {model: 'failing', n: 2});
	for (let i = 0; i < 2; i++)
		await worker.fail(await worker.next('job'), 'content_policy', {message: 'Not that.', retryable: false});
	const {status, headers, body} = await answer;
	assert.equal(status, 400);
	assert.equal(headers.get('x-should-retry'), 'false');
	assert.equal(body.error.code, 'content_policy');
	await worker.drop();
});

shared.test('every video of a run is an entry, and is fetched by its index', async stack => {
	const worker = await workerFor(stack, 'battle');
	const answer = generate(stack, {model: 'battle'});
	await worker.finish(await worker.next('job'), [tinyMp4('left'), tinyMp4('right')]);
	const {status, body} = await answer;
	assert.equal(status, 200);
	assert.deepEqual(await Promise.all(body.data.map(async ({url}) => noteOf(await fetched(url)))), ['left', 'right']);
	const api = apiOf(stack);
	const video = await api.video(body.id);
	assert.deepEqual(video.outputs.map(each => each.url), body.data.map(each => each.url));
	assert.equal(video.url, video.outputs[0].url);
	const second = await api.get(`/v1/videos/${body.id}/content?index=1`);
	assert.equal(noteOf(second.bytes), 'right');
	assert.equal((await api.get(`/v1/videos/${body.id}/content?index=2`)).status, 404);
	/* A link is for one of them. */
	assert.equal((await fetch(body.data[1].url.replace('index=1', 'index=0'))).status, 403);
	await worker.drop();
});

shared.test('a stream tells the way, and ends with the result', async stack => {
	const worker = await workerFor(stack, 'streamed');
	const answer = await fetch(`${stack.url}/v1/videos/generations`, {method: 'POST',
		headers: {authorization: `Bearer ${stack.key}`, 'content-type': 'application/json'},
		body: JSON.stringify({...ASKED, model: 'streamed', stream: true})});
	assert.equal(answer.status, 200);
	assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
	const job = await worker.next('job');
	const seen = [];
	for await (const {event, data} of eventsOf(answer)) {
		assert.equal(data.type, event);
		seen.push(data);
		if (data.status === 'in_progress' && !data.progress)
			worker.progress(job, 40, 'painting');
		if (data.progress === 40)
			await worker.finish(job, tinyMp4('streamed'));
	}
	assert.deepEqual(seen.find(each => each.progress === 40),
		{type: 'video_generation.progress', index: 0, id: job.job, status: 'in_progress', progress: 40, stage: 'painting'});
	const last = seen.at(-1);
	assert.equal(last.type, 'video_generation.completed');
	assert.equal(noteOf(await fetched(last.data[0].url)), 'streamed');
	await worker.drop();
});

shared.test('the video itself comes in base64 when that is asked for', async stack => {
	const worker = await workerFor(stack, 'embedded');
	const answer = generate(stack, {model: 'embedded', response_format: 'b64_json'});
	await worker.finish(await worker.next('job'), tinyMp4('inside'));
	const {status, body} = await answer;
	assert.equal(status, 200);
	const bytes = Buffer.from(body.data[0].b64_json, 'base64');
	assert.equal(noteOf(bytes), 'inside');
	assert.equal(bytes.length, body.data[0].bytes);
	assert.deepEqual(await fetched(body.data[0].url), bytes);
	await worker.drop();
});

/* By default a request waits longer than a test may take. */
shared.test('who does not want to wait gets the job, and it goes on', async stack => {
	const worker = await workerFor(stack, 'later', 1, 0);
	const api = apiOf(stack);
	const ways = [
		[{async: true}, {}, null],
		[{}, {prefer: 'respond-async'}, 'respond-async'],
		[{}, {prefer: 'wait=1'}, 'wait=1'],
		[{timeout: 1}, {}, null],
		[{timeout: 0}, {}, null],
		[{}, {prefer: 'wait=0'}, 'wait=0'],
	];
	for (const [more, headers, applied] of ways) {
		const answer = await generate(stack, {model: 'later', ...more}, headers);
		assert.equal(answer.status, 202, JSON.stringify([more, headers]));
		assert.equal(answer.headers.get('preference-applied'), applied);
		assert.equal(answer.headers.get('location'), `/v1/videos/${answer.body.id}`);
		assert.match(answer.headers.get('openai-poll-after-ms'), /^\d+$/);
		assert.ok(['queued', 'in_progress'].includes(answer.body.status));
	}
	const several = await generate(stack, {model: 'later', n: 2, async: true});
	assert.equal(several.status, 202);
	assert.equal(several.body.object, 'list');
	assert.equal(several.body.data.length, 2);
	worker.ready(1);
	const job = await worker.next('job');
	await worker.finish(job, tinyMp4('later'));
	assert.equal((await api.wait(job.job)).status, 'completed');
	await worker.drop();
});
