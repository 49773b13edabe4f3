/*
 * A test with everything in it: arena-video's processes, the stand-in site, and a browser in which the
 * built userscript runs.
 *
 *	onArena('text becomes two videos', {knobs: {hold: true}}, async ({stack, site, tab, api, t}) => {
 *		...
 *		site.knobs.hold = false;
 *	});
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {test} from 'node:test';

import {startSite} from '../arena-site/server.mjs';
import {apiOf} from './api.mjs';
import {inFolder, run} from './media.mjs';
import {panelOf} from './panel.mjs';
import {ROOT, startStack} from './stack.mjs';
import {openBrowser} from './tabs.mjs';
import {until} from './wait.mjs';

/** The settings with which workers of the stand-in site may connect, and the bridge fetches from its bucket. */
export const settingsFor = site => ({
	ARENA_ORIGINS: 'https://arena.ai,https://*.arena.ai',
	ARENA_FETCH_HOSTS: '*.r2.cloudflarestorage.com.localhost',
	ARENA_FETCH_PRIVATE: 'yes',
	ARENA_FETCH_CA: site.ca,
});

let built;

/** The script as it is installed from this stack: built from its sources, with the stack's address in it. */
export function scriptFor(stack) {
	built ??= inFolder(folder => {
		const file = path.join(folder, 'script.user.js');
		run('node', [path.join(ROOT, 'userscript/build.mjs'), file]);
		return fs.readFileSync(file, 'utf8');
	});
	return built.replaceAll('@@SERVER@@', stack.url).replaceAll('@@HOST@@', '127.0.0.1').replaceAll('@@VERSION@@', '0.0.1');
}

/** The script as the stack serves it. */
export async function servedScript(stack) {
	const answer = await fetch(`${stack.url}/LMArenaVideoInjector.user.js`);
	assert.equal(answer.status, 200, 'the userscript is served');
	return answer.text();
}

/** A code that a new worker may pair with. */
export const newCode = async stack =>
	(await apiOf(stack).good(apiOf(stack).post('/v1/workers/pairing_codes', {json: {}}))).code;

/** What the bridge counts, by the name of the figure: {fetches_total: 2, 'attention{reason="login"}': 0, ...}. */
export async function bridgeFigures(stack) {
	const text = await (await fetch(`${stack.url}/metrics`)).text();
	return Object.fromEntries([...text.matchAll(/^arena_bridge_(\S+) (\d+)$/gm)].map(([, name, n]) => [name, Number(n)]));
}

/** Nothing went wrong at the site that a test would not see by itself. */
export function assertClean(site) {
	assert.deepEqual(site.errors, [], 'the stand-in site failed');
	assert.deepEqual(site.seen.violations, [], 'the site was treated badly');
	assert.deepEqual(site.seen.strangers, [], 'somebody else was asked');
}

/** Settings as the script keeps them: no pauses between runs, unless a test wants them. */
export const settings = more => ({'state.settings': JSON.stringify({version: 1,
	value: {paused: false, direct: false, pace: {gapMs: 0, most: 100, windowMs: 1000}, ...more}})});
export const NO_PACE = settings();

/** Agreed to and paired in an earlier life, under a worker key of the stack. */
export const paired = (stack, token = stack.workerKey) =>
	({agreed: '1', pairing: JSON.stringify({server: stack.url, token, name: 'a browser'})});

/** What a browser of onArena() can do besides. */
function withWorkers(browser, stack) {
	return Object.assign(browser, {
		/** A tab with its panel: {page, panel, ...}. */
		async look(where = '/video', options) {
			const tab = await browser.open(where, options);
			tab.panel = panelOf(tab.page);
			await tab.panel.shown();
			return tab;
		},
		/** A tab that has become a worker: agreed and paired, where it must be, and connected or standing by. */
		async worker(where, options) {
			const tab = await browser.look(where, options);
			const begun = ['s_starting', 's_connecting', 's_ready', 's_busy', 's_standby', 's_attention', 's_cooling_down',
				's_paused'];
			let status = await tab.panel.is(['s_consent', 's_pairing', ...begun]);
			if (status === 's_consent') {
				await tab.panel.agree();
				status = await tab.panel.is(['s_pairing', ...begun]);
			}
			if (status === 's_pairing')
				await tab.panel.pair(await newCode(stack));
			await until('the tab to be connected or to stand by', async () => {
				const now = await tab.panel.status();
				if (now === 's_standby' || begun.slice(2).includes(now))
					return true;
				throw new Error(`it is ${now}: ${await tab.panel.text()}`);
			}, {ms: 20_000, every: 50});
			return tab;
		},
	});
}

async function takeDown(parts) {
	const problems = [];
	for (const end of parts.reverse())
		await end().catch(error => problems.push(error));
	return problems;
}

function explain({stack, site, browser}, t, error) {
	const asked = site?.seen.requests.filter(each => !each.path.startsWith('/_next/')).slice(-40)
		.map(each => `${each.method} ${each.host}${each.path} ${each.status ?? '...'}`) ?? [];
	const said = [...browser?.tabs ?? []].map(tab => `--- ${tab.page.url()}\n${[...tab.said, ...tab.problems].slice(-40).join('\n')}`);
	console.error(`# ${t.name}: failed: ${error.message}\n--- asked of the site\n${asked.join('\n')}\n${said.join('\n')}\n${
		stack?.tails() ?? ''}`);
}

/**
 *   knobs    of the site, from the start
 *   stack    options of startStack(); its env over the needed one; false: no stack (script says what runs)
 *   browser  options of openBrowser(), its values over what is kept; false: none is opened
 *   script   text of a userscript; default: ours, built from its sources
 *   fresh    true: nobody has agreed to anything, and no pairing is kept
 *   worker   true: `tab` is a tab that has become a worker. Default: whenever there is a browser
 *   clean    false: do not look for violations at the end
 */
export function onArena(name, {knobs, stack: stackOptions = {}, browser: browserOptions = {}, script,
	fresh = false, worker = true, clean = true, timeout = 300_000}, fn) {
	test(name, {timeout}, async t => {
		const down = [];
		const all = {t};
		let failed = false;
		try {
			const site = all.site = await startSite({knobs});
			down.push(() => site.stop());
			if (stackOptions) {
				const stack = all.stack = await startStack({sandbox: false, ...stackOptions,
					env: {...settingsFor(site), ...stackOptions.env}});
				down.push(() => stack.end());
				all.api = apiOf(stack);
				site.knobs.localPort = stack.port;
			}
			if (browserOptions) {
				const browser = await openBrowser({site, script: script ?? scriptFor(all.stack), ...browserOptions,
					values: {...NO_PACE, ...(all.stack && !fresh ? paired(all.stack) : {}), ...browserOptions.values}});
				down.push(() => browser.close());
				all.browser = all.stack ? withWorkers(browser, all.stack) : browser;
				if (worker)
					all.tab = all.stack ? await all.browser.worker() : await browser.open();
			}
			await fn(all);
			if (clean)
				assertClean(site);
		} catch (error) {
			failed = true;
			explain(all, t, error);
			throw error;
		} finally {
			const [problem] = await takeDown(down);
			if (problem && !failed)
				throw problem;
		}
	});
}

/** Waits until the site has been asked for n runs; answers the last. */
export const evaluations = (site, n, ms = 20_000) => until(`${n} runs at the site`, () =>
	site.seen.evaluations.length >= n && site.seen.evaluations[n - 1], {ms});

/** Of create(): two videos, of the length and size that the site's models like. */
export const BATTLE = {model: 'arena-battle', seconds: undefined, size: undefined};

/** Waits until the site's last run has begun. */
export const running = site => until('a run at the site', () => [...site.runs.all.values()].at(-1)?.phase === 'running');

export const assertOnce = site => assert.equal(site.seen.evaluations.length, 1, 'the site was asked once');
