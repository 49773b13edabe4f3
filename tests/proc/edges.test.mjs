/*
 * The edges of HTTP on real processes: pages of other origins, signed links that are made anew,
 * readiness, requests that cannot be read.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

import {arena, onStack} from '../lib/stack.mjs';
import {apiOf} from '../lib/api.mjs';
import {rawRequest} from '../lib/raw.mjs';
import {connectWorker, model} from '../lib/worker.mjs';
import {until} from '../lib/wait.mjs';

const CHAT = 'https://chat.test';
const TAB = 'https://tab.test'; // in which a worker runs

const preflight = (url, method, origin = CHAT) => fetch(url, {method: 'OPTIONS', headers: {origin,
	'access-control-request-method': method,
	'access-control-request-headers': 'authorization,content-type,idempotency-key,x-stainless-lang'}});

onStack('each documented address answers a preflight for each of its methods', {
	sandbox: false, env: {ARENA_CORS_ORIGINS: `https://other.test,${CHAT}`, ARENA_ORIGINS: TAB},
}, async stack => {
	const document = await (await fetch(`${stack.url}/openapi.json`)).json();
	let asked = 0;
	for (const [pattern, methods] of Object.entries(document.paths)) {
		const address = stack.url + pattern.replaceAll(/\{[^}]+\}/g, 'x');
		const ours = ['/metrics', '/docs', '/video-chat', '/ws'].includes(pattern);
		for (const method of Object.keys(methods).filter(each => /^(get|post|put|patch|delete)$/.test(each))) {
			const [may, other] = pattern.startsWith('/worker/') ? [TAB, CHAT] : [CHAT, TAB];
			const answer = await preflight(address, method.toUpperCase(), may);
			assert.equal(answer.status, 204, `${method} ${pattern}`);
			assert.ok(answer.headers.get('allow').split(', ').includes(method.toUpperCase()), `${method} ${pattern}`);
			assert.equal(answer.headers.get('access-control-allow-origin'), ours ? null : may, pattern);
			if (!ours)
				assert.ok(answer.headers.get('access-control-allow-methods').split(', ').includes(method.toUpperCase()));
			for (const origin of ['https://evil.test', other]) {
				const stranger = await preflight(address, method.toUpperCase(), origin);
				assert.equal(stranger.status, 204);
				assert.equal(stranger.headers.get('access-control-allow-origin'), null);
			}
			asked++;
		}
	}
	assert.ok(asked > 15, `${asked} operations`);
});

onStack('./arena key rotate-links: links made before end, new ones are good, without a restart', {}, async stack => {
	const api = apiOf(stack);
	await api.offered('sandbox');
	const {id} = await api.create({model: 'sandbox'});
	const {url: old} = await api.wait(id, 'completed');
	assert.equal((await fetch(old)).status, 200);
	assert.equal((await arena(['key', 'rotate-links', '--data', stack.data])).code, 0);
	await until('the old link to end', async () => (await fetch(old)).status === 403);
	const {url} = await api.video(id);
	assert.notEqual(url, old);
	assert.equal((await fetch(url)).status, 200);
	await stack.restarted('gateway', stack.kill('gateway'));
	await stack.ready();
	assert.equal((await fetch(url)).status, 200, 'also after a crash');
	assert.equal((await fetch(old)).status, 403);
});

onStack('links to images that workers get are made anew too', {sandbox: false}, async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [{...model('toy'), inputs: ['text', 'image']}], slots: 2, ready: 1});
	await api.offered('toy');
	const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M/wHwAEBgIApD5fRAAAAABJRU5ErkJggg==', 'base64');
	const given = async () => {
		await api.create({model: 'toy'}, png);
		const job = await worker.next('job');
		worker.accept(job);
		return job;
	};
	const status = async link => (await fetch(new URL(link, stack.url))).status;
	const first = await given();
	const old = first.inputs[0].url;
	assert.equal(await status(old), 200);
	assert.equal((await arena(['key', 'rotate-links', '--data', stack.data])).code, 0);
	await until('the old link to end', async () => await status(old) === 403);
	/* Services look once a second, each when it likes. */
	await until('another one that is good', async () => {
		worker.ready(1);
		const job = await given();
		if (await status(job.inputs[0].url) === 200)
			return true;
		await worker.fail(job, 'enough', {retryable: false});
		return false;
	});

	/* Who holds a job with an old link asks over its connection, whichever that is. */
	assert.deepEqual(await worker.input(first), png);
	await worker.drop();
	const http = await connectWorker(stack, {id: worker.id, transport: 'http', models: [model('toy')], slots: 2, ready: 0,
		jobs: [{job: first.job, lease: first.lease, progress: 0}]});
	assert.deepEqual(await http.input(first), png);
	await assert.rejects(http.input(first, 5), /no_input/);
	await http.close();
});

onStack('readiness names the parts that are missing', {sandbox: false}, async stack => {
	const ready = async () => {
		const answer = await fetch(`${stack.url}/readyz`);
		return {status: answer.status, ...await answer.json()};
	};
	assert.deepEqual(await ready(), {status: 200, ready: true, auth: 'ok', jobs: 'ok', bridge: 'ok', disk: 'ok'});
	const store = path.join(stack.data, 'blobs', 'tmp');
	fs.renameSync(store, `${store}.away`);
	const was = stack.pid('bridge');
	stack.kill('bridge', 'SIGSTOP');
	await until('both to be named', async () => {
		const now = await ready();
		return now.status === 503 && now.bridge === 'unreachable' && now.disk === 'not writable' && now.jobs === 'ok';
	});
	fs.renameSync(`${store}.away`, store);
	process.kill(was, 'SIGCONT');
});

onStack('what cannot be read is answered as JSON, and a listener is there for the next', {sandbox: false}, async stack => {
	for (const [lines, status, code] of [
		[[`GET /${'a'.repeat(40_000)} HTTP/1.1`, 'Host: a'], 414, 'url_too_long'],
		[['GET / HTTP/1.1', `X: ${'a'.repeat(40_000)}`], 431, 'header_too_large'],
		[['GET /'], 400, 'bad_request'],
		[['POST /v1/videos HTTP/1.1', 'Host: a', 'Content-Length: x'], 400, 'bad_request'],
		[['GET / HTTP/3.0', 'Host: a'], 505, 'http_version_not_supported'],
	]) {
		const answer = await rawRequest(stack, lines);
		assert.equal(answer.status, status);
		assert.equal(answer.body.error.code, code);
		assert.deepEqual(Object.keys(answer.body.error).sort(), ['code', 'message', 'param', 'type']);
		assert.match(answer.headers['x-request-id'], /^[0-9a-f]{32}$/);
		assert.equal((await fetch(`${stack.url}/healthz`)).status, 200);
	}
});
