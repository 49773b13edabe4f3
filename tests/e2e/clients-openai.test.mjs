/*
 * OpenAI's own client, unchanged but for base URL and key, against the real stack with the sandbox
 * worker: a version that sends forms always, and one that sends JSON where there is no file.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import NewOpenAI, {toFile} from 'openai';
import OldOpenAI from 'openai-626';

import {onStack, sharedStack} from '../lib/stack.mjs';
import {apiOf} from '../lib/api.mjs';
import {assertCorners, assertVideo, frameOf, PICTURES, webpSize} from '../lib/media.mjs';
import {pause} from '../lib/wait.mjs';

const shared = sharedStack();
const VERSIONS = {'6.49.0': NewOpenAI, '6.26.0': OldOpenAI};
const SIZE = {size: '128x128', seconds: '1'};
const KEYS = ['id', 'object', 'model', 'status', 'progress', 'created_at', 'completed_at', 'expires_at', 'prompt', 'size',
	'seconds', 'remixed_from_video_id', 'error'];

const bytesOf = async answer => Buffer.from(await answer.arrayBuffer());
const dataUrl = (bytes, mime) => `data:${mime};base64,${bytes.toString('base64')}`;

/* Every key of the Video object, whatever its status, and nothing of another type. */
function assertShape(video) {
	for (const key of KEYS)
		assert.ok(key in video, `${key} in ${JSON.stringify(video)}`);
	assert.deepEqual([video.object, typeof video.id, typeof video.seconds, typeof video.size, typeof video.progress],
		['video', 'string', 'string', 'string', 'number']);
	assert.ok(Number.isInteger(video.created_at) && Math.abs(video.created_at - Date.now() / 1000) < 600, 'seconds since 1970');
}

/* What python's create_and_poll does: as often as openai-poll-after-ms says. */
async function poll(client, video) {
	for (let i = 0; ['queued', 'in_progress'].includes(video.status); i++) {
		assert.ok(i < 100, `still ${video.status}`);
		const {data, response} = await client.videos.retrieve(video.id).withResponse();
		assertShape(data);
		video = data;
		if (!['queued', 'in_progress'].includes(video.status))
			break;
		const wait = Number(response.headers.get('openai-poll-after-ms'));
		assert.ok(wait >= 100 && wait <= 10_000, `openai-poll-after-ms: ${wait}`);
		await pause(wait);
	}
	assert.equal(video.status, 'completed', JSON.stringify(video.error));
	assert.ok(video.completed_at >= video.created_at);
	return video;
}

const made = async (client, fields) => poll(client, await client.videos.create({model: 'sandbox', prompt: 'by a client', ...SIZE, ...fields}));

shared.test('the sandbox worker is there', stack => apiOf(stack).offered('sandbox'));

for (const [version, OpenAI] of Object.entries(VERSIONS)) {
	const clientOf = (stack, options) => new OpenAI({apiKey: stack.key, baseURL: `${stack.url}/v1`, maxRetries: 0, ...options});
	const test = (name, fn) => shared.test(`openai@${version}: ${name}`, (stack, t) => fn(clientOf(stack), stack, t));

	test('create from words, poll, every variant, delete', async client => {
		const begun = await client.videos.create({model: 'sandbox', prompt: 'a red fox, 狐', ...SIZE});
		assertShape(begun);
		assert.deepEqual([begun.prompt, begun.size, begun.seconds, begun.completed_at, begun.error],
			['a red fox, 狐', '128x128', '1', null, null]);
		const video = await poll(client, begun);
		assert.deepEqual([video.id, video.progress, video.created_at], [begun.id, 100, begun.created_at]);

		const whole = await client.videos.downloadContent(video.id);
		assert.equal(whole.headers.get('content-type'), 'video/mp4');
		const bytes = await bytesOf(whole);
		assertVideo(bytes, {width: 128, height: 128, seconds: 1});
		assert.ok((await bytesOf(await client.videos.downloadContent(video.id, {variant: 'video'}))).equals(bytes));
		for (const variant of ['thumbnail', 'spritesheet']) {
			const picture = await client.videos.downloadContent(video.id, {variant});
			assert.equal(picture.headers.get('content-type'), 'image/webp');
			assert.ok(webpSize(await bytesOf(picture)).width > 0);
		}

		assert.deepEqual(await client.videos.delete(video.id), {id: video.id, object: 'video.deleted', deleted: true});
		await assert.rejects(client.videos.retrieve(video.id), error => error instanceof OpenAI.NotFoundError && error.code === 'not_found');
		await assert.rejects(client.videos.downloadContent(video.id), OpenAI.NotFoundError);
	});

	test('nothing but a prompt is enough', async client => {
		const video = await client.videos.create({prompt: 'only words'});
		assertShape(video);
		assert.deepEqual([video.model, video.size, video.seconds], ['sandbox', '720x1280', '4']);
		await client.videos.delete(video.id);
	});

	test('create from a picture: a file, a stream, a data URL and an uploaded file', async (client, _, t) => {
		const bytes = PICTURES.PNG(240, 320);
		const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'arena-client-'));
		t.after(() => fs.rmSync(folder, {recursive: true, force: true}));
		fs.writeFileSync(path.join(folder, 'photo.png'), bytes);
		const file = await client.files.create({file: await toFile(bytes, 'photo.png', {type: 'image/png'}), purpose: 'vision'});
		assert.deepEqual([file.object, file.bytes, file.filename, file.purpose], ['file', bytes.length, 'photo.png', 'vision']);
		const references = {
			'a file': await toFile(bytes, 'photo.png', {type: 'image/png'}),
			'a stream': fs.createReadStream(path.join(folder, 'photo.png')),
			'a data URL': {image_url: dataUrl(bytes, 'image/png')},
			'an uploaded file': {file_id: file.id},
		};
		for (const [what, input_reference] of Object.entries(references)) {
			const video = await made(client, {input_reference, size: '240x320', prompt: `zoom in, ${what}`});
			assertCorners(frameOf(await bytesOf(await client.videos.downloadContent(video.id)), 0.1));
		}
	});

	test('files: list, retrieve, content, delete', async client => {
		const bytes = PICTURES.JPEG(64, 48);
		const upload = async i => client.files.create({file: await toFile(bytes, `${i}.jpg`, {type: 'image/jpeg'}), purpose: 'vision'});
		const ids = [];
		for (let i = 0; i < 3; i++)
			ids.push((await upload(i)).id);
		const seen = [];
		for await (const each of client.files.list({limit: 2}))
			seen.push(each.id);
		assert.deepEqual(seen.slice(0, 3), ids.toReversed(), 'newest first, over pages');
		const file = await client.files.retrieve(ids[1]);
		assert.deepEqual([file.id, file.object, file.bytes, file.filename], [ids[1], 'file', bytes.length, '1.jpg']);
		assert.ok((await bytesOf(await client.files.content(ids[1]))).equals(bytes));
		assert.deepEqual(await client.files.delete(ids[1]), {id: ids[1], object: 'file', deleted: true});
		await assert.rejects(client.files.retrieve(ids[1]), OpenAI.NotFoundError);
		for (const id of [ids[0], ids[2]])
			await client.files.delete(id);
	});

	test('remix', async client => {
		const first = await made(client, {prompt: 'a lake', size: '160x120'});
		const remixed = await client.videos.remix(first.id, {prompt: 'a lake in winter'});
		assertShape(remixed);
		assert.deepEqual([remixed.remixed_from_video_id, remixed.prompt, remixed.model, remixed.size, remixed.seconds],
			[first.id, 'a lake in winter', 'sandbox', '160x120', '1']);
		assert.notEqual(remixed.id, first.id);
		const done = await poll(client, remixed);
		assert.equal(done.remixed_from_video_id, first.id);
		assertVideo(await bytesOf(await client.videos.downloadContent(done.id)), {width: 160, height: 120, seconds: 1});
		await assert.rejects(client.videos.remix('video_00000000000000000000000000000000', {prompt: 'a'}), OpenAI.NotFoundError);
	});

	test('a result that is not ready is an error that is not tried again', async (_, stack) => {
		let asked = 0;
		const client = clientOf(stack, {maxRetries: 3, fetch: (...all) => (asked++, fetch(...all))});
		const video = await client.videos.create({model: 'sandbox', prompt: 'slow', size: '1280x720', seconds: '20'});
		asked = 0;
		await assert.rejects(client.videos.downloadContent(video.id), error => error instanceof OpenAI.ConflictError && error.code === 'video_not_ready');
		await assert.rejects(client.videos.remix(video.id, {prompt: 'a'}), error => error.code === 'video_not_ready');
		assert.equal(asked, 2, 'requests');
		await client.videos.delete(video.id);
	});

	test('models', async client => {
		const models = [];
		for await (const model of client.models.list())
			models.push(model);
		const sandbox = models.find(each => each.id === 'sandbox');
		assert.deepEqual([sandbox.object, sandbox.available, sandbox.owned_by], ['model', true, 'arena-video']);
		assert.ok(Number.isInteger(sandbox.created));
		assert.deepEqual(await client.models.retrieve('sandbox').then(({id, object, available}) => [id, object, available]),
			['sandbox', 'model', true]);
		const others = models.filter(each => each.id !== 'sandbox');
		assert.ok(others.length >= 8 && others.every(each => each.available === false), `known without a worker: ${others.map(each => each.id)}`);
		await assert.rejects(client.models.retrieve('no-such'), error => error instanceof OpenAI.NotFoundError && error.code === 'model_not_found');
	});

	test('chat, not streamed: the answer is the video as markdown', async client => {
		const answer = await client.chat.completions.create({model: 'sandbox', ...SIZE,
			messages: [{role: 'system', content: 'be brief'}, {role: 'user', content: 'old'}, {role: 'assistant', content: 'x'},
				{role: 'user', content: 'waves at night'}]});
		assert.deepEqual([answer.object, answer.model, answer.choices.length], ['chat.completion', 'sandbox', 1]);
		const [{index, message, finish_reason}] = answer.choices;
		assert.deepEqual([index, message.role, finish_reason], [0, 'assistant', 'stop']);
		assert.ok(Number.isInteger(answer.usage.total_tokens));
		await assertMarkdown(message.content);
	});

	test('chat, streamed: deltas say where the job is, and the end is the video', async client => {
		const picture = dataUrl(PICTURES.PNG(128, 128), 'image/png');
		const stream = await client.chat.completions.create({model: 'sandbox', ...SIZE, stream: true, stream_options: {include_usage: true},
			messages: [{role: 'user', content: [{type: 'text', text: 'zoom in'}, {type: 'image_url', image_url: {url: picture}}]}]});
		const chunks = [];
		for await (const chunk of stream)
			chunks.push(chunk);
		assert.equal(new Set(chunks.map(each => each.id)).size, 1, 'one id');
		assert.ok(chunks.every(each => each.object === 'chat.completion.chunk'));
		assert.equal(chunks[0].choices[0].delta.role, 'assistant');
		const choices = chunks.flatMap(each => each.choices);
		assert.deepEqual(choices.map(each => each.finish_reason).filter(Boolean), ['stop']);
		assert.deepEqual(chunks.at(-1).choices, [], 'the usage comes last, without a choice');
		assert.ok(Number.isInteger(chunks.at(-1).usage.total_tokens));
		const said = choices.filter(({delta}) => delta.content || delta.reasoning_content);
		assert.ok(said.length >= 2, `a word on the way and the video: ${JSON.stringify(said)}`);
		const url = await assertMarkdown(choices.map(({delta}) => delta.content ?? '').join(''));
		assertCorners(frameOf(await bytesOf(await fetch(url)), 0.1));
	});

	test('chat: a job that fails is an error', async client => {
		const broken = dataUrl(PICTURES.JPEG(320, 240).subarray(0, 700), 'image/jpeg');
		const messages = [{role: 'user', content: [{type: 'text', text: 'a'}, {type: 'image_url', image_url: {url: broken}}]}];
		await assert.rejects(client.chat.completions.create({model: 'sandbox', ...SIZE, messages}),
			error => error instanceof OpenAI.APIError && error.code === 'invalid_image');
		await assert.rejects(async () => {
			for await (const chunk of await client.chat.completions.create({model: 'sandbox', ...SIZE, messages, stream: true}))
				assert.ok(!chunk.choices?.[0]?.delta?.content?.includes('<video'));
		}, error => error instanceof OpenAI.APIError && error.code === 'invalid_image');
	});

	test('errors are the client\'s own kinds, with parameter, code and request id', async (client, stack) => {
		await assert.rejects(client.videos.create({model: 'nope', prompt: 'x'}), error =>
			error instanceof OpenAI.BadRequestError && error.param === 'model' && error.code === 'model_not_found' && /\S/.test(error.requestID));
		await assert.rejects(client.videos.create({model: 'sandbox', prompt: ''}), error => error.param === 'prompt' && error.status === 400);
		await assert.rejects(client.chat.completions.create({model: 'gpt-4o', messages: [{role: 'user', content: 'x'}]}),
			error => error.code === 'model_not_found' && error.param === 'model');
		await assert.rejects(new OpenAI({apiKey: 'av_wrong', baseURL: `${stack.url}/v1`}).videos.list(), OpenAI.AuthenticationError);
		const {_request_id: rid} = await client.videos.list({limit: 0}).then(page => page.response ? {_request_id: page.response.headers.get('x-request-id')} : page);
		assert.match(rid, /\S/);
	});

	if (version !== '6.26.0')
		test('edits, extensions and characters: 501, said once', async (_, stack) => {
			let asked = 0;
			const client = clientOf(stack, {maxRetries: 3, fetch: (...all) => (asked++, fetch(...all))});
			const video = await made(client);
			const mp4 = async () => toFile(await bytesOf(await client.videos.downloadContent(video.id)), 'a.mp4', {type: 'video/mp4'});
			const calls = [
				() => client.videos.edit({prompt: 'blue', video: {id: video.id}}),
				() => client.videos.extend({prompt: 'on', seconds: '4', video: {id: video.id}}),
				async () => client.videos.createCharacter({name: 'Bo', video: await mp4()}),
				() => client.videos.getCharacter('char_1'),
			];
			for (const call of calls) {
				asked = 0;
				await assert.rejects(call(), error => error.status === 501 && error.code === 'not_offered', String(call));
				assert.ok(asked <= 2, `${call}: asked ${asked} times`);
			}
			const file = await mp4();
			await assert.rejects(client.videos.edit({prompt: 'blue', video: file}), error => error.status === 400 && error.param === 'video', 'edits are of videos that we have');
		});
}

/* Link, poster and player; the link works without a key. Answers the link. */
async function assertMarkdown(text) {
	const player = text.match(/<video[^>]*\ssrc="(http[^"]+)"/);
	assert.ok(player, `a player: ${text}`);
	const poster = text.match(/!\[[^\]]*\]\((http[^)]+)\)/) ?? text.match(/poster="(http[^"]+)"/);
	assert.ok(poster, `a poster: ${text}`);
	const link = text.match(/(?<!!)\[[^\]!][^\]]*\]\((http[^)]+)\)/);
	assert.ok(link, `a link: ${text}`);
	for (const [url, type] of [[player[1], 'video/mp4'], [link[1], 'video/mp4'], [poster[1], 'image/webp']]) {
		const answer = await fetch(url.replaceAll('&amp;', '&'));
		assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, type], url);
		await answer.arrayBuffer();
	}
	return link[1].replaceAll('&amp;', '&');
}

shared.test('the images API\'s shape, by fetch: url, b64_json, n, async', async stack => {
	const api = apiOf(stack);
	const ask = (fields, options) => api.post('/v1/videos/generations', {json: {model: 'sandbox', prompt: 'a tree', ...SIZE, ...fields}, ...options});
	const {created, data} = await api.good(ask({n: 2}));
	assert.ok(Number.isInteger(created));
	assert.equal(data.length, 2);
	assert.notEqual(data[0].url, data[1].url);
	for (const each of data)
		assertVideo((await apiOf(stack, null).get(each.url)).bytes, {width: 128, height: 128, seconds: 1});
	const inline = await api.good(ask({response_format: 'b64_json'}));
	assertVideo(Buffer.from(inline.data[0].b64_json, 'base64'), {width: 128, height: 128, seconds: 1});
	for (const answer of [await ask({async: true}), await ask({}, {headers: {prefer: 'respond-async'}})]) {
		assert.equal(answer.status, 202, answer.bytes.toString());
		assertShape(answer.body);
		await api.wait(answer.body.id, 'completed');
	}
});

onStack('both clients page through 250 jobs, in both orders, each job once', {sandbox: false}, async stack => {
	const api = apiOf(stack);
	const ids = [];
	while (ids.length < 250)
		ids.push(...await Promise.all(Array.from({length: 10}, () => api.create({model: 'sandbox'}).then(({id}) => id))));
	const newest = (await api.list()).map(each => each.id);
	assert.deepEqual(newest.toSorted(), ids.toSorted());
	for (const [version, OpenAI] of Object.entries(VERSIONS)) {
		const client = new OpenAI({apiKey: stack.key, baseURL: `${stack.url}/v1`});
		const seen = {};
		for (const [what, query] of Object.entries({plain: {}, asc: {order: 'asc', limit: 100}, odd: {limit: 7}})) {
			seen[what] = [];
			for await (const video of client.videos.list(query))
				seen[what].push(video.id);
		}
		assert.deepEqual(seen.plain, newest, `${version}: newest first`);
		assert.deepEqual(seen.odd, newest, `${version}: by seven`);
		assert.deepEqual(seen.asc, newest.toReversed(), `${version}: oldest first`);
		const page = await client.videos.list({after: newest[100], limit: 1});
		assert.deepEqual(page.data.map(each => each.id), [newest[101]]);
	}
});
