/*
 * The page in headless Chromium, watched: what it logs, what it asks of others, what its
 * Content-Security-Policy forbids.
 */
import assert from 'node:assert/strict';
import {after} from 'node:test';
import {chromium} from 'playwright-core';

import {FLAGS, SHELL, WHOLE} from './chromium.mjs';
import {within} from './wait.mjs';

const browsers = new Map(); // path of the program -> promise of what runs

after(async () => Promise.all([...browsers.values()].map(async each => (await each).close())));

function browserOf(executablePath) {
	if (!browsers.has(executablePath))
		browsers.set(executablePath, chromium.launch({executablePath, args: FLAGS}));
	return browsers.get(executablePath);
}

/**
 * A page in a context of its own: {page, problems, context}.
 *   path      which page
 *   whole     in the whole of Chromium, not in its shell
 *   expected  console messages that are no problem, as patterns
 *   others    of the context: locale, viewport, storageState, ...; nothing moves that need not, for movement costs time
 */
export async function openPage(stack, {path = '/video-chat', whole = false, expected = [], ...options} = {}) {
	const browser = await browserOf(whole ? WHOLE : SHELL);
	const context = await browser.newContext({locale: 'en-US', viewport: {width: 1280, height: 900}, reducedMotion: 'reduce',
		...options});
	const page = await context.newPage();
	const problems = [];
	const note = text => expected.some(each => each.test(text)) || problems.push(text);

	page.setDefaultTimeout(60_000);
	page.on('console', message => ['error', 'warning'].includes(message.type()) && note(message.text()));
	page.on('pageerror', error => note(String(error)));
	page.on('request', request => {
		if (/\b(av|wk)_[\w-]{43}/.test(request.url()))
			note(`a key in ${request.url()}`);
		if (!request.url().startsWith(`${stack.url}/`) && !/^(blob|data):/.test(request.url()))
			note(`a request to ${request.url()}`);
	});
	await page.addInitScript(() => addEventListener('securitypolicyviolation', event =>
		console.error(`forbidden by the policy: ${event.violatedDirective} ${event.blockedURI}`)));
	await page.goto(stack.url + path);
	return {page, context, problems};
}

/** Nothing went wrong that the page was not made to go wrong with. */
export const assertQuiet = problems => assert.deepEqual(problems, [], 'the page was not quiet');

/**
 * What a <video> shows at a time: seeks there, and answers the mean and the spread of brightness (0..255) of the frame.
 */
export const frameAt = (locator, seconds) => within(15_000, `the seek to ${seconds} s`, locator.evaluate(async (video, time) => {
	await new Promise((resolve, reject) => {
		video.addEventListener('seeked', resolve, {once: true});
		video.addEventListener('error', () => reject(new Error(video.error?.message)), {once: true});
		video.currentTime = time;
	});
	const canvas = new OffscreenCanvas(64, 64);
	const context = canvas.getContext('2d');
	context.drawImage(video, 0, 0, 64, 64);
	const {data} = context.getImageData(0, 0, 64, 64);
	const light = [];
	for (let i = 0; i < data.length; i += 4)
		light.push((data[i] * 3 + data[i + 1] * 6 + data[i + 2]) / 10);
	return {time: video.currentTime, mean: light.reduce((a, b) => a + b) / light.length,
		spread: Math.max(...light) - Math.min(...light)};
}, seconds));
