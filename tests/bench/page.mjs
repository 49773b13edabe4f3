/*
 * How quick the page is: a report, for people. `./arena bench page`, or node tests/bench/page.mjs with a release build.
 *
 * Sizes of what is loaded; the time to its first paint and until it can be used, on this machine and as on a
 * slow phone; and 5,000 videos, in the gallery and in one conversation (the answers of the API are made up).
 */
import fs from 'node:fs';
import path from 'node:path';
import {chromium} from 'playwright-core';

import {WHOLE} from '../lib/chromium.mjs';
import {png} from '../lib/media.mjs';
import {ROOT, startStack} from '../lib/stack.mjs';

const DIST = process.env.WEB_DIR ?? path.join(ROOT, 'web/dist');
const ROUNDS = 5;
const MANY = 5000;
const FRAMES = 300;
const SLOW = {cpu: 4, latency: 150, down: 200_000}; // 1.6 Mbit/s

const median = list => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const at = (list, part) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * part)];
const say = (name, text) => console.log(`${name.padEnd(34)} ${text}`);
const ms = n => `${n.toFixed(0).padStart(6)} ms`;

function sizes() {
	const html = fs.readFileSync(path.join(DIST, 'index.html'), 'utf8');
	const size = name => fs.existsSync(path.join(DIST, name)) ? fs.statSync(path.join(DIST, name)).size : 0;
	const first = [...html.matchAll(/(?:href|src)="\/video-chat\/([\w-]+\.(?:js|css))"/g)].map(([, name]) => name);
	const rest = fs.readdirSync(DIST).filter(name => /\.(js|css)$/.test(name) && !first.includes(name));
	for (const [what, names] of [['first load', ['index.html', ...first]], ['all that may come later', rest]]) {
		const sum = suffix => names.reduce((total, name) => total + (size(name + suffix) || size(name)), 0);
		say(what, `${sum('')} bytes, gzip ${sum('.gz')}, brotli ${sum('.br')}, in ${names.length} files`);
	}
}

const signedIn = ({url, key}) => ({cookies: [], origins: [{origin: url, localStorage: [{name: 'arena-video.key', value: key}]}]});

/** A page of its own, as new; slow: as on a phone. */
async function opened(browser, stack, slow) {
	const context = await browser.newContext({viewport: {width: 1280, height: 900}, storageState: signedIn(stack), serviceWorkers: 'block'});
	const page = await context.newPage();
	const cdp = await context.newCDPSession(page);
	if (slow) {
		await cdp.send('Emulation.setCPUThrottlingRate', {rate: SLOW.cpu});
		await cdp.send('Network.enable');
		await cdp.send('Network.emulateNetworkConditions', {offline: false, latency: SLOW.latency,
			downloadThroughput: SLOW.down, uploadThroughput: SLOW.down});
	}
	return {context, page, cdp};
}

/** Times since the navigation began: first paint, and when a prompt can be written and models are known. */
async function start(browser, stack, slow) {
	const {context, page} = await opened(browser, stack, slow);
	await page.goto(`${stack.url}/video-chat`, {waitUntil: 'commit'});
	const usable = await (await page.waitForFunction(() => document.querySelector('.composer textarea') &&
		document.querySelector('.composer .summary') && performance.now(), null, {polling: 'raf', timeout: 60_000})).jsonValue();
	const paints = await page.evaluate(() => Object.fromEntries(performance.getEntriesByType('paint').map(each => [each.name, each.startTime])));
	await context.close();
	return {first: paints['first-paint'] ?? 0, content: paints['first-contentful-paint'] ?? 0, usable};
}

async function starts(browser, stack) {
	for (const slow of [false, true]) {
		const all = [];
		for (let i = 0; i < ROUNDS; i++)
			all.push(await start(browser, stack, slow));
		const of = name => ms(median(all.map(each => each[name])));
		say(slow ? 'start, 1.6 Mbit/s, CPU 4 times slower' : 'start, on this machine',
			`first paint ${of('first')}, with content ${of('content')}, usable ${of('usable')}`);
	}
}

/** Thousands of videos of one conversation, newest first. */
function madeUp() {
	const now = Math.floor(Date.now() / 1000);
	return Array.from({length: MANY}, (_, i) => {
		const link = `/v1/videos/made-up-${i}/content.mp4`;
		const output = {url: link, thumbnail_url: '/made-up/poster.png', spritesheet_url: null, width: 320, height: 180, seconds: 4, fps: 24,
			mime_type: 'video/mp4', bytes: 100_000, label: null, model_name: null};
		return {id: `video_${String(10 ** 9 - i)}`, object: 'video', model: 'sandbox', status: 'completed', progress: 100, created_at: now - i * 60,
			completed_at: now - i * 60 + 30, expires_at: null, prompt: `Number ${i}: boats in the harbour, the light comes from the left`,
			size: '320x180', seconds: '4', remixed_from_video_id: null, error: null, url: link, thumbnail_url: output.thumbnail_url,
			spritesheet_url: null, queue_position: null, eta_seconds: null, attempts: 1, worker: 'bench', stage: null, note: null,
			negative_prompt: null, seed: null, fps: null, vote: null, outputs: [output], ignored_parameters: [], metadata: {conversation: 'thousands'}};
	});
}

async function answer(page) {
	const videos = madeUp();
	const poster = png(320, 180);
	await page.route('**/made-up/**', route => route.fulfill({body: poster, contentType: 'image/png'}));
	await page.route(url => url.pathname === '/v1/videos', (route, request) => {
		const search = new URL(request.url()).searchParams;
		const from = videos.findIndex(each => each.id === search.get('after')) + 1;
		const data = videos.slice(from, from + Number(search.get('limit') ?? 20));
		return route.fulfill({json: {object: 'list', data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null,
			has_more: from + data.length < videos.length}});
	});
}

/** Scrolls by so many pixels in each frame; answers how long the frames took. */
const scroll = (page, pixels) => page.evaluate(([count, by]) => new Promise(done => {
	const stage = document.querySelector('.stage');
	const took = [];
	let before = performance.now();
	requestAnimationFrame(function frame(now) {
		took.push(now - before);
		before = now;
		stage.scrollBy(0, by);
		if (took.length < count)
			requestAnimationFrame(frame);
		else
			done(took.slice(1));
	});
}), [FRAMES, pixels]);

const frames = took => `frames p50 ${ms(median(took))}, p95 ${ms(at(took, 0.95))}, slowest ${ms(Math.max(...took))}`;

async function heap(cdp) {
	await cdp.send('HeapProfiler.collectGarbage');
	const {usedSize} = await cdp.send('Runtime.getHeapUsage');
	return `${(usedSize / 1e6).toFixed(1)} MB`;
}

async function thousands(browser, stack) {
	const {context, page, cdp} = await opened(browser, stack, false);
	await answer(page);
	let begun = Date.now();
	await page.goto(`${stack.url}/video-chat#/gallery`);
	await page.locator('.tile img').first().waitFor();
	say(`gallery of ${MANY}`, `shown after ${ms(Date.now() - begun)}`);
	say('', `scrolling: ${frames(await scroll(page, 90))}`);
	begun = Date.now();
	await page.waitForFunction(most => {
		const stage = document.querySelector('.stage');
		stage.scrollTo(0, stage.scrollHeight);
		return document.querySelector(`[data-index="${most - 1}"]`);
	}, MANY, {polling: 50, timeout: 180_000});
	say('', `all loaded and the end shown after ${ms(Date.now() - begun)}; ${await page.locator('.tile').count()} tiles drawn, heap ${await heap(cdp)}`);
	say('', `scrolling back: ${frames(await scroll(page, -90))}`);

	begun = Date.now();
	await page.evaluate(() => location.hash = '#/c/thousands');
	await page.getByText('Number 0:').first().waitFor();
	say(`conversation of ${MANY}`, `shown after ${ms(Date.now() - begun)}`);
	say('', `scrolling up: ${frames(await scroll(page, -90))}; ${await page.locator('.card').count()} cards drawn, heap ${await heap(cdp)}`);
	await context.close();
}

const stack = await startStack({sandbox: true, ...(process.env.WEB_DIR ? {env: {ARENA_WEB_DIR: DIST}} : {})});
const browser = await chromium.launch({executablePath: WHOLE, args: ['--no-sandbox']});
try {
	sizes();
	await starts(browser, stack);
	await thousands(browser, stack);
} finally {
	await browser.close();
	await stack.end();
}
