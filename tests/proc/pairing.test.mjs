/*
 * Pairing, worker keys with an owner, and the served userscript, with real processes: codes that are
 * used once, guessed, too many or survive a kill -9; who sees which worker; and that a revoked one is
 * out while its jobs go on elsewhere.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

import {apiOf, newKey} from '../lib/api.mjs';
import {tinyMp4} from '../lib/media.mjs';
import {arena, onStack, sharedStack} from '../lib/stack.mjs';
import {pause, until, within} from '../lib/wait.mjs';
import {connectWorker, model, steadyWorker} from '../lib/worker.mjs';

const SCRIPT = '/LMArenaVideoInjector.user.js';
const shared = sharedStack({sandbox: false, env: {ARENA_ORIGINS: 'https://site.test,https://*.site.test'}});

/* Tries are limited by address: each test comes from one of its own, 127.0.0.from. */
let from = 1;

/** POST /worker/pair, from the test's own address; json may be a text. */
function pair(stack, json, {headers = {}, address = `127.0.0.${from}`, chunked = false} = {}) {
	const body = typeof json === 'string' ? json : JSON.stringify(json);
	return new Promise((resolve, reject) => {
		const request = http.request(`${stack.url}/worker/pair`, {method: 'POST', localAddress: address,
			headers: {'content-type': 'application/json',
				...(chunked ? {'transfer-encoding': 'chunked'} : {'content-length': Buffer.byteLength(body)}), ...headers}});
		request.on('error', reject);
		request.on('response', async answer => {
			let text = '';
			for await (const chunk of answer)
				text += chunk;
			resolve({status: answer.statusCode, headers: answer.headers, body: text ? JSON.parse(text) : undefined});
		});
		request.end(body);
	});
}

const test = (name, fn) => shared.test(name, (stack, t) => {
	from++;
	return fn(stack, t);
});

/** A new owner, and a way to get codes. */
async function owner(stack, name) {
	const api = apiOf(stack, await newKey(stack, name));
	return Object.assign(api, {
		code: async () => (await api.good(api.post('/v1/workers/pairing_codes'))).code,
		workers: async () => (await api.good(api.get('/v1/workers'))).data,
		revoke: id => api.call('DELETE', `/v1/workers/${id}`),
	});
}

/** A worker key of this owner: {token, worker_key_id}. */
async function paired(stack, api, name = 'a tab') {
	const answer = await pair(stack, {code: await api.code(), name});
	assert.equal(answer.status, 200, JSON.stringify(answer.body));
	return answer.body;
}

/* Its key is good no more. */
const assertOut = async worker => assert.equal((await within(10_000, 'the connection to end', worker.over)).code, 4001);

test('a code makes a worker key that belongs to who made the code', async stack => {
	const ana = await owner(stack, 'ana');
	const bea = await owner(stack, 'bea');
	const begun = Date.now() / 1000;
	const made = await ana.post('/v1/workers/pairing_codes');
	assert.equal(made.status, 200);
	assert.ok(made.body.expires_at > begun + 599 && made.body.expires_at < Date.now() / 1000 + 601, `it ends at ${made.body.expires_at}`);
	assert.match(made.body.code, /^[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}$/);
	assert.equal(made.headers.get('cache-control'), 'no-store');
	const once = {headers: {'idempotency-key': 'a pair of gloves'}};
	const [asked, repeated] = [await ana.post('/v1/workers/pairing_codes', once), await ana.post('/v1/workers/pairing_codes', once)];
	assert.deepEqual(repeated.body, asked.body, 'a request that is repeated has one code');
	assert.notEqual(asked.body.code, made.body.code);

	const typed = made.body.code.toLowerCase().replace('-', ' ');
	const first = await pair(stack, {code: typed, name: "Ana's tab"});
	assert.equal(first.status, 200);
	assert.equal(first.headers['cache-control'], 'no-store');
	assert.match(first.body.token, /^wk_[A-Za-z0-9_-]{43}$/);
	const again = await pair(stack, {code: made.body.code, name: "Ana's tab"});
	assert.deepEqual([again.status, again.body.error.code, again.body.error.param], [400, 'invalid_code', 'code'],
		'a code is good once');

	assert.deepEqual((await ana.workers()).map(each => [each.id, each.name, each.connected, each.state, each.paired]),
		[[first.body.worker_key_id, "Ana's tab", false, null, true]]);
	const worker = await connectWorker(stack, {token: first.body.token, name: 'the tab', models: [model('anas')]});
	await ana.offered('anas');
	const [here, ...more] = await ana.workers();
	assert.deepEqual(more, [], 'connected or not, it is one');
	assert.deepEqual([here.id, here.connected, here.state, here.transport, here.key_id, here.paired],
		[worker.id, true, 'ready', 'websocket', first.body.worker_key_id, true]);
	assert.deepEqual(here.models, ['anas']);

	assert.deepEqual(await bea.workers(), [], 'another key sees nothing of it');
	const other = await connectWorker(stack, {name: 'by the operator\'s key'});
	const operator = await until('the operator to see all', async () => {
		const {data} = await apiOf(stack).good(apiOf(stack).get('/v1/workers'));
		const both = [worker, other].map(({id}) => data.find(each => each.id === id));
		return both.every(Boolean) && both;
	});
	assert.deepEqual(operator.map(each => each.paired), [true, false], 'and which can be removed');
	await other.close();
	for (const id of [worker.id, first.body.worker_key_id])
		assert.equal((await bea.revoke(id)).status, 404, 'nor can it send it away');
	await worker.close();
});

test('a revoked worker is out, and its job goes on elsewhere', async stack => {
	const cai = await owner(stack, 'cai');
	const one = await paired(stack, cai, 'one');
	const two = await paired(stack, cai, 'two');
	const first = await connectWorker(stack, {token: one.token, name: 'one', models: [model('cais')]});
	await cai.offered('cais');
	const video = await cai.create({model: 'cais'});
	const job = await first.next('job');
	first.accept(job);
	first.progress(job, 30, 'painting');
	await cai.wait(video.id, 'in_progress');

	const made = [];
	const second = steadyWorker(stack, {token: two.token, models: [model('cais')], make: async each => {
		made.push(each.job);
		return tinyMp4();
	}});
	await second.connected();
	assert.equal((await cai.revoke(first.id)).status, 200);
	const bye = await first.next('bye');
	assert.equal(bye.reason, 'revoked');
	await assertOut(first);

	const done = await cai.wait(video.id);
	assert.equal(done.status, 'completed');
	assert.equal(done.attempts, 1, 'the try that was taken away does not count');
	assert.deepEqual(made, [video.id]);
	await assert.rejects(connectWorker(stack, {token: one.token}), /4001/);
	assert.deepEqual((await cai.workers()).map(each => each.name), ['steady']);
	assert.equal((await cai.revoke(first.id)).status, 404, 'it is not there any more');
	assert.equal((await cai.revoke(one.worker_key_id)).status, 200, 'by the key, twice is fine');
	await second.stop();
});

test('a key that the command revokes counts too, and so does its owner', async stack => {
	const name = `dan-${from}`;
	const dan = await owner(stack, name);
	const mine = await paired(stack, dan, 'of dan');
	const key = await newKey(stack, 'cmd', 'worker');
	const local = await until('the new worker key to be known', () =>
		connectWorker(stack, {name: 'by the command', token: key}));
	const worker = await connectWorker(stack, {token: mine.token, models: [model('dans')]});
	const list = (await arena(['key', 'list', '--data', stack.data])).out;
	const id = list.split('\n').find(line => line.includes(name) && line.includes(' api ')).split(' ')[0];
	assert.match(list.split('\n').find(line => line.includes('of dan')), new RegExp(`\\b${id}\\b`), 'whose it is');

	const localId = list.split('\n').find(line => / worker .* cmd\b/.test(line)).split(' ')[0];
	for (const [which, gone] of [[localId, local], [id, worker]]) {
		const said = await arena(['key', 'revoke', which, '--data', stack.data]);
		assert.equal(said.code, 0, said.err);
		await assertOut(gone);
	}
	assert.deepEqual((await dan.get('/v1/workers')).status, 401);
});

for (const transport of ['websocket', 'http'])
	test(`a key that is rotated ends the connections of the old one, and of nobody else (${transport})`, async stack => {
		const name = `rotated-${from}`;
		const old = await newKey(stack, name, 'worker');
		const connect = token => until('the worker key to be known', () =>
			connectWorker(stack, {name, token, transport, models: [model(name)]}));
		const worker = await connect(old);
		const list = (await arena(['key', 'list', '--data', stack.data])).out;
		const id = list.split('\n').find(line => line.includes(name)).split(' ')[0];
		const {out} = await arena(['key', 'rotate', id, '--data', stack.data]);
		await assertOut(worker);

		const next = await connect(out.trim());
		await assert.rejects(connectWorker(stack, {name, token: old, transport}), /4001/);
		const api = apiOf(stack);
		const {id: job} = await until('the model to be known', () => api.create({model: name}));
		await next.finish(await next.next('job'), tinyMp4());
		assert.equal((await api.video(job)).status, 'completed');
		assert.equal(next.closed, undefined, 'who has the new one stays');
		await next.close();
	});

test('codes survive a kill -9 of auth; those of the dead and of the used do not come back', async stack => {
	const eve = await owner(stack, 'eve');
	const [kept, used] = [await eve.code(), await eve.code()];
	assert.equal((await pair(stack, {code: used, name: 'x'})).status, 200);
	for (let round = 0; round < 2; round++) {
		const was = stack.kill('auth');
		await stack.restarted('auth', was);
		await stack.ready();
	}
	assert.equal((await pair(stack, {code: used, name: 'y'})).body.error.code, 'invalid_code');
	const answer = await pair(stack, {code: kept, name: 'z'});
	assert.equal(answer.status, 200, JSON.stringify(answer.body));
	const worker = await connectWorker(stack, {token: answer.body.token});
	const was = stack.kill('auth');
	await stack.restarted('auth', was);
	await stack.ready();
	assert.equal(worker.closed, undefined, 'who is connected stays while auth is away');
	await worker.close();
});

test('a kill -9 of auth in the middle of pairing makes one key of a code', async stack => {
	const fay = await owner(stack, 'fay');
	for (const [round, wait] of [0, 1, 2, 4, 8, 16].entries()) {
		const address = `127.0.1.${round + 1}`;
		const code = await fay.code();
		const asked = pair(stack, {code, name: 'cut'}, {address});
		await pause(wait);
		const was = stack.kill('auth');
		await stack.restarted('auth', was);
		await stack.ready();
		/* Asked again under the same request id it is the same pairing; else nobody was told a token. */
		const first = await asked;
		assert.ok([200, 503, 504].includes(first.status), JSON.stringify(first.body));
		if (first.status === 200)
			await (await connectWorker(stack, {token: first.body.token})).close();
		else
			await pair(stack, {code, name: 'cut'}, {address});
		assert.equal((await fay.workers()).length, round + 1, 'exactly one key came of it');
		assert.equal((await pair(stack, {code, name: 'again'}, {address})).body.error.code, 'invalid_code');
	}
});

test('guessing is limited for each address; others can still pair', async stack => {
	const gil = await owner(stack, 'gil');
	const code = await gil.code();
	for (let i = 0; i < 10; i++)
		assert.equal((await pair(stack, {code: 'AAAA-AAA' + 'ABCDEFGHJK'[i], name: 'x'})).status, 400);
	const limited = await pair(stack, {code, name: 'x'});
	assert.equal(limited.status, 429);
	assert.ok(Number(limited.headers['retry-after']) >= 1, 'it says when');
	assert.deepEqual(await gil.workers(), []);
	assert.equal((await pair(stack, {code, name: 'x'}, {address: '127.0.0.200'})).status, 200);
});

test('five codes may be open', async stack => {
	const hal = await owner(stack, 'hal');
	for (let i = 0; i < 5; i++)
		await hal.code();
	const sixth = await hal.post('/v1/workers/pairing_codes');
	assert.equal(sixth.status, 429);
	assert.match(sixth.body.error.message, /five open/);
});

test('bad input gets words', async stack => {
	const bad = [['{', 'invalid_json'], ['[]', 'invalid_json'], ['{}', 'invalid_value', 'code'],
		[{code: 'AAAA-AAAA'}, 'invalid_value', 'name'], [{code: 7, name: 'x'}, 'invalid_value', 'code'],
		[{code: 'A'.repeat(41), name: 'x'}, 'invalid_value', 'code'],
		[{code: 'AAAA-AAAA', name: ''}, 'invalid_value', 'name'],
		[{code: 'AAAA-AAAA', name: '  '}, 'invalid_value', 'name'],
		[{code: 'AAAA-AAAA', name: 'a\u0007'}, 'invalid_value', 'name'],
		[{code: 'AAAA-AAAA', name: 'x'.repeat(129)}, 'invalid_value', 'name']];
	for (const [json, code, param = null] of bad) {
		const answer = await pair(stack, json);
		assert.deepEqual([answer.status, answer.body.error.code, answer.body.error.param], [400, code, param],
			JSON.stringify(json));
	}
	/* What cannot be a code is a try as well. */
	for (const code of ['IIII-OOOO', 'AAAA-AAA', 'AAAA-AAAAA', "'; --", 'ÄÄÄÄ-ÄÄÄÄ'])
		assert.equal((await pair(stack, {code, name: 'x'})).body.error.code, 'invalid_code', code);
	assert.equal((await pair(stack, 'code=AAAA-AAAA', {headers: {'content-type': 'text/plain'}})).status, 415);
	assert.equal((await pair(stack, `{"code":"${'x'.repeat(70_000)}"}`)).status, 413);
	const chunked = await pair(stack, {code: 'AAAA-AAAA', name: 'x'}, {chunked: true});
	assert.equal(chunked.body.error.code, 'invalid_code', 'a body without a length needs no key either');
	const api = apiOf(stack);
	assert.equal((await apiOf(stack, null).get('/v1/workers')).status, 401);
	assert.equal((await apiOf(stack, stack.workerKey).post('/v1/workers/pairing_codes')).status, 401);
	assert.equal((await api.call('DELETE', '/v1/workers/nobody')).status, 404);
	assert.equal((await api.call('DELETE', '/v1/workers/key_nobody')).status, 404);
	assert.equal((await api.call('DELETE', `/v1/workers/${'x'.repeat(300)}`)).status, 404);
});

test('a worker of somebody else cannot take over by saying the same id', async stack => {
	const ida = await owner(stack, 'ida');
	const jon = await owner(stack, 'jon');
	const hers = await connectWorker(stack, {token: (await paired(stack, ida)).token, id: 'the-same'});
	const his = (await paired(stack, jon)).token;
	await assert.rejects(connectWorker(stack, {token: his, id: 'the-same'}), /4001/);
	assert.equal(hers.closed, undefined);
	const next = await connectWorker(stack, {token: (await paired(stack, ida)).token, id: 'the-same'});
	assert.equal((await hers.over).code, 4003, 'her own next one takes over');
	await next.close();
});

test('pages of the workers\' origins may pair, others may not', async stack => {
	const ask = origin => pair(stack, {code: 'AAAA-AAAA', name: 'x'}, {headers: {origin}});
	assert.equal((await ask('https://www.site.test')).headers['access-control-allow-origin'], 'https://www.site.test');
	assert.equal((await ask('https://evil.test')).headers['access-control-allow-origin'], undefined);
});

test('the userscript is served with this server\'s address, and no secret', async stack => {
	const api = apiOf(stack, null);
	const answer = await api.get(SCRIPT);
	assert.equal(answer.status, 200);
	assert.equal(answer.headers.get('content-type'), 'text/javascript; charset=utf-8');
	assert.equal(answer.headers.get('cache-control'), 'no-cache');
	const text = answer.bytes.toString();
	assert.ok(text.startsWith('// ==UserScript=='));
	assert.doesNotMatch(text, /@@[A-Z]+@@/, 'all is filled in');
	assert.ok(text.includes(`// @downloadURL    ${stack.url}${SCRIPT}`));
	const hosts = [...text.matchAll(/^\/\/ @connect +(\S+)$/gm)].map(each => each[1]);
	assert.equal(hosts[0], '127.0.0.1');
	assert.ok(!hosts.includes('localhost'), 'only this server, besides where the site keeps files');
	assert.match(text, /^\/\/ @version +\d+\.\d+\.\d+\.\d{12}$/m);
	for (const secret of [stack.key, stack.workerKey])
		assert.ok(!text.includes(secret));
	const tag = {headers: {'if-none-match': answer.headers.get('etag')}};
	assert.equal((await api.get(SCRIPT, tag)).status, 304);

	const other = await new Promise((resolve, reject) => http.get(stack.url + SCRIPT, {headers: {host: 'video.example.org:8443'}},
		async each => {
			let body = '';
			for await (const chunk of each)
				body += chunk;
			resolve({body, etag: each.headers.etag});
		}).on('error', reject));
	assert.match(other.body, /^\/\/ @connect +video\.example\.org$/m);
	assert.match(other.body, /^\/\/ @updateURL +http:\/\/video\.example\.org:8443\/LM/m);
	assert.notEqual(other.etag, answer.headers.get('etag'));
});

test('./arena pair says a code and what to do with it', async stack => {
	const said = await arena(['pair', '--data', stack.data]);
	assert.equal(said.code, 0, said.err);
	const [code] = said.out.match(/[A-HJ-NP-Z2-9]{4}-[A-HJ-NP-Z2-9]{4}/);
	assert.ok(said.out.includes(`${stack.url}${SCRIPT}`), said.out);
	assert.equal((await pair(stack, {code, name: 'by hand'})).status, 200);
	const away = await arena(['pair', '--data', path.join(stack.data, 'none')]);
	assert.equal(away.code, 1);
	assert.match(away.err, /arena up/);
	assert.equal(fs.existsSync(path.join(stack.data, 'none')), false);
});

onStack('a code ends when its time is over, and makes room for another', {
	sandbox: false, env: {ARENA_PAIRING_CODE_TIME: '5s'},
}, async stack => {
	const gus = await owner(stack, 'gus');
	const make = async () => gus.good(gus.post('/v1/workers/pairing_codes'));
	const five = [await make(), await make(), await make(), await make(), await make()];
	assert.ok(five[4].expires_at * 1000 <= Date.now() + 6000, 'it says when');

	await until('their time to be over', () => Date.now() >= (five[4].expires_at + 1) * 1000);
	const late = await pair(stack, {code: five[0].code, name: 'too late'});
	assert.deepEqual([late.status, late.body.error.code, late.body.error.param], [400, 'invalid_code', 'code']);
	assert.match(late.body.error.message, /too old/);
	const next = await make();
	assert.equal((await pair(stack, {code: next.code, name: 'the next'})).status, 200);
	assert.deepEqual((await gus.workers()).map(each => each.name), ['the next']);
});
