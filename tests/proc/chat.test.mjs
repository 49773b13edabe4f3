/*
 * POST /v1/chat/completions over real processes: how a chat client gets a video.
 */
import assert from 'node:assert/strict';

import {apiOf} from '../lib/api.mjs';
import {noteOf, png, tinyMp4} from '../lib/media.mjs';
import {eventsOf} from '../lib/sse.mjs';
import {sharedStack} from '../lib/stack.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const shared = sharedStack({sandbox: false});

async function workerFor(stack, id) {
	const worker = await connectWorker(stack, {models: [model(id)]});
	await apiOf(stack).offered(id);
	return worker;
}

const says = (id, content, more = {}) => ({model: id, messages: [
	{role: 'system', content: 'Be kind.'},
	{role: 'user', content: 'a hen'},
	{role: 'assistant', content: 'A video.'},
	{role: 'user', content},
], ...more});

const stream = (stack, json, signal) => fetch(`${stack.url}/v1/chat/completions`, {method: 'POST', signal,
	headers: {authorization: `Bearer ${stack.key}`, 'content-type': 'application/json'},
	body: JSON.stringify({...json, stream: true, stream_options: {include_usage: true}})});

/* The three ways in which a client may find the video in the message. */
function linksIn(markdown) {
	const [, player, block] = markdown.match(/^<video src="([^"]+)"(?: poster="[^"]+")? controls>\n(.+)\n<\/video>$/m);
	const [, link] = markdown.match(/\[Open the video\]\(([^)]+)\)/);
	return [player, block].map(each => each.replaceAll('&amp;', '&')).concat(link);
}

shared.test('the last words of the user become a video, and the answer shows it', async stack => {
	const worker = await workerFor(stack, 'chatty');
	const answer = apiOf(stack).post('/v1/chat/completions', {json: says('chatty', [
		{type: 'text', text: 'a fox'},
		{type: 'image_url', image_url: {url: `data:image/png;base64,${png(64, 64).toString('base64')}`}},
	])});
	const job = await worker.next('job');
	assert.equal(job.prompt, 'a fox');
	assert.equal(job.inputs.length, 1);
	await worker.finish(job, tinyMp4('shown'));
	const {status, body} = await answer;
	assert.equal(status, 200, JSON.stringify(body));
	assert.equal(body.object, 'chat.completion');
	assert.equal(body.video_id, job.job);
	assert.deepEqual(body.usage, {prompt_tokens: 0, completion_tokens: 0, total_tokens: 0});
	const [{message, finish_reason}] = body.choices;
	assert.equal(finish_reason, 'stop');
	for (const url of linksIn(message.content))
		assert.equal(noteOf(Buffer.from(await (await fetch(url)).arrayBuffer())), 'shown', url);
	const [, poster] = message.content.match(/^\[!\[The video\]\(([^)]+)\)\]/);
	assert.equal((await fetch(poster)).headers.get('content-type'), 'image/webp');
	await worker.drop();
});

shared.test('streamed, it says where it is, and only the video is the message', async stack => {
	const worker = await workerFor(stack, 'streamy');
	const answer = await stream(stack, says('streamy', 'a fox'));
	assert.equal(answer.status, 200);
	const job = await worker.next('job');
	let reasons = '', content = '', ends = 0, usage, last;
	for await (const {data} of eventsOf(answer)) {
		last = data;
		if (data === '[DONE]')
			continue;
		assert.equal(data.object, 'chat.completion.chunk');
		const [choice] = data.choices;
		usage = data.usage;
		reasons += choice?.delta.reasoning_content ?? '';
		content += choice?.delta.content ?? '';
		ends += choice?.finish_reason === 'stop';
		if (choice?.delta.reasoning_content?.endsWith('...\n'))
			worker.progress(job, 57, 'painting');
		if (choice?.delta.reasoning_content?.includes('50 %'))
			await worker.finish(job, tinyMp4('streamed'));
	}
	assert.equal(last, '[DONE]');
	assert.equal(ends, 1);
	assert.deepEqual(usage, {prompt_tokens: 0, completion_tokens: 0, total_tokens: 0});
	assert.match(reasons, /painting: 50 %\n$/);
	assert.match(content, /^\[!\[The video\]/);
	assert.equal(noteOf(Buffer.from(await (await fetch(linksIn(content)[0])).arrayBuffer())), 'streamed');
	await worker.drop();
});

shared.test('why there is no video is an error, streamed or not', async stack => {
	const worker = await workerFor(stack, 'strict');
	const api = apiOf(stack);
	const no = async () => worker.fail(await worker.next('job'), 'content_policy', {message: 'Not that.', retryable: false});
	const whole = api.post('/v1/chat/completions', {json: says('strict', 'a fox')});
	await no();
	assert.deepEqual([(await whole).status, (await whole).body.error.code], [400, 'content_policy']);
	worker.ready(1);
	const answer = await stream(stack, says('strict', 'a fox'));
	await no();
	let last;
	for await (const {data} of eventsOf(answer))
		last = data;
	assert.deepEqual([last.error.code, last.error.message], ['content_policy', 'Not that.']);
	const unknown = await api.post('/v1/chat/completions', {json: says('gpt-4o', 'a fox')});
	assert.deepEqual([unknown.status, unknown.body.error.code, unknown.body.error.param], [400, 'model_not_found', 'model']);
	await worker.drop();
});

shared.test('the video is made though the client has left', async stack => {
	const worker = await workerFor(stack, 'patient');
	const leaving = new AbortController();
	await stream(stack, says('patient', 'a fox'), leaving.signal);
	const job = await worker.next('job');
	leaving.abort();
	await worker.finish(job, tinyMp4('alone'));
	assert.equal((await apiOf(stack).wait(job.job)).status, 'completed');
	await worker.drop();
});

shared.test('a wait that ends leaves a link that works later', async stack => {
	const worker = await workerFor(stack, 'slow');
	const answer = apiOf(stack).post('/v1/chat/completions', {json: says('slow', 'a fox', {timeout: 1})});
	const job = await worker.next('job');
	worker.accept(job);
	const {status, body} = await answer;
	assert.equal(status, 200);
	const [, url] = body.choices[0].message.content.match(/\[This link\]\(([^)]+)\)/);
	assert.equal((await fetch(url)).status, 409, 'not yet');
	await worker.finish(job, tinyMp4('late'));
	await apiOf(stack).wait(body.video_id);
	assert.equal(noteOf(Buffer.from(await (await fetch(url)).arrayBuffer())), 'late');
	await worker.drop();
});
