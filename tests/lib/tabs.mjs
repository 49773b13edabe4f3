/*
 * A browser with the userscript in it, in which every name leads to the stand-in site and that site
 * counts as public, so that Local Network Access is in force as for a user.
 *
 *	const browser = await openBrowser({site, script, inject: 'manager', lna: 'granted'});
 *	const tab = await browser.open('/video');
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {chromium} from 'playwright-core';

import {installManager, metadata} from '../manager/install.mjs';
import {FLAGS, WHOLE} from './chromium.mjs';

/*
 * What a hidden tab is to its scripts: document.hidden, and timers that fire together, once in so many
 * milliseconds. (A headless browser's tabs are never hidden, whatever is in front of them.)
 */
function hide(tick) {
	for (const [name, value] of [['hidden', true], ['visibilityState', 'hidden']])
		Object.defineProperty(Document.prototype, name, {get: () => value});
	const {setTimeout: later} = window;
	const late = ms => Math.ceil((performance.now() + Math.max(0, ms || 0)) / tick) * tick - performance.now();
	window.setTimeout = (fn, ms, ...args) => later(fn, late(ms), ...args);
	window.setInterval = (fn, ms, ...args) => {
		const again = () => {
			fn(...args);
			if (timers.has(first))
				timers.set(first, later(again, late(ms)));
		};
		const first = later(again, late(ms));
		timers.set(first, first);
		return first;
	};
	const {clearTimeout: clear} = window;
	const timers = new Map(); // of intervals: the first id -> the one that is next
	window.clearTimeout = window.clearInterval = id => {
		clear(timers.get(id) ?? id);
		timers.delete(id);
	};
}

const flags = (site, manager, more) => [...FLAGS,
	`--host-resolver-rules=MAP * 127.0.0.1:${site.port()}, EXCLUDE 127.0.0.1, EXCLUDE localhost`,
	`--ip-address-space-overrides=127.0.0.1:${site.port()}=public`, '--ignore-certificate-errors',
	...more, ...(manager ? [`--disable-extensions-except=${manager.folder}`, `--load-extension=${manager.folder}`] : [])];

/* The script as a page's own, without any GM_ function; only where its @match says, and in no frame. */
const plain = (script, values) => {
	const kept = Object.entries(values).map(([key, value]) => [`arena-video.${key}`, value]);
	const hosts = metadata(script).match.map(each => new URL(each.replace('*.', '')).hostname);
	return `if (window === top && ${JSON.stringify(hosts)}.some(host => location.hostname === host || ` +
		`location.hostname.endsWith('.' + host))) (() => {\n` +
		`for (const [key, value] of ${JSON.stringify(kept)}) sessionStorage.getItem(key) ?? sessionStorage.setItem(key, value);\n` +
		`${script}\n})();`;
};

/**
 *   script    the text of the userscript
 *   inject    manager | plain (the page's world, no GM_ functions) | none
 *   lna       granted | denied: may pages of the site talk to the loopback network?
 *   values    what the script has kept before it first runs here: {key: text}
 *   flags     more of them for Chromium
 *   profile   folder of a profile that was there before; default: a new one
 *   others    options of the context: locale, colorScheme, viewport, ...
 */
export async function openBrowser({site, script, inject = 'manager', lna = 'granted', values = {}, flags: more = [], profile,
	...others}) {
	const own = fs.mkdtempSync(path.join(os.tmpdir(), 'arena-browser-'));
	const manager = inject === 'manager' ? installManager(path.join(own, 'manager'), script, values) : undefined;

	let blank; // the tab that a browser begins with

	async function launch() {
		const context = await chromium.launchPersistentContext(profile ?? path.join(own, 'profile'), {
			executablePath: WHOLE, args: flags(site, manager, more), ignoreDefaultArgs: ['--disable-extensions'],
			ignoreHTTPSErrors: true, locale: 'en-US', viewport: {width: 1280, height: 900},
			reducedMotion: 'reduce', ...others});
		if (inject === 'plain')
			await context.addInitScript(plain(script, values));
		if (lna === 'granted')
			await context.grantPermissions(['local-network-access'], {origin: site.origin});
		[blank] = context.pages();
		return context;
	}

	const tabs = new Set();

	const browser = {
		context: await launch(), manager, tabs,
		/**
		 * A new tab of the site: {page, said, problems}; said: what its console says, problems: its errors. hidden: it
		 * is a hidden tab, whose timers fire once in so many milliseconds.
		 */
		async open(where = '/video', {hidden} = {}) {
			const page = blank ?? await browser.context.newPage();
			blank = undefined;
			const tab = {page, browser, said: [], problems: []};
			tabs.add(tab);
			page.setDefaultTimeout(60_000); // a busy machine may need long for a first page
			page.on('console', message => tab.said.push(`${message.type()}: ${message.text()}`));
			page.on('pageerror', error => tab.problems.push(String(error.stack ?? error)));
			page.on('close', () => tabs.delete(tab));
			if (hidden)
				await page.addInitScript(hide, hidden);
			await page.goto(where.startsWith('http') ? where : site.origin + where);
			return tab;
		},
		/** As when it is closed and opened again: the tabs are gone, the profile stays. */
		async restart() {
			await browser.context.close();
			browser.context = await launch();
		},
		async close() {
			await browser.context.close();
			fs.rmSync(own, {recursive: true, force: true});
		},
	};
	return browser;
}
