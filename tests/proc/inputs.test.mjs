/*
 * What a job starts from and what it yields: images by link, first and last frames, frames a
 * second; and runs with several videos.
 */
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import http from 'node:http';
import {after, before} from 'node:test';

import {apiOf} from '../lib/api.mjs';
import {blobsOf} from '../lib/blobs.mjs';
import {assertVideo, distance, frameOf, meanOf, noteOf, PICTURES, png, tinyMp4, webpSize} from '../lib/media.mjs';
import {onStack, sharedStack} from '../lib/stack.mjs';
import {until} from '../lib/wait.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const shared = sharedStack({env: {ARENA_FETCH_PRIVATE: 'yes', ARENA_IMAGE_MAX: '200K', ARENA_IMAGE_WAIT: '5s'}});

/* ---- somebody's web server ---- */

const RED = [200, 30, 30], BLUE = [30, 40, 200];
const flat = colour => png(160, 96, () => colour);
const pages = new Map([
	['/large.png', Buffer.concat([flat(RED), Buffer.alloc(300_000)])],
	['/cut.png', flat(RED).subarray(0, 20)],
	['/red.png', flat(RED)],
	['/blue.png', flat(BLUE)],
	['/page.png', Buffer.from('<!doctype html><title>Not a picture</title>')],
]);
let asked = 0;

function answer(request, response) {
	asked++;
	const hop = request.url.match(/^\/hops\/(\d+)(\/.+)$/);
	if (hop) {
		const left = Number(hop[1]) - 1;
		response.writeHead(302, {location: left ? `/hops/${left}${hop[2]}` : hop[2]}).end('elsewhere');
	} else if (request.url === '/endless.png') {
		const more = () => response.write(Buffer.alloc(65536)) ? setImmediate(more) : response.once('drain', more);
		response.on('error', () => {}).writeHead(200);
		more();
	} else if (request.url === '/silent.png') {
		response.writeHead(200).write('\x89PNG');
	} else if (pages.has(request.url)) {
		response.writeHead(200, {'content-type': 'text/plain'}).end(pages.get(request.url));
	} else {
		response.writeHead(404).end();
	}
}

const server = http.createServer(answer);
let base;
before(async () => {
	await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
	base = `http://127.0.0.1:${server.address().port}`;
});
after(() => {
	server.closeAllConnections();
	server.close();
});

/* ---- links ---- */

const withLink = (path, more = {}) => ({prompt: 'a fox', seconds: '1', size: '160x96', model: 'sandbox',
	input_reference: {image_url: /^[a-z]+:/.test(path) ? path : base + path}, ...more});

/* Every test's worker has a model of its own. */
let count = 0;
async function worked(stack, more = {}, transport = 'websocket') {
	const id = `toy-${++count}`;
	const worker = await connectWorker(stack, {transport, models: [model(id, more)]});
	const api = apiOf(stack);
	const create = fields => until('the model to be known', () => api.create({model: id, ...fields}));
	return {create, worker, api};
}

for (const transport of ['websocket', 'http'])
	shared.test(`an image behind a link reaches the worker, whatever its host calls it (${transport})`, async stack => {
		const {create, worker, api} = await worked(stack, {}, transport);
		for (const path of ['/red.png', '/hops/3/red.png']) {
			const made = await create({input_reference: {image_url: base + path}});
			const job = await worker.next('job');
			assert.equal(job.job, made.id);
			const [input, ...rest] = job.inputs;
			assert.deepEqual(rest, []);
			assert.deepEqual([input.role, input.mime, input.size, input.width, input.height],
				['first_frame', 'image/png', pages.get('/red.png').length, 160, 96]);
			assert.equal(input.sha256, crypto.createHash('sha256').update(pages.get('/red.png')).digest('hex'));
			const overHttp = await api.get(input.url, {headers: {authorization: ''}});
			assert.equal(overHttp.status, 200);
			assert.deepEqual(overHttp.bytes, pages.get('/red.png'));
			assert.deepEqual(await worker.input(job), pages.get('/red.png'));
			assert.equal((await worker.finish(job, tinyMp4(path))).status, 'completed');
			worker.ready(1);
		}
		await worker.close();
	});

shared.test('every kind of image is taken from a link', async stack => {
	const api = apiOf(stack);
	await api.offered('sandbox');
	for (const [name, make] of Object.entries(PICTURES)) {
		const path = `/${name.replaceAll(' ', '-')}`;
		pages.set(path, make(96, 64));
		const made = await api.post('/v1/videos', {json: withLink(path)});
		assert.equal(made.status, 200, `${name}: ${made.bytes}`);
		await api.remove(made.body.id);
	}
});

shared.test('what is no good behind a link is refused with words, and makes no job', async stack => {
	const api = apiOf(stack);
	await api.offered('sandbox');
	const before = (await api.list()).length;
	const blobs = blobsOf(stack);
	const cases = [
		['/page.png', 400, 'invalid_image', /not to a page/],
		['/cut.png', 400, 'invalid_image', /PNG, JPEG, WebP or GIF/],
		['/large.png', 413, 'request_too_large', /204800 bytes/],
		['/endless.png', 413, 'request_too_large', /204800 bytes/],
		['/silent.png', 400, 'invalid_value', /send the image itself/],
		['/nowhere.png', 400, 'invalid_value', /answered 404/],
		['/hops/4/red.png', 400, 'invalid_value', /redirects too often/],
		['http://127.0.0.1:1/a.png', 400, 'invalid_value', /Check the link/],
	];
	for (const [path, status, code, words] of cases) {
		const said = await api.post('/v1/videos', {json: withLink(path)});
		assert.deepEqual([said.status, said.body?.error?.code], [status, code], `${path}: ${said.bytes}`);
		assert.match(said.body.error.message, words);
		assert.match(said.body.error.param, /^input_reference/, path);
	}
	assert.equal((await api.list()).length, before);
	assert.deepEqual(blobsOf(stack).filter(each => !blobs.includes(each)), []);
});

onStack('private addresses are refused before they are asked', {}, async stack => {
	const api = apiOf(stack);
	await api.offered('sandbox');
	const before = asked;
	const port = new URL(base).port;
	for (const host of ['127.0.0.1', 'localhost', '2130706433', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '169.254.169.254']) {
		const said = await api.post('/v1/videos', {json: withLink(`http://${host}:${port}/red.png`)});
		assert.deepEqual([said.status, said.body?.error?.code], [400, 'invalid_value'], `${host}: ${said.bytes}`);
		assert.match(said.body.error.message, /private|not public/);
	}
	assert.equal(asked, before);
});

shared.test('slow links hold up neither other links nor the figures', async stack => {
	const api = apiOf(stack);
	await api.offered('sandbox');
	const before = asked;
	let over = 0;
	const slow = Array.from({length: 8}, () => api.post('/v1/videos', {json: withLink('/silent.png')}).finally(() => over++));
	await until('their host to be asked for all of them', () => asked === before + 8);
	const quick = await api.post('/v1/videos', {json: withLink('/red.png')});
	assert.equal(quick.status, 200, quick.bytes.toString());
	assert.equal(over, 0, 'it was not behind them');
	const figures = (await api.get('/metrics', {headers: {authorization: `Bearer ${stack.key}`}})).bytes.toString();
	assert.match(figures, /arena_bridge_images_total \d/);
	assert.match(figures, /arena_bridge_image_seconds_count \d/);
	for (const said of await Promise.all(slow))
		assert.equal(said.status, 400);
});

/* ---- the sandbox renderer ---- */

shared.test('the sandbox goes from a first image to a last one, at the frames a second asked for', async stack => {
	const api = apiOf(stack);
	await api.offered('sandbox');
	const made = await api.good(api.post('/v1/videos',
		{json: withLink('/red.png', {seconds: '2', fps: 12, last_frame: {image_url: `${base}/blue.png`}})}));
	const done = await api.wait(made.id);
	assert.equal(done.status, 'completed', JSON.stringify(done.error));
	const bytes = await api.content(made.id);
	const {video} = assertVideo(bytes, {width: 160, height: 96, seconds: 2});
	assert.equal(Number(video.nb_read_frames), 24);
	const all = {left: 0, top: 0, right: 1, bottom: 1};
	assert.ok(distance(meanOf(frameOf(bytes, 0), all), RED) < 20, 'it begins with the first image');
	assert.ok(distance(meanOf(frameOf(bytes, 23 / 12), all), BLUE) < 20, 'it ends with the last image');
});

shared.test('the sandbox says what it honours', async stack => {
	const api = apiOf(stack);
	await api.offered('sandbox');
	const sandbox = (await api.good(api.get('/v1/models/sandbox')));
	const text = JSON.stringify(sandbox);
	for (const word of ['first_last_frame', 'seed', 'fps'])
		assert.ok(text.includes(`"${word}"`), `${word} in ${text}`);
	assert.ok(!text.includes('"negative_prompt"'), text);
});

/* ---- several videos ---- */

shared.test('a run may yield two videos, each with its pictures', async stack => {
	const {create, worker, api} = await worked(stack, {outputs: 2});
	const made = await create();
	const job = await worker.next('job');
	assert.equal((await worker.finish(job, [tinyMp4('one'), tinyMp4('two')])).status, 'completed');
	const over = await api.video(made.id);
	assert.equal(over.outputs.length, 2);
	for (const [index, note] of ['one', 'two'].entries()) {
		const get = query => api.get(`/v1/videos/${made.id}/content?index=${index}${query}`);
		assert.equal(noteOf((await get('')).bytes), note);
		assert.deepEqual(webpSize((await get('&variant=thumbnail')).bytes), {width: 128, height: 128});
		assert.ok(webpSize((await get('&variant=spritesheet')).bytes).width > 0);
		const byLink = await fetch(new URL(over.outputs[index].url, stack.url));
		assert.equal(byLink.status, 200, over.outputs[index].url);
		assert.equal(noteOf(Buffer.from(await byLink.arrayBuffer())), note);
	}
	const none = await api.get(`/v1/videos/${made.id}/content?index=2`);
	assert.ok([400, 404].includes(none.status) && none.body.error.param === 'index', none.bytes.toString());
	await worker.close();
});

shared.test('when one of two videos is no good, the try has failed', async stack => {
	const {create, worker, api} = await worked(stack, {outputs: 2});
	const made = await create();
	const job = await worker.next('job');
	const said = await worker.finish(job, [tinyMp4('good'), Buffer.from('a shopping list')]);
	assert.deepEqual([said.type, said.code], ['refused', 'not_a_video']);
	worker.ready(1);
	const again = await worker.next('job');
	assert.deepEqual([again.job, again.attempt], [made.id, 2]);
	assert.equal((await worker.finish(again, [tinyMp4('good'), tinyMp4('better')])).status, 'completed');
	await worker.close();
});

/* ---- references ---- */

shared.test('what a worker says when it gives a job back is there when it gets it again', async stack => {
	const {create, worker} = await worked(stack);
	await create({fps: 30, negative_prompt: 'rain'});
	const job = await worker.next('job');
	assert.deepEqual([job.fps, job.negative_prompt, job.upstream_ref], [30, 'rain', undefined]);
	await worker.release(job, 'human_needed', {upstream_ref: 'battle-17'});
	worker.ready(1);
	const again = await worker.next('job');
	assert.deepEqual([again.upstream_ref, again.attempt], ['battle-17', 1]);
	assert.equal((await worker.finish(again, tinyMp4('resumed'))).status, 'completed');
	await worker.close();
});
