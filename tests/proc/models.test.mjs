/*
 * Which models there are: names that are known before anybody offers them, aliases, what a model
 * cannot do, and what is made from a video that is there.
 */
import assert from 'node:assert/strict';

import {apiOf, newKey} from '../lib/api.mjs';
import {noteOf, tinyMp4} from '../lib/media.mjs';
import {sharedStack} from '../lib/stack.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const shared = sharedStack({sandbox: false});
const NAMES = ['pika-2.2', 'hailuo-02-standard', 'veo3', 'veo2', 'kling-2.1-master', 'kling-2-master-image-to-video',
	'seedance-1-lite-image-to-video', 'seedance-1-lite-text-to-video'];

const refused = async (answer, status, param) => {
	const {status: was, body, bytes} = await answer;
	assert.deepEqual([was, body.error.param], [status, param], bytes.toString());
	return body.error;
};

shared.test('familiar names are known, and say that nobody offers them', async stack => {
	const api = apiOf(stack);
	const all = (await api.good(api.get('/v1/models'))).data;
	for (const name of NAMES)
		assert.equal(all.find(each => each.id === name)?.available, false, name);
	assert.deepEqual(all.find(each => each.id === 'veo3').aliases, ['veo-3']);
	assert.equal((await api.good(api.get('/v1/models/veo-3'))).available, false);
	assert.equal((await api.get('/v1/models/veo-4')).status, 404);
});

shared.test('a job for a known model waits for a worker, or fails fast when it says so', async stack => {
	const api = apiOf(stack);
	const waiting = await api.create({model: 'veo2', seconds: '5', size: '1280x720'});
	assert.equal(waiting.status, 'queued');
	const {code} = await refused(api.post('/v1/videos', {json: {prompt: 'x', model: 'veo2', fail_fast: true}}), 503, 'model');
	assert.equal(code, 'model_unavailable');
	const worker = await connectWorker(stack, {models: [model('veo2')]});
	const job = await worker.next('job');
	assert.equal(job.job, waiting.id);
	await worker.finish(job, tinyMp4('waited'));
	assert.equal(noteOf(await api.content(waiting.id)), 'waited');
	await worker.close();
});

shared.test('an alias is the model that the connected worker announces', async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [model('kling-v2.1-master')], slots: 2});
	await api.offered('kling-v2.1-master');
	for (const name of ['kling-2.1-master', 'kling-v2.1-master']) {
		const made = await api.create({model: name, fail_fast: true});
		const job = await worker.next('job');
		assert.deepEqual([job.job, job.model], [made.id, 'kling-v2.1-master']);
	}
	await worker.drop();
});

shared.test('a job that waits under a familiar name is done by who announces another spelling of it', async stack => {
	const api = apiOf(stack);
	const waiting = await api.create({model: 'pika-2.2', seconds: '5'});
	assert.equal(waiting.model, 'pika-2.2');
	const worker = await connectWorker(stack, {models: [model('pika-v2.2')], slots: 2});
	const job = await worker.next('job');
	assert.deepEqual([job.job, job.model], [waiting.id, 'pika-v2.2']);
	await worker.drop();
});

shared.test('an unknown model is refused with names that are near', async stack => {
	const api = apiOf(stack);
	const {message, code} = await refused(api.post('/v1/videos', {json: {prompt: 'x', model: 'veo-33'}}), 400, 'model');
	assert.equal(code, 'model_not_found');
	assert.match(message, /Did you mean .*veo3/);
});

shared.test('what changes the result is refused when the model cannot do it, hints are reported', async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [
		model('strict', {inputs: ['text'], sizes: ['1280x720', '640x360'], min_seconds: 5, max_seconds: 8, parameters: ['fps']})]});
	await api.offered('strict');
	const ask = fields => api.post('/v1/videos', {json: {prompt: 'x', model: 'strict', ...fields}});
	await refused(ask({seconds: 4}), 400, 'seconds');
	await refused(ask({duration: 9}), 400, 'duration');
	await refused(ask({size: '720x1280'}), 400, 'size');
	await refused(ask({aspect_ratio: '9:16'}), 400, 'aspect_ratio');
	await refused(ask({resolution: '1080p'}), 400, 'resolution');
	await refused(ask({image: 'https://example.com/a.png'}), 400, 'image');
	const made = await api.good(ask({aspect_ratio: '16:9', resolution: '360p', seed: 7, negative_prompt: 'rain', fps: 12}));
	assert.deepEqual([made.size, made.seconds, made.ignored_parameters], ['640x360', '5', ['seed', 'negative_prompt']]);
	const job = await worker.next('job');
	assert.deepEqual([job.seed, job.fps, job.negative_prompt], [7, 12, 'rain']);
	await worker.drop();
});

shared.test('a remix takes over what it does not say, and only from a finished video of the same key', async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [model('remixer')], slots: 2});
	await api.offered('remixer');
	const first = await api.create({model: 'remixer', seconds: '7', size: '640x360'});
	const remix = (id, json, who = api) => who.post(`/v1/videos/${id}/remix`, {json});
	await refused(remix(first.id, {prompt: 'y'}), 409, null);
	await worker.finish(await worker.next('job'), tinyMp4('first'));
	worker.ready(2);
	await refused(remix(first.id, {}), 400, 'prompt');
	await refused(remix(first.id, {prompt: 'y'}, apiOf(stack, await newKey(stack, 'other'))), 404, null);
	const second = await api.good(remix(first.id, {prompt: 'bluer'}));
	assert.deepEqual([second.remixed_from_video_id, second.prompt, second.seconds, second.size, second.model],
		[first.id, 'bluer', '7', '640x360', 'remixer']);
	const job = await worker.next('job');
	assert.deepEqual([job.job, job.operation, job.source, job.inputs], [second.id, 'remix', first.id, []]);
	/* A request that is sent again finds its job, though its source and its worker have gone. */
	const again = {json: {prompt: 'sent twice', fail_fast: true}, headers: {'idempotency-key': 'remix-1'}};
	const once = await api.good(api.post(`/v1/videos/${first.id}/remix`, again));
	await worker.drop();
	await api.remove(first.id);
	assert.equal((await api.good(api.post(`/v1/videos/${first.id}/remix`, again))).id, once.id);
});

shared.test('edits and extensions are for models that offer them, who get the video', async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [model('maker'), model('editor', {operations: ['edit']})], slots: 2});
	await api.offered('editor');
	const first = await api.create({model: 'maker'});
	await worker.finish(await worker.next('job'), tinyMp4('first'));
	worker.ready(2);
	const json = {prompt: 'at night', video: {id: first.id}};
	assert.equal((await api.post('/v1/videos/extensions', {json})).status, 501);
	assert.equal((await api.post('/v1/videos/characters')).status, 501);
	await refused(api.post('/v1/videos/edits', {json: {...json, model: 'maker'}}), 501, 'model');
	const edited = await api.good(api.post('/v1/videos/edits', {json}));
	const job = await worker.next('job');
	assert.deepEqual([job.job, job.model, job.operation, job.source], [edited.id, 'editor', 'edit', first.id]);
	assert.deepEqual([job.inputs.length, job.inputs[0].role, job.inputs[0].mime], [1, 'video', 'video/mp4']);
	await worker.drop();
});
