/*
 * From words or a picture to a video, with the real sandbox worker and real files: what comes out is
 * a clean MP4 of the size and length that were asked for, and the picture is really in it.
 */
import assert from 'node:assert/strict';

import {sharedStack} from '../lib/stack.mjs';
import {apiOf, formOf} from '../lib/api.mjs';
import {blobsOf} from '../lib/blobs.mjs';
import {assertCorners, assertVideo, distance, frameOf, PICTURES, webpSize} from '../lib/media.mjs';
import {childrenOf, programOf} from '../lib/procs.mjs';
import {until} from '../lib/wait.mjs';

const shared = sharedStack();

const spread = frame => {
	const values = frame.flat().map(([r, g, b]) => (r + g + b) / 3);
	return Math.max(...values) - Math.min(...values);
};

shared.test('the sandbox worker says honestly what it is', async stack => {
	const api = apiOf(stack);
	await api.offered('sandbox');
	const {data} = await api.good(api.get('/v1/models'));
	const model = data.find(each => each.id === 'sandbox');
	assert.match(model.description, /local|renderer/i);
	assert.match(model.description, /no(t| an)? .*(AI|model)/i);
	assert.deepEqual([model.object, model.owned_by, model.min_seconds, model.max_seconds], ['model', 'arena-video', 1, 20]);
	assert.deepEqual([...model.inputs].sort(), ['first_last_frame', 'image', 'text']);
});

/* The command of the README: a form, the defaults, an answer when the video is there. */
shared.test('a form with a prompt is answered with a video of 4 s, 720x1280', async (stack, t) => {
	const api = apiOf(stack);
	const begun = Date.now();
	const answer = await api.good(api.post('/v1/videos/generations', {form: formOf({prompt: 'a red fox in the snow', model: 'sandbox'})}));
	t.diagnostic(`answered after ${Date.now() - begun} ms`);
	assert.deepEqual(Object.keys(answer).filter(key => ['created', 'data', 'id', 'model'].includes(key)).sort(),
		['created', 'data', 'id', 'model']);
	assert.equal(answer.model, 'sandbox');
	const nobody = apiOf(stack, null);
	const file = await nobody.get(answer.data[0].url);
	assert.equal(file.status, 200);
	assert.equal(file.headers.get('content-type'), 'video/mp4');
	assertVideo(file.bytes, {width: 720, height: 1280, seconds: 4});
	const [first, last] = [frameOf(file.bytes, 0.5), frameOf(file.bytes, 3.5)];
	assert.ok(spread(first) > 40, 'there is something to see');
	const moved = first.flat().filter((pixel, i) => distance(pixel, last.flat()[i]) > 8).length;
	assert.ok(moved > 64 * 64 / 50, `${moved} of 4096 points changed: it moves`);
});

const shapes = [
	['640x360', 1], ['360x640', 2], ['512x512', 1], ['1920x1080', 1], ['1080x1920', 1], ['64x64', 3], ['854x480', 2],
];
for (const [size, seconds] of shapes)
	shared.test(`text to video, ${size}, ${seconds} s`, async stack => {
		const api = apiOf(stack);
		const {id} = await api.create({model: 'sandbox', prompt: 'waves at night, 夜の海, أمواج', size, seconds: String(seconds)});
		const job = await api.wait(id);
		assert.equal(job.status, 'completed', JSON.stringify(job.error));
		const [width, height] = size.split('x').map(Number);
		assertVideo(await api.content(id), {width, height, seconds});
	});

shared.test('20 seconds are 20 seconds', async stack => {
	const api = apiOf(stack);
	const {id} = await api.create({model: 'sandbox', prompt: 'a long walk', size: '160x120', seconds: '20'});
	assert.equal((await api.wait(id, undefined, 60_000)).status, 'completed');
	assertVideo(await api.content(id), {width: 160, height: 120, seconds: 20});
});

shared.test('the same prompt and seed give the same video, another seed another one', async stack => {
	const api = apiOf(stack);
	const [a, b, c] = await Promise.all([7, 7, 8].map(async seed => {
		const {id} = await api.create({model: 'sandbox', prompt: 'qwertz', size: '128x128', seed});
		assert.equal((await api.wait(id)).status, 'completed');
		return api.content(id);
	}));
	assert.ok(a.equals(b), 'the same seed');
	assert.ok(!a.equals(c), 'another seed');
});

for (const [name, make] of Object.entries(PICTURES))
	shared.test(`image to video: ${name}`, async stack => {
		const api = apiOf(stack);
		const {id} = await api.create({model: 'sandbox', prompt: 'zoom in slowly', size: '480x640', seconds: '1'}, make(480, 640));
		const job = await api.wait(id);
		assert.equal(job.status, 'completed', JSON.stringify(job.error));
		const bytes = await api.content(id);
		assertVideo(bytes, {width: 480, height: 640, seconds: 1});
		assertCorners(frameOf(bytes, 0.1));
	});

shared.test('an image as data URL in JSON is in the video, too', async stack => {
	const api = apiOf(stack);
	const image = `data:image/png;base64,${PICTURES.PNG(240, 320).toString('base64')}`;
	for (const fields of [{image}, {input_reference: {image_url: image}}]) {
		const {id} = await api.create({model: 'sandbox', prompt: 'zoom in', size: '240x320', ...fields});
		assert.equal((await api.wait(id)).status, 'completed');
		assertCorners(frameOf(await api.content(id), 0.1));
	}
});

shared.test('the camera goes where the prompt says', async stack => {
	const api = apiOf(stack);
	/* In the middle of the border between left and right the colour tells where the picture has moved. */
	const leftOf = async prompt => {
		const {id} = await api.create({model: 'sandbox', prompt, size: '320x320', seconds: '2'}, PICTURES.PNG(320, 320));
		assert.equal((await api.wait(id)).status, 'completed');
		const bytes = await api.content(id);
		const border = at => frameOf(bytes, at)[12].findIndex(([r, g]) => g > r);
		return border(1.9) - border(0.1);
	};
	const [left, right] = [await leftOf('pan left'), await leftOf('pan right')];
	assert.ok(left > 2, `pan left moves the picture to the right: ${left} of 64 columns`);
	assert.ok(right < -2, `pan right moves it to the left: ${right} of 64 columns`);
});

shared.test('a picture that cannot be decoded fails once, with a clear code', async stack => {
	const api = apiOf(stack);
	const broken = PICTURES.JPEG(320, 240).subarray(0, 700);
	const {id} = await api.create({model: 'sandbox', prompt: 'a', size: '320x240'}, broken);
	const job = await api.wait(id);
	if (job.status === 'failed')
		assert.deepEqual([job.error.code, job.attempts], ['invalid_image', 1]);
	else
		assertVideo(await api.content(id), {width: 320, height: 240, seconds: 1}); // what there was of it
});

shared.test('poster and sprite sheet are WebP of the right size', async stack => {
	const api = apiOf(stack);
	const {id} = await api.create({model: 'sandbox', prompt: 'a meadow', size: '640x360', seconds: '2'});
	const job = await api.wait(id);
	const poster = await api.content(id, 'thumbnail');
	assert.deepEqual(webpSize(poster), {width: 640, height: 360});
	const sprite = webpSize(await api.content(id, 'spritesheet'));
	assert.equal(sprite.width % 160, 0, `tiles of 160: ${sprite.width}`);
	assert.equal(sprite.height % 90, 0, `tiles of 90: ${sprite.height}`);
	const byLink = await apiOf(stack, null).get(job.thumbnail_url);
	assert.equal(byLink.headers.get('content-type'), 'image/webp');
	assert.ok(byLink.bytes.equals(poster));
});

shared.test('events tell the life of a job, in order, to its end', async stack => {
	const api = apiOf(stack);
	const {id} = await api.create({model: 'sandbox', prompt: 'steps', size: '640x360', seconds: '3'});
	const seen = [];
	for await (const {id: revision, event, data} of api.events(id))
		seen.push({revision: Number(revision), event, status: data.status, progress: data.progress});
	const last = seen.at(-1);
	assert.deepEqual([last.status, last.progress], ['completed', 100]);
	assert.ok(seen.length >= 2, `${seen.length} events`);
	for (let i = 1; i < seen.length; i++) {
		assert.ok(seen[i].revision > seen[i - 1].revision, 'revisions grow');
		assert.ok(seen[i].status !== 'in_progress' || seen[i - 1].status !== 'in_progress' ||
			seen[i].progress >= seen[i - 1].progress, 'progress grows');
	}
});

shared.test('cancel stops the renderer: its process is gone', async stack => {
	const api = apiOf(stack);
	const renderers = () => childrenOf(stack.pid('sandbox')).filter(pid => programOf(pid) === 'arena-sandbox-clip');
	const {id} = await api.create({model: 'sandbox', prompt: 'an endless night', size: '1920x1080', seconds: '20'});
	await until('the renderer to run', () => renderers().length > 0);
	assert.equal((await api.cancel(id)).status, 'cancelled');
	await until('the renderer to be gone', () => renderers().length === 0);
	assert.equal((await api.video(id)).status, 'cancelled');
	/* And the slot is free again. */
	const next = await api.create({model: 'sandbox'});
	assert.equal((await api.wait(next.id)).status, 'completed');
});

shared.test('delete removes record and files, also of a job that runs', async stack => {
	const api = apiOf(stack);
	const before = new Set(blobsOf(stack));
	const {id} = await api.create({model: 'sandbox', prompt: `unique ${Math.random()}`, size: '160x120'}, PICTURES.PNG(64, 48));
	await api.wait(id, 'completed');
	const added = blobsOf(stack).filter(name => !before.has(name));
	assert.ok(added.length >= 3, `video, poster, sprite and image: ${added.length} files`);
	assert.deepEqual(await api.remove(id), {id, object: 'video.deleted', deleted: true});
	assert.equal((await api.get(`/v1/videos/${id}`)).status, 404);
	assert.equal((await api.get(`/v1/videos/${id}/content`)).status, 404);
	assert.ok(!(await api.list()).some(job => job.id === id));
	await until('its files to be gone', () => blobsOf(stack).filter(name => added.includes(name)).length === 0);

	const running = await api.create({model: 'sandbox', prompt: 'soon gone', size: '1280x720', seconds: '20'});
	await api.wait(running.id, 'in_progress');
	await api.remove(running.id);
	assert.equal((await api.get(`/v1/videos/${running.id}`)).status, 404);
	const next = await api.create({model: 'sandbox'});
	assert.equal((await api.wait(next.id)).status, 'completed', 'the worker goes on');
});

/* ---- Range, as players use it ---- */

shared.test('ranges, conditions and HEAD, byte for byte', async stack => {
	const api = apiOf(stack);
	const {id} = await api.create({model: 'sandbox', prompt: 'ranges'});
	await api.wait(id, 'completed');
	const path = `/v1/videos/${id}/content`;
	const whole = await api.get(path);
	const {bytes} = whole;
	const size = bytes.length;
	const etag = whole.headers.get('etag');
	assert.match(etag, /^"[^"]+"$/);
	assert.equal(whole.headers.get('accept-ranges'), 'bytes');
	assert.match(whole.headers.get('cache-control'), /private/);
	assert.match(whole.headers.get('content-disposition'), /^inline; ?filename=/);
	assert.equal(whole.headers.get('x-content-type-options'), 'nosniff');

	const parts = [
		['bytes=0-1', 0, 2], ['bytes=0-0', 0, 1], [`bytes=100-199`, 100, 200], [`bytes=${size - 5}-`, size - 5, size],
		['bytes=-7', size - 7, size], [`bytes=10-${size * 2}`, 10, size], [`bytes=-${size * 2}`, 0, size],
	];
	for (const [range, from, to] of parts) {
		const part = await api.get(path, {headers: {range}});
		assert.equal(part.status, 206, range);
		assert.equal(part.headers.get('content-range'), `bytes ${from}-${to - 1}/${size}`);
		assert.equal(part.headers.get('content-length'), String(to - from));
		assert.ok(part.bytes.equals(bytes.subarray(from, to)), range);
	}
	for (const range of [`bytes=${size}-`, `bytes=${size + 5}-${size + 9}`, 'bytes=-0']) {
		const none = await api.get(path, {headers: {range}});
		assert.equal(none.status, 416, range);
		assert.equal(none.headers.get('content-range'), `bytes */${size}`);
	}
	for (const range of ['bytes=5-2', 'bytes=x-y', 'lines=1-2', 'bytes=0-1,5-6', 'bytes='])
		assert.equal((await api.get(path, {headers: {range}})).status, 200, range);

	assert.equal((await api.get(path, {headers: {range: 'bytes=0-1', 'if-range': etag}})).status, 206);
	assert.equal((await api.get(path, {headers: {range: 'bytes=0-1', 'if-range': '"other"'}})).status, 200);
	for (const match of [etag, `"x", ${etag}`, '*', `W/${etag}`])
		assert.equal((await api.get(path, {headers: {'if-none-match': match}})).status, 304, match);
	assert.equal((await api.get(path, {headers: {'if-none-match': '"x"'}})).status, 200);

	const head = await api.call('HEAD', path);
	assert.deepEqual([head.status, head.headers.get('content-length'), head.bytes.length], [200, String(size), 0]);
	assert.equal((await api.get(`${path}.mp4`)).status, 200);
	assert.match((await api.get(`${path}?download=1`)).headers.get('content-disposition'), /^attachment/);
});
