/*
 * Heads of requests that no client sends: too long, in pieces, with more behind them. Each is answered
 * as an error with all that errors have, or hung up on; the gateway is the same process afterwards.
 */
import assert from 'node:assert/strict';

import {sharedStack} from '../lib/stack.mjs';
import {rawConnection} from '../lib/raw.mjs';
import {until, within} from '../lib/wait.mjs';

const shared = sharedStack({sandbox: false, env: {ARENA_HEAD_TIME: '1s'}});
const host = 'Host: 127.0.0.1\r\n';
const many = (text, n) => text.repeat(n);

/* What is sent, piece by piece; the statuses that will do. */
const heads = {
	'more arguments than there is room for': [[`GET /v1/models?${many('a=b&', 3000)} HTTP/1.1\r\n${host}\r\n`], [414, 431]],
	'the same, and the rest of the head later': [[`GET /v1/models?${many('a=b&', 3000)} HTTP/1.1\r\n`, host, 'X-More: 1\r\n', '\r\n'], [414, 431]],
	'the same, and a body': [[`POST /v1/videos?${many('a&', 4000)} HTTP/1.1\r\n`, `${host}Content-Length: 5\r\n\r\n`, 'hello'], [414, 431]],
	'the same, and another request': [[`GET /v1/models?${many('a=b&', 3000)} HTTP/1.1\r\n${host}\r\n`, `GET /healthz HTTP/1.1\r\n${host}\r\n`], [414, 431]],
	'a target of 100 KB': [[`GET /${many('a', 100_000)} HTTP/1.1\r\n${host}\r\n`], [414, 431]],
	'a target of 100 KB without an end': [[`GET /${many('a', 100_000)}`], [414, 431]],
	'a method of 100 KB': [[`${many('A', 100_000)} / HTTP/1.1\r\n${host}\r\n`], [400, 414, 431]],
	'a header of 100 KB': [[`GET / HTTP/1.1\r\n${host}X-Long: ${many('a', 100_000)}\r\n\r\n`], [431]],
	'a header of 100 KB, in pieces': [[`GET / HTTP/1.1\r\n${host}X-Long: `, ...Array.from({length: 100}, () => many('a', 1000)), '\r\n\r\n'], [431]],
	'2000 headers': [[`GET / HTTP/1.1\r\n${host}`, ...Array.from({length: 2000}, (_, i) => `X-${i}: y\r\n`), '\r\n'], [431]],
	'2000 cookies': [[`GET / HTTP/1.1\r\n${host}Cookie: ${many('a=b; ', 2000)}\r\n\r\n`], [404, 431]],
	'a header that goes on and on': [[`GET / HTTP/1.1\r\n${host}X-Fold: a\r\n${many(' b\r\n', 5000)}\r\n`], [400, 431]],
	'two lengths': [[`POST /v1/videos HTTP/1.1\r\n${host}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`], [400]],
	'a length of 30 digits': [[`POST /v1/videos HTTP/1.1\r\n${host}Content-Length: ${many('9', 30)}\r\n\r\n`], [400, 413]],
	'a length below zero': [[`POST /v1/videos HTTP/1.1\r\n${host}Content-Length: -1\r\n\r\n`, 'x'], [400]],
	'a chunk of a size that is none': [[`POST /v1/videos HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`, 'zz\r\n\r\n'], [400, 401]],
	'a chunk as large as can be': [[`POST /v1/videos HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`, 'ffffffffffffffffff\r\n'], [400, 401, 413]],
	'trailers of 100 KB': [[`POST /v1/videos HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n`, `X-Long: ${many('a', 100_000)}\r\n\r\n`], [400, 401, 431]],
	'a NUL in the head': [[`GET /\0 HTTP/1.1\r\n${host}\r\n`], [400, 404]],
	'HTTP/9.9': [[`GET /healthz HTTP/9.9\r\n${host}\r\n`], [200, 400, 505]],
	'no version': [['GET /healthz\r\n\r\n'], [400]],
	'line ends without carriage return': [[`GET /healthz HTTP/1.1\nHost: 127.0.0.1\n\n`], [200, 400]],
	'TLS': [[Buffer.from('16030100c8010000c403035f', 'hex'), Buffer.alloc(200, 7)], [400, 408]],
	'nothing but line ends': [[many('\r\n', 10_000)], [400, 414]],
	'nothing at all': [[''], [400, 408]],
};

for (const [what, [pieces, statuses]] of Object.entries(heads)) {
	const times = /arguments|^the same/.test(what) ? 20 : 5; // what ended the process did so now and then
	shared.test(`${what}: an error or an end, ${times} times over`, async stack => {
		const pid = stack.pid('gateway');
		const once = async () => {
			const connection = await rawConnection(stack);
			for (const piece of pieces) {
				await connection.send(piece);
				await new Promise(setImmediate);
			}
			try {
				const {status, headers, body} = await connection.answer();
				assert.ok(statuses.includes(status), `status ${status}`);
				if (status >= 400) {
					assert.deepEqual(Object.keys(body.error).sort(), ['code', 'message', 'param', 'type']);
					assert.match(headers['x-request-id'], /\S/);
				}
			} catch (error) {
				assert.match(error.message, /closed without an answer/);
			} finally {
				await connection.close();
			}
		};
		await within(15_000, 'all of them', Promise.all(Array.from({length: times}, once)));
		assert.equal((await fetch(`${stack.url}/healthz`)).status, 200);
		assert.equal(stack.pid('gateway'), pid, 'the same process');
	});
}

shared.test('after all that nothing of it is left in the gateway', async stack => {
	await until('the requests to be over', async () => {
		const text = await (await fetch(`${stack.url}/metrics`, {headers: {authorization: `Bearer ${stack.key}`}})).text();
		assert.equal(text.match(/^arena_gateway_in_flight (\d+)/m)[1], '1', 'this one only');
		return true;
	});
});
