/*
 * What bad requests are answered with, and that they leave nothing behind.
 */
import assert from 'node:assert/strict';

import {apiOf, formOf} from './api.mjs';
import {blobsOf, noHalfBlobs} from './blobs.mjs';
import {alive} from './procs.mjs';

const among = (wanted, seen) => [wanted].flat().includes(seen);

/** The error of an answer: complete, and of the one shape. Answers it, with our word as its code. */
export function errorOf(answer) {
	assert.match(answer.headers.get('content-type'), /^application\/json/);
	assert.match(answer.headers.get('x-request-id') ?? '', /\S/, 'x-request-id');
	assert.deepEqual(Object.keys(answer.body), ['error']);
	const {metadata, ...error} = answer.body.error;
	assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type']);
	assert.ok(error.message.length > 10 && error.message.includes(' '), `words: "${error.message}"`);
	if (!metadata)
		return error;
	/* OpenRouter's clients want the status there */
	assert.equal(error.code, answer.status);
	return {...error, code: metadata.code};
}

/**
 * Sends one row of a table and looks at the answer: [what, options of the request, status, code, param].
 * Each of the last three may be a list of what will do; null for code and undefined for param: any.
 */
export async function assertRefused(api, method, path, [, options, status, code, param]) {
	/* what is taken by mistake may wait for its video */
	const answer = await api.call(method, path, {signal: AbortSignal.timeout(30_000), ...options});
	assert.ok(among(status, answer.status), `${answer.status}: ${answer.bytes.toString().slice(0, 500)}`);
	const error = errorOf(answer);
	if (code)
		assert.ok(among(code, error.code), `code ${error.code}: ${error.message}`);
	if (param !== undefined)
		assert.ok(among(param, error.param), `param ${error.param}: ${error.message}`);
	return error;
}

/** A form with a file in it, as a client sends it. */
export const withFile = (bytes, fields = {}, name = 'file', fileName = 'a.png') => {
	const form = formOf(fields);
	form.set(name, new Blob([bytes]), fileName);
	return form;
};

/** What there is of each kind now, to be compared with afterwards. */
export async function inventory(stack) {
	const api = apiOf(stack);
	const ids = async path => (await api.good(api.get(path))).data.map(each => each.id);
	return {jobs: (await api.list()).map(job => job.id), files: await ids('/v1/files'), endpoints: await ids('/v1/webhook_endpoints'),
		blobs: blobsOf(stack).sort(), pids: stack.services.map(stack.pid)};
}

/** Everything is as it was before: nothing was made or stored, nobody has died, nobody logged an error or a key. */
export async function assertNothingLeft(stack, before) {
	await noHalfBlobs(stack);
	assert.deepEqual(await inventory(stack), before);
	assert.ok(before.pids.every(alive));
	for (const name of stack.services) {
		const log = stack.log(name);
		const errors = log.split('\n').filter(line => line.includes(' level=error '));
		assert.deepEqual(errors.slice(0, 5), [], `${name} logged errors`);
		for (const secret of [stack.key, stack.workerKey])
			assert.ok(!log.includes(secret), `${name} logged a key`);
	}
}
