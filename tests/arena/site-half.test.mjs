/*
 * The script's half that knows the site (userscript/src/site), alone, in a page of the stand-in site: what
 * its own module tests cannot show, for there the page is a fake.
 */
import assert from 'node:assert/strict';
import {createRequire} from 'node:module';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {startSite} from '../arena-site/server.mjs';
import {assertClean} from '../lib/arena.mjs';
import {png} from '../lib/media.mjs';
import {ROOT} from '../lib/stack.mjs';
import {openBrowser} from '../lib/tabs.mjs';
import {until} from '../lib/wait.mjs';

const FOLDER = path.join(ROOT, 'userscript');

/* In the page: its own site, and a run whose events are kept. */
const ENTRY = `
import {createSite} from './src/site/index';
let template = null;
const site = createSite({page: window, version: 'test', log: text => half.log.push(text),
	template: {get: () => template, set: value => template = value}});
const half = {site, log: [], challenges: [], template: () => template, runs: {},
	async run(name, make) {
		const run = half.runs[name] = {events: [], over: false, abort: new AbortController()};
		try {
			for await (const event of make(run.abort.signal))
				run.events.push(event);
		} catch (e) {
			run.error = {name: e.name, kind: e.kind, message: e.message, retryAfterMs: e.retryAfterMs};
		}
		run.over = true;
	}};
site.watchChallenges(each => half.challenges.push(each && each.reason));
window.half = half;
`;

let site;
let browser;

before(async () => {
	const {build} = createRequire(path.join(FOLDER, 'package.json'))('esbuild');
	const {outputFiles: [{text}]} = await build({stdin: {contents: ENTRY, resolveDir: FOLDER, loader: 'ts'}, bundle: true,
		write: false, format: 'iife', target: 'es2022', logLevel: 'warning'});
	const meta = '// ==UserScript==\n// @match https://arena.ai/*\n// ==/UserScript==\n';
	site = await startSite();
	browser = await openBrowser({site, inject: 'plain', script: meta + text});
});

after(async () => {
	await browser?.close();
	await site?.stop();
});

function inPage(name, knobs, fn) {
	test(name, {timeout: 120_000}, async () => {
		site.reset();
		site.forget();
		Object.assign(site.knobs, knobs);
		const tab = await browser.open('/video');
		try {
			await fn(tab.page, tab);
			assertClean(site);
		} finally {
			await tab.page.close();
		}
	});
}

/** Begins a run and answers what it is: {events, error, over}, to be looked at again. */
const begin = (page, {prompt = 'a boat', image, mode = 'battle', modelId, ref} = {}, name = 'one') =>
	page.evaluate(async ([wanted, key]) => {
		const {half} = window;
		const picture = wanted.image && {bytes: new Blob([Uint8Array.from(atob(wanted.image), each => each.charCodeAt(0))],
			{type: 'image/png'}), name: 'a.png', mime: 'image/png'};
		void half.run(key, signal => wanted.ref ? half.site.resume(wanted.ref, wanted.mode, signal)
			: half.site.start({...wanted, image: picture}, signal));
	}, [{prompt, image: image?.toString('base64'), mode, modelId, ref}, name]);

const state = (page, name = 'one') => page.evaluate(key => half.runs[key], name);

async function over(page, name) {
	await until('the run to be over', async () => (await state(page, name)).over, {ms: 20_000});
	const run = await state(page, name);
	return {...run, outputs: run.events.filter(each => each.kind === 'output'),
		ref: run.events.findLast(each => each.kind === 'session')?.ref};
}

async function run(page, wanted, name) {
	await begin(page, wanted, name);
	return over(page, name);
}

const good = ({error, outputs}, count = 2) => {
	assert.equal(error, undefined);
	assert.deepEqual(outputs.map(each => each.label), ['a', 'b'].slice(0, count));
};

inPage('a battle under a strict policy, with a skewed clock', {csp: 'strict', clockSkewMs: 900_000}, async page => {
	const one = await run(page);
	good(one);
	assert.equal(site.seen.evaluations.at(-1).id, one.ref);
	assert.equal(site.seen.evaluations.at(-1).status, 200);
});

for (const videoFrame of ['url', 'video', 'videoUrl', 'string', 'none'])
	inPage(`a video said as ${videoFrame}`, {videoFrame}, async page => good(await run(page)));

inPage('torn into single bytes, with frames that nobody knows', {piece: 1, text: 'Grüße 🌋', dataPrefix: true,
	noise: ['az:{"new":"🌋"}', 'a2:[{"type":"mystery"}]', 'something else']}, async page => {
	const one = await run(page);
	good(one);
	assert.ok(one.events.some(each => each.kind === 'unknown'));
});

for (const knobs of [{ending: 'early'}, {ending: 'cut'}, {ending: 'early', resume: 'early'},
	{ending: 'cut', resume: 'missing'}, {ending: 'early', resume: 'cut'}])
	inPage(`found again after ${JSON.stringify(knobs)}`, {...knobs, durationMs: 500}, async page => {
		good(await run(page));
		assert.equal(site.seen.evaluations.length, 1);
	});

inPage('an answer that never came: the session is looked for, and a lost one is told', {refuse: {create: ['broken']}},
	async page => {
		const one = await run(page);
		assert.equal(one.error?.kind, 'network', JSON.stringify(one.error));
		assert.equal(site.seen.evaluations.length, 1);
		assert.ok(site.seen.records.length > 0);
	});

inPage('another page goes on with a run after a reload', {hold: true}, async page => {
	await begin(page);
	await until('it to run', () => [...site.runs.all.values()].at(-1)?.phase === 'running');
	const {ref} = (await state(page)).events[0];
	await page.reload();
	site.knobs.hold = false;
	good(await run(page, {ref}));
	assert.equal(site.seen.evaluations.length, 1);
});

inPage('an image in three steps, the ids of the actions found again after a deployment', {}, async page => {
	good(await run(page, {image: png(64, 64)}));
	assert.equal(site.seen.evaluations[0].body.userMessage.experimental_attachments.length, 1);
	assert.equal(site.seen.uploads[0].type, 'image/png');
	site.knobs.deployment = 2;
	const two = await run(page, {image: png(64, 64)}, 'two');
	assert.equal(two.error?.kind, 'changed', JSON.stringify(two.error));
	await page.reload();
	good(await run(page, {image: png(64, 64)}, 'three'));
});

inPage('an expired login is refreshed once and the run goes on', {login: 'expired'}, async page => {
	good(await run(page));
	assert.ok(site.seen.refreshes.length >= 1);
});

inPage('login that is over, the gate', {}, async page => {
	site.knobs.login = 'out';
	assert.equal((await run(page)).error?.kind, 'login');
	Object.assign(site.knobs, {login: 'guest', loginGate: true});
	assert.equal((await run(page, {}, 'two')).error?.kind, 'login');
});

inPage('a visitor is let in by the page\'s own Turnstile', {login: 'visitor'}, async page => {
	await page.evaluate(() => half.site.visit());
	assert.equal(site.knobs.login, 'guest');
	good(await run(page));
});

inPage('a Turnstile that turns interactive is shown, told, and left to the human', {login: 'visitor', turnstile: 'interactive'},
	async page => {
		await page.evaluate(() => void half.site.visit().then(() => half.visited = true));
		const frame = page.locator('iframe[title*="Cloudflare security challenge"]');
		await until('the challenge to be told', () => page.evaluate(() => half.challenges.at(-1) === 'challenge'));
		const box = await frame.boundingBox();
		assert.ok(box.width >= 200 && box.height >= 60 && box.y < 900, JSON.stringify(box));
		assert.equal(site.seen.tokens.length, 0, 'nothing was clicked');
		await page.frameLocator('iframe[title*="Cloudflare security challenge"]').locator('#box').click();
		await page.waitForFunction(() => half.visited);
		await until('it to be told that it is over', () => page.evaluate(() => half.challenges.at(-1) === null));
	});

const KINDS = {
	invalid_content: 'content', login_gate: 'login', no_access: 'login', recaptcha: 'verification', model: 'model',
	too_large: 'too_large', too_large_html: 'too_large', prompt_failed: 'content', cloudflare_challenge: 'challenge',
	cloudflare_blocked: 'challenge', too_many: 'limit', too_many_html: 'limit',
};
const HOURS = {quota_hours: 600, quota_minutes: 25, quota_hour: 60, quota_seconds: 1.5, retry_after: 2, retry_after_date: 2};

inPage('every refusal is understood, and asked for once', {}, async page => {
	for (const [name, kind] of Object.entries(KINDS)) {
		/* A refusal for want of a login may be asked about once more, after a refresh. */
		site.knobs.refuse = {create: kind === 'login' ? [name, name] : [name]};
		const count = site.seen.evaluations.length;
		const {error} = await run(page, {}, name);
		assert.equal(error?.kind, kind, `${name}: ${JSON.stringify(error)}`);
		assert.ok(site.seen.evaluations.length - count <= (kind === 'login' ? 2 : 1), name);
	}
	for (const [name, minutes] of Object.entries(HOURS)) {
		site.knobs.refuse = {create: [name]};
		const {error} = await run(page, {}, name);
		assert.equal(error?.kind, 'limit', name);
		assert.ok(Math.abs(error.retryAfterMs / 60_000 - minutes) < 0.1, `${name}: ${error.retryAfterMs}`);
	}
});

inPage('how a run fails', {}, async page => {
	for (const [outcome, kind] of [['filtered', 'content'], ['platform', 'platform'], ['arena_error', 'platform']]) {
		site.knobs.outcome = outcome;
		const {error} = await run(page, {}, outcome);
		assert.equal(error?.kind, kind, `${outcome}: ${JSON.stringify(error)}`);
	}
	site.knobs.outcome = 'provider';
	assert.match((await run(page, {}, 'provider')).error?.message, /die Übertragung brach ab 🛑/);
	site.knobs.outcome = 'only_a';
	good(await run(page, {}, 'only_a'), 1);
});

inPage('widgets that fail', {}, async page => {
	site.knobs.recaptcha = 'failing';
	assert.equal((await run(page)).error?.kind, 'challenge');
	site.knobs.recaptcha = 'low';
	assert.equal((await run(page, {}, 'low')).error?.kind, 'verification');
	assert.equal(site.seen.evaluations.length, 1, 'no token, no request');
	assert.ok(site.seen.tokens.every(each => each.uses <= 1 && each.action === 'chat_submit'));
});

inPage('stop', {hold: true}, async page => {
	await begin(page);
	await until('it to run', () => [...site.runs.all.values()].at(-1)?.phase === 'running');
	const {ref} = (await state(page)).events[0];
	await page.evaluate(id => half.site.stop(id), ref);
	assert.equal(new Set(site.seen.stops.map(each => each.messageId)).size, 2);
	assert.equal(site.runs.find(ref).phase, 'over');
});

for (const [winner, value, reveal] of [['a', 'model_a', 'record'], ['b', 'model_b', 'answer'], ['tie', 'tie', 'record'],
	['both_bad', 'both_bad', 'answer']])
	inPage(`vote: ${winner}, and the names come by ${reveal}`, {reveal}, async page => {
		await page.evaluate(() => half.site.catalogue());
		const one = await run(page);
		good(one);
		const names = await page.evaluate(([ref, side]) => half.site.vote(ref, side), [one.ref, winner]);
		const known = site.knobs.catalogue.flatMap(each => each.models).map(each => each.name);
		assert.equal(names.length, 2);
		assert.ok(names.every(each => known.includes(each)), `${names}`);
		assert.equal(site.seen.votes[0].value, value);
	});

for (const catalogueMode of ['endpoint', 'page'])
	inPage(`the models, by ${catalogueMode}`, {catalogueMode}, async page => {
		const names = (await page.evaluate(() => half.site.catalogue())).map(each => each.name);
		assert.ok(names.includes('pika-v2.2') && names.includes('veo-2'), `${names}`);
	});

inPage('a run by hand is learned from and recorded, without what is secret', {}, async page => {
	await page.evaluate(() => half.site.recorder.start());
	await page.fill('#prompt', 'by hand');
	await page.click('#send');
	await page.locator('[data-side=b] video').waitFor();
	await until('the template', () => page.evaluate(() => half.template() !== null));
	const kept = JSON.stringify(await page.evaluate(() => half.template()));
	assert.ok(!kept.includes('by hand') && !kept.includes('v3.'), kept);
	const report = await until('the stream in the report', async () => {
		const text = await page.evaluate(() => half.site.recorder.text());
		if (/create-evaluation/.test(text) && /finishReason/.test(text))
			return text;
		throw new Error(text.slice(-3000));
	});
	await page.evaluate(() => half.site.recorder.stop());
	for (const token of site.seen.tokens)
		assert.ok(!report.includes(token.value), 'a token is in the report');
	assert.ok(!/X-Amz-Signature=[0-9a-f]{8}/.test(report), 'a signature is in the report');
	good(await run(page));
});

inPage('what is on screen: Cloudflare, a dialog of the site', {verification: true}, async page => {
	await page.fill('#prompt', 'by hand');
	await page.click('#send');
	await until('verification to be told', () => page.evaluate(() => half.challenges.at(-1) === 'verification'));
	await page.frameLocator('iframe[title=reCAPTCHA]').locator('#box').click();
	await until('its end to be told', () => page.evaluate(() => half.challenges.at(-1) === null));
	site.knobs.cloudflare = 'blocked';
	await page.reload();
	await until('Cloudflare to be told', () => page.evaluate(() => half.challenges.at(-1) === 'blocked'));
});
