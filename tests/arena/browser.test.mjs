/*
 * What a userscript may do in a browser, with the stand-in for a manager: the table that the script's
 * two transports rest on. A ten-line script tries each way to a server on loopback.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import {after, before, test} from 'node:test';
import {WebSocketServer} from 'ws';

import {startSite} from '../arena-site/server.mjs';
import {openBrowser} from '../lib/tabs.mjs';
import {until, within} from '../lib/wait.mjs';

const script = port => `// ==UserScript==
// @name         Ways out
// @version      1.0
// @match        https://arena.ai/*
// @noframes
// @run-at       document-start
// @grant        GM_xmlhttpRequest
// @grant        GM_getValue
// @grant        GM_setValue
// @grant        GM_addValueChangeListener
// @grant        GM.xmlHttpRequest
// @grant        unsafeWindow
// @connect      127.0.0.1
// ==/UserScript==
'use strict';
const socket = () => new Promise(resolve => {
	const it = new WebSocket('ws://127.0.0.1:${port}/');
	it.onopen = () => resolve('open');
	it.onerror = () => resolve('failed');
});
const get = () => fetch('http://127.0.0.1:${port}/get').then(answer => answer.text(), () => 'failed');
const gm = (url, more) => new Promise(resolve => GM_xmlhttpRequest({url, ...more,
	onload: answer => resolve(answer.responseText), onerror: answer => resolve('failed: ' + answer.error),
	ontimeout: () => resolve('timeout'), onabort: () => resolve('aborted')}));
unsafeWindow.ways = {socket, get, gm: (path, more) => gm('http://127.0.0.1:${port}' + path, more),
	elsewhere: () => gm('https://elsewhere.test/'), values: {get: GM_getValue, set: GM_setValue},
	heard: [], granted: [typeof GM_deleteValue, typeof GM.xmlHttpRequest]};
GM_addValueChangeListener('colour', (name, old, value, remote) => unsafeWindow.ways.heard.push([old, value, remote]));
`;

let server;
let site;
const asked = [];

before(async () => {
	server = http.createServer(async (req, res) => {
		const body = Buffer.concat(await req.toArray());
		asked.push({method: req.method, url: req.url, headers: req.headers, body});
		res.setHeader('access-control-allow-origin', '*');
		if (req.url !== '/never')
			res.end(`got ${body.length}`);
	});
	new WebSocketServer({server}).on('connection', socket => socket.close());
	await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
	site = await startSite();
});

after(async () => {
	server?.closeAllConnections();
	server?.close();
	await site?.stop();
});

async function inBrowser(options, fn) {
	const port = server.address().port;
	Object.assign(site.knobs, {csp: 'none', localPort: port, ...options.knobs});
	const browser = await openBrowser({site, script: script(port), ...options});
	try {
		const tab = await browser.open('/video');
		await tab.page.waitForFunction(() => 'ways' in window);
		await fn(tab, browser);
	} finally {
		await browser.close();
	}
}

const ways = tab => within(20_000, 'the three ways', tab.page.evaluate(async () =>
	({socket: await ways.socket(), get: await ways.get(), gm: await ways.gm('/get')})));

test('permission granted: all ways are open; a strict policy leaves the GM_ one, one that names the server opens the socket',
	async () => {
		await inBrowser({lna: 'granted'}, async (tab, browser) => {
			assert.deepEqual(await ways(tab), {socket: 'open', get: 'got 0', gm: 'got 0'});
			site.knobs.csp = 'strict';
			const strict = await browser.open('/video');
			assert.deepEqual(await ways(strict), {socket: 'failed', get: 'failed', gm: 'got 0'});
			site.knobs.csp = 'local';
			assert.deepEqual(await ways(await browser.open('/video')), {socket: 'open', get: 'failed', gm: 'got 0'});
		});
	});

test('permission denied: only the GM_ way is open', async () => {
	await inBrowser({lna: 'denied'}, async tab => {
		assert.deepEqual(await ways(tab), {socket: 'failed', get: 'failed', gm: 'got 0'});
		assert.equal(await tab.page.evaluate(async () =>
			(await navigator.permissions.query({name: 'loopback-network'})).state), 'denied');
	});
});

test('GM_ requests: no Origin, bodies of each kind, time limits, abort, only hosts of @connect', async () => {
	await inBrowser({}, async tab => {
		const last = () => asked.at(-1);
		const gm = (path, more) => tab.page.evaluate(([where, rest]) => ways.gm(where, rest), [path, more]);
		assert.equal(await gm('/a', {method: 'POST', data: 'grüße', headers: {'x-it': 'yes'}}), 'got 7');
		assert.equal(last().headers.origin, undefined);
		assert.equal(last().headers['x-it'], 'yes');
		const bytes = await tab.page.evaluate(() => ways.gm('/b', {method: 'POST', data: new Blob([new Uint8Array(3_000_000).fill(7)])}));
		assert.equal(bytes, 'got 3000000');
		assert.ok(last().body.every(each => each === 7));
		await tab.page.evaluate(() => ways.gm('/c', {method: 'POST', data: new ArrayBuffer(8)}));
		assert.equal(last().body.toString(), '[object ArrayBuffer]');
		assert.equal(await gm('/never', {timeout: 200}), 'timeout');
		assert.match(await tab.page.evaluate(() => ways.elsewhere()), /not in @connect/);
		assert.deepEqual(await tab.page.evaluate(() => ways.granted), ['undefined', 'function']);
	});
});

test('values are kept over a reload and heard of in the other tab', async () => {
	await inBrowser({}, async (tab, browser) => {
		const other = await browser.open('/video');
		await other.page.waitForFunction(() => 'ways' in window);
		await tab.page.evaluate(() => ways.values.set('colour', {name: 'green'}));
		await until('the other tab to hear', () => other.page.evaluate(() => ways.heard.length));
		assert.deepEqual(await other.page.evaluate(() => ways.heard), [[undefined, {name: 'green'}, true]]);
		assert.deepEqual(await other.page.evaluate(() => ways.values.get('colour')), {name: 'green'});
		await tab.page.reload();
		await tab.page.waitForFunction(() => 'ways' in window);
		assert.deepEqual(await tab.page.evaluate(() => ways.values.get('colour')), {name: 'green'});
	});
});
