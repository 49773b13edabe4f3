/*
 * Other people's clients, unchanged but for base URL and key, against the real stack with the sandbox
 * worker: OpenRouter's SDK, the AI SDK with OpenRouter's provider, TanStack AI with OpenAI's adapter.
 */
import assert from 'node:assert/strict';
import {OpenRouter} from '@openrouter/sdk';
import {createOpenRouter} from '@openrouter/ai-sdk-provider';
import {generateVideo, getVideoJobStatus} from '@tanstack/ai';
import {createOpenaiVideo} from '@tanstack/ai-openai';
import {experimental_generateVideo} from 'ai';

import {sharedStack} from '../lib/stack.mjs';
import {apiOf} from '../lib/api.mjs';
import {assertCorners, assertVideo, frameOf, PICTURES} from '../lib/media.mjs';
import {until} from '../lib/wait.mjs';

const shared = sharedStack();

const collect = async stream => {
	const parts = [];
	for await (const part of stream)
		parts.push(part);
	return Buffer.concat(parts);
};
const dataUrl = bytes => `data:image/png;base64,${bytes.toString('base64')}`;

shared.test('the sandbox worker is there', stack => apiOf(stack).offered('sandbox'));

/* ---- OpenRouter's SDK ---- */

/* Without its own retries, which go on for an hour. */
const openRouter = stack => new OpenRouter({apiKey: stack.key, serverURL: `${stack.url}/api/v1`, retryConfig: {strategy: 'none'}});

const polled = (client, {id}) => until(`${id} to be over`, async () => {
	const job = await client.videoGeneration.getGeneration({jobId: id});
	return !['pending', 'in_progress'].includes(job.status) && job;
}, {ms: 30_000, every: 100});

shared.test('OpenRouter\'s SDK: generate, poll, content, by words and by frame', async stack => {
	const client = openRouter(stack);
	const inputs = {
		words: {duration: 1, size: '160x120', prompt: 'a boat'},
		frame: {duration: 1, size: '240x320', prompt: 'zoom in', seed: 3, generateAudio: false, frameImages: [
			{type: 'image_url', frameType: 'first_frame', imageUrl: {url: dataUrl(PICTURES.PNG(240, 320))}}]},
	};
	for (const [what, input] of Object.entries(inputs)) {
		const begun = await client.videoGeneration.generate({videoGenerationRequest: {model: 'sandbox', ...input}});
		assert.match(begun.pollingUrl, new RegExp(`/api/v1/videos/${begun.id}$`));
		assert.ok(['pending', 'in_progress'].includes(begun.status), begun.status);
		const job = await polled(client, begun);
		assert.deepEqual([job.id, job.status, job.error, job.unsignedUrls.length], [begun.id, 'completed', undefined, 1]);
		const [width, height] = input.size.split('x').map(Number);
		const bytes = await collect(await client.videoGeneration.getVideoContent({jobId: job.id, index: 0}));
		assertVideo(bytes, {width, height, seconds: 1});
		assert.ok(Buffer.from(await (await fetch(job.unsignedUrls[0])).arrayBuffer()).equals(bytes), 'the link needs no key');
		if (what === 'frame')
			assertCorners(frameOf(bytes, 0.1));
	}
});

shared.test('OpenRouter\'s SDK: aspect ratio and resolution give the size', async stack => {
	const client = openRouter(stack);
	for (const [aspectRatio, resolution, size] of [['16:9', '720p', '1280x720'], ['9:16', '480p', '480x854'], ['1:1', '480p', '480x480']]) {
		const {id} = await client.videoGeneration.generate({videoGenerationRequest: {model: 'sandbox', prompt: 'a', duration: 20, aspectRatio, resolution}});
		assert.equal((await apiOf(stack).video(id)).size, size, `${aspectRatio} at ${resolution}`);
		await apiOf(stack).remove(id);
	}
});

shared.test('OpenRouter\'s SDK: what models can do', async stack => {
	const {data} = await openRouter(stack).videoGeneration.listVideosModels();
	const sandbox = data.find(each => each.id === 'sandbox');
	assert.ok(sandbox.supportedDurations.includes(4) && sandbox.supportedDurations.includes(20), `${sandbox.supportedDurations}`);
	assert.ok(sandbox.supportedAspectRatios.includes('16:9'));
	assert.ok(sandbox.supportedFrameImages.includes('first_frame'));
	assert.ok(!sandbox.generateAudio);
});

shared.test('OpenRouter\'s SDK: a job that failed, was cancelled, is not there', async stack => {
	const client = openRouter(stack);
	const broken = dataUrl(PICTURES.PNG(64, 64).subarray(0, 200));
	const start = input => client.videoGeneration.generate({videoGenerationRequest: {model: 'sandbox', prompt: 'a', duration: 20, ...input}});
	const failed = await start({frameImages: [{type: 'image_url', frameType: 'first_frame', imageUrl: {url: broken}}]}).then(job => polled(client, job), error => error);
	if (failed instanceof Error)
		assert.equal(failed.statusCode, 400); // noticed at once
	else
		assert.ok(failed.status === 'failed' && /\w \w/.test(failed.error), JSON.stringify(failed));
	const job = await start({});
	await apiOf(stack).cancel(job.id);
	assert.equal((await polled(client, job)).status, 'cancelled');
	await assert.rejects(client.videoGeneration.getGeneration({jobId: 'video_00000000000000000000000000000000'}),
		error => error.statusCode === 404 && error.constructor.name === 'NotFoundResponseError');
	await assert.rejects(start({prompt: ''}), error => error.statusCode === 400 && error.constructor.name === 'BadRequestResponseError');
	await assert.rejects(start({model: 'no-such'}), error => error.statusCode === 400 && /no-such|model/.test(error.message));
	await assert.rejects(new OpenRouter({apiKey: 'x', serverURL: `${stack.url}/api/v1`}).videoGeneration.listVideosModels(), error => error.statusCode === 401);
});

/* ---- the AI SDK ---- */

/* Its own download refuses addresses that are not public, so here it is fetch. */
const download = async ({url}) => {
	const answer = await fetch(url);
	return {data: new Uint8Array(await answer.arrayBuffer()), mediaType: answer.headers.get('content-type')};
};

shared.test('the AI SDK: experimental_generateVideo, by words and by picture', async stack => {
	const openrouter = createOpenRouter({apiKey: stack.key, baseURL: `${stack.url}/api/v1`});
	const model = openrouter.videoModel('sandbox', {pollIntervalMs: 100});
	const words = await experimental_generateVideo({model, prompt: 'a kite', resolution: '320x240', duration: 1, download});
	assert.equal(words.video.mediaType, 'video/mp4');
	assertVideo(Buffer.from(words.video.uint8Array), {width: 320, height: 240, seconds: 1});
	const picture = await experimental_generateVideo({model, resolution: '240x320', duration: 1, seed: 1, download,
		prompt: {text: 'zoom in', image: new Uint8Array(PICTURES.PNG(240, 320))}});
	assertCorners(frameOf(Buffer.from(picture.video.uint8Array), 0.1));
	const two = await experimental_generateVideo({model, prompt: 'two', n: 2, resolution: '128x128', duration: 1, download});
	assert.equal(two.videos.length, 2);
});

shared.test('the AI SDK: a refusal is its error, in our words', async stack => {
	const openrouter = createOpenRouter({apiKey: stack.key, baseURL: `${stack.url}/api/v1`});
	const refusal = model => experimental_generateVideo({model: openrouter.videoModel(model, {pollIntervalMs: 100}), prompt: 'x', duration: 99, maxRetries: 0, download});
	await assert.rejects(refusal('sandbox'), error => error.statusCode === 400 && /duration|seconds/.test(error.message));
	await assert.rejects(refusal('no-such'), error => error.statusCode === 400 && /model/.test(error.message));
});

/* ---- TanStack AI ---- */

/* Its sizes and lengths are OpenAI's alone, so this is one video of a real size. */
shared.test('TanStack AI: a job streamed to its end, its status and its link', async stack => {
	const adapter = createOpenaiVideo('sandbox', stack.key, {baseURL: `${stack.url}/v1`});
	const chunks = [];
	for await (const chunk of generateVideo({adapter, prompt: 'a street', stream: true, pollingInterval: 100, size: '1280x720', duration: 4}))
		chunks.push(chunk);
	assert.equal(chunks.at(-1).type, 'RUN_FINISHED', JSON.stringify(chunks.at(-1)));
	const [jobId] = JSON.stringify(chunks).match(/video_[0-9a-f]{32}/);
	const {status, url} = await getVideoJobStatus({adapter, jobId});
	assert.equal(status, 'completed');
	assert.ok(url.startsWith(`${stack.url}/v1/videos/${jobId}/`), 'the link, not the bytes as base64');
	assertVideo(Buffer.from(await (await fetch(url)).arrayBuffer()), {width: 1280, height: 720, seconds: 4});
});

shared.test('TanStack AI: a job begun and looked at later', async stack => {
	const adapter = createOpenaiVideo('sandbox', stack.key, {baseURL: `${stack.url}/v1`});
	const {jobId} = await generateVideo({adapter, prompt: 'a garden', duration: 12});
	assert.ok(['pending', 'processing'].includes((await getVideoJobStatus({adapter, jobId})).status));
	await apiOf(stack).cancel(jobId);
	assert.equal((await getVideoJobStatus({adapter, jobId})).status, 'failed');
});
