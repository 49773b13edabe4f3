/*
 * The HTTP API as a client sees it, on fetch. Nothing here retries or hides an answer: each call
 * gives {status, headers, body, bytes}, body being the JSON when it was JSON.
 */
import assert from 'node:assert/strict';

import {eventsOf} from './sse.mjs';
import {arena} from './stack.mjs';
import {until} from './wait.mjs';

export const OVER = ['completed', 'failed', 'cancelled'];

/** The API of a stack with one of its keys; key null: without a key. */
export function apiOf(stack, key = stack.key) {
	async function call(method, path, {json, form, body, headers = {}, signal} = {}) {
		const all = {...(key ? {authorization: `Bearer ${key}`} : {}), ...headers};
		if (json !== undefined) {
			all['content-type'] ??= 'application/json';
			body = typeof json === 'string' ? json : JSON.stringify(json);
		}
		const answer = await fetch(/^http/.test(path) ? path : stack.url + path,
			{method, headers: all, body: form ?? body, signal, redirect: 'manual'});
		const bytes = Buffer.from(await answer.arrayBuffer());
		const isJson = (answer.headers.get('content-type') ?? '').startsWith('application/json');
		return {status: answer.status, headers: answer.headers, bytes,
			body: isJson && bytes.length ? JSON.parse(bytes) : undefined};
	}

	const get = (path, options) => call('GET', path, options);
	const post = (path, options) => call('POST', path, options);

	/** The body of an answer that must be 2xx. */
	async function good(promise) {
		const answer = await promise;
		assert.ok(answer.status >= 200 && answer.status < 300,
			`expected success, got ${answer.status}: ${answer.bytes.toString().slice(0, 500)}`);
		return answer.body;
	}

	/** Makes a job: create({prompt: ...}[, image bytes]). With an image it goes as a form. */
	function create(fields, image, options = {}) {
		const all = {prompt: 'a test', seconds: '1', size: '128x128', ...fields};
		return good(post('/v1/videos', image ? {form: formOf(all, image), ...options} : {json: all, ...options}));
	}

	const video = id => good(get(`/v1/videos/${id}`));

	/** Waits until the job has a status of `wanted` (default: until it is over); answers it. */
	const wait = (id, wanted = OVER, ms = 30_000) => until(`${id} to be ${[wanted].flat().join(' or ')}`, async () => {
		const job = await video(id);
		if ([wanted].flat().includes(job.status))
			return job;
		throw new Error(`it is ${job.status}, attempts ${job.attempts}, error ${JSON.stringify(job.error)}`);
	}, {ms});

	/** Waits until a connected worker offers this model. */
	const offered = id => until(`the model ${id} to be listed`, async () =>
		(await good(get('/v1/models'))).data.some(each => each.id === id && each.available));

	/** The file of a completed job. */
	async function content(id, variant) {
		const answer = await get(`/v1/videos/${id}/content${variant ? `?variant=${variant}` : ''}`);
		assert.equal(answer.status, 200, answer.bytes.toString().slice(0, 300));
		return answer.bytes;
	}

	/** All jobs of the key, newest first, page by page. */
	async function list(limit = 100) {
		const jobs = [];
		for (let after = ''; ;) {
			const page = await good(get(`/v1/videos?limit=${limit}${after && `&after=${after}`}`));
			jobs.push(...page.data);
			if (!page.has_more)
				return jobs;
			after = page.last_id;
		}
	}

	/** Server-sent events, as they come: for await (const {id, event, data} of events(id)). */
	async function* events(id, {headers = {}, signal} = {}) {
		const answer = await fetch(`${stack.url}/v1/videos/${id}/events`,
			{headers: {authorization: `Bearer ${key}`, ...headers}, signal});
		assert.equal(answer.status, 200, await (answer.ok ? '' : answer.text()));
		assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
		yield* eventsOf(answer);
	}

	return {call, get, post, good, create, video, wait, offered, content, list, events, key, stack,
		cancel: id => good(post(`/v1/videos/${id}/cancel`)),
		remove: id => good(call('DELETE', `/v1/videos/${id}`))};
}

/** A form of fields and, as `image`, a file. */
export function formOf(fields, image, name = 'image') {
	const form = new FormData();
	for (const [key, value] of Object.entries(fields))
		form.set(key, String(value));
	if (image)
		form.set(name, new Blob([image]), 'picture');
	return form;
}

/** Makes another API key (kind 'worker': a worker key), good when this returns, with the command that people use. */
export async function newKey(stack, name, kind = 'api') {
	const args = ['key', 'add', name, ...(kind === 'worker' ? ['--worker'] : []), '--data', stack.data];
	const {code, out, err} = await arena(args);
	assert.equal(code, 0, `./arena key add: ${out}${err}`);
	const key = out.match(/\b(?:av|wk)_[A-Za-z0-9_-]{43}/)[0];
	/* A running auth looks at the file once a second. */
	if (kind === 'api')
		await until('the new key to be known', async () => (await apiOf(stack, key).get('/v1/models')).status !== 401);
	return key;
}
