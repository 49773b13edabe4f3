/*
 * A browser plays what was made: a <video> with the signed URL alone, no key, no header.
 */
import assert from 'node:assert/strict';

import {sharedStack} from '../lib/stack.mjs';
import {apiOf} from '../lib/api.mjs';
import {openPage} from '../lib/browser.mjs';
import {PICTURES} from '../lib/media.mjs';

const shared = sharedStack();

/* Runs in the page: loads, plays, seeks, and looks at the pixels. */
async function watch(url) {
	const video = document.createElement('video');
	const event = name => new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error(`no ${name} within 60 s, readyState ${video.readyState}`)), 60_000);
		video.addEventListener(name, () => {
			clearTimeout(timer);
			resolve();
		}, {once: true});
		video.addEventListener('error', () => reject(new Error(`error ${video.error.code}: ${video.error.message}`)), {once: true});
	});
	const look = () => {
		const canvas = document.createElement('canvas');
		[canvas.width, canvas.height] = [32, 32];
		const context = canvas.getContext('2d');
		context.drawImage(video, 0, 0, 32, 32);
		const {data} = context.getImageData(0, 0, 32, 32);
		const pixel = (x, y) => [...data.slice((y * 32 + x) * 4, (y * 32 + x) * 4 + 3)];
		let sum = 0;
		for (let i = 0; i < data.length; i += 4)
			sum += data[i] + data[i + 1] + data[i + 2];
		return {mean: sum / 3 / 1024, topLeft: pixel(7, 7), bottomRight: pixel(24, 24)};
	};
	video.muted = true;
	document.body.append(video);
	const ready = event('canplaythrough');
	video.src = url;
	await ready;
	/* 'seeked' may come before its frame is there to be drawn. */
	const painted = at => new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error(`no frame of ${at} s within 60 s`)), 60_000);
		const next = (_, {mediaTime}) => {
			if (Math.abs(mediaTime - at) > 0.1)
				return video.requestVideoFrameCallback(next);
			clearTimeout(timer);
			resolve();
		};
		video.requestVideoFrameCallback(next);
	});
	const seek = async to => {
		const ready = Promise.all([event('seeked'), painted(to)]);
		video.currentTime = to;
		await ready;
		return look();
	};
	const first = await seek(0.1); // at 0 nothing need have been painted yet
	const second = await seek(video.duration * 0.75);
	const at = video.currentTime;
	const ended = event('ended');
	await video.play();
	await ended;
	return {first, second, at, duration: video.duration, width: video.videoWidth, height: video.videoHeight};
}

async function played(stack, fields, image) {
	const api = apiOf(stack);
	await api.offered('sandbox');
	const {id} = await api.create({model: 'sandbox', size: '360x640', seconds: '2', ...fields}, image);
	const job = await api.wait(id, 'completed');
	const {page, context} = await openPage(stack, {path: '/healthz', whole: true}); // the same origin, so that the canvas may be read
	try {
		return await page.evaluate(watch, job.url);
	} finally {
		await context.close();
	}
}

shared.test('a video from words reaches canplaythrough, seeks, shows pixels, plays to its end', async stack => {
	const seen = await played(stack, {prompt: 'a sunny meadow'});
	assert.deepEqual([seen.width, seen.height], [360, 640]);
	assert.ok(Math.abs(seen.duration - 2) < 0.05, `it lasts ${seen.duration} s`);
	assert.ok(Math.abs(seen.at - 1.5) < 0.1, `it sought to ${seen.at} s`);
	assert.ok(seen.first.mean > 8 && seen.second.mean > 8, `not black: ${seen.first.mean}, ${seen.second.mean}`);
});

shared.test('a video from a picture shows that picture', async stack => {
	const seen = await played(stack, {prompt: 'zoom in'}, PICTURES.JPEG(360, 640));
	const [r, g, b] = seen.first.topLeft;
	assert.ok(r > 140 && g < 110 && b < 110, `red at the top left: ${seen.first.topLeft}`);
	const [r2, g2, b2] = seen.first.bottomRight;
	assert.ok(r2 > 150 && g2 > 140 && b2 < 120, `yellow at the bottom right: ${seen.first.bottomRight}`);
});
