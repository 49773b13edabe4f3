/*
 * The pictures of docs/arena.md and docs/arena.es.md, made from the stand-in site:
 *
 *	node tests/pictures/arena.mjs [FOLDER]      default: docs/pictures
 *
 * Wants a release build. Port 3102 must be free: the pictures show it.
 */
import path from 'node:path';

import {startSite} from '../arena-site/server.mjs';
import {apiOf} from '../lib/api.mjs';
import {NO_PACE, paired, scriptFor, settingsFor} from '../lib/arena.mjs';
import {panelOf} from '../lib/panel.mjs';
import {ROOT, startStack} from '../lib/stack.mjs';
import {openStudio} from '../lib/studio.mjs';
import {openBrowser} from '../lib/tabs.mjs';
import {until} from '../lib/wait.mjs';

const folder = path.resolve(process.argv[2] ?? path.join(ROOT, 'docs/pictures'));
const PORT = 3102;
const VIEW = {width: 1000, height: 640};
const HIGH = {width: 1000, height: 1100};
const PROMPTS = {en: 'A paper boat at dusk', es: 'Un barco de papel al anochecer'};

const save = (it, name) => it.screenshot({path: path.join(folder, `arena-${name}.png`), animations: 'disabled', caret: 'hide'});

/** A site, a stack and a tab in this language, for as long as fn takes. */
async function scene(lang, {knobs, fresh = false}, fn) {
	const site = await startSite({knobs});
	const stack = await startStack({sandbox: false, port: PORT, env: settingsFor(site)});
	site.knobs.localPort = stack.port;
	const browser = await openBrowser({site, script: scriptFor(stack), viewport: VIEW,
		locale: lang === 'es' ? 'es-ES' : 'en-US', values: {...NO_PACE, ...(fresh ? {} : paired(stack))}});
	try {
		const tab = await browser.open('/video');
		const panel = panelOf(tab.page);
		await panel.shown();
		await fn({site, stack, page: tab.page, panel, api: apiOf(stack)});
	} finally {
		await browser.close();
		await stack.end();
		await site.stop();
	}
}

async function battle({api}, lang) {
	await api.offered('arena-battle');
	return api.create({model: 'arena-battle', prompt: PROMPTS[lang], seconds: undefined, size: undefined});
}

let front; // the browser with the page at /video-chat

/** The page at /video-chat, signed in, while fn looks at it. */
async function studio(stack, lang, fn) {
	const {page, context} = await openStudio(stack, {locale: lang === 'es' ? 'es-ES' : 'en-US', viewport: HIGH});
	front = context.browser();
	await fn(page);
	await context.close();
}

const first = lang => scene(lang, {fresh: true}, async ({stack, page, panel}) => {
	await panel.is('s_consent');
	await save(page, `consent-${lang}`);
	await panel.agree();
	await panel.is('s_pairing');
	await save(panel.box, `pair-${lang}`);
	await studio(stack, lang, async video => {
		const steps = video.locator('.first-steps');
		await steps.getByRole('button', {name: /Show a code|Mostrar un código/}).click();
		await steps.getByText(/Good once|Vale una vez/).waitFor();
		await save(steps, `code-${lang}`);
	});
});

const atWork = lang => scene(lang, {knobs: {hold: true}}, async all => {
	const {page, panel, site} = all;
	await panel.is('s_ready');
	await panel.says(/Nothing waits|Nada espera/);
	await save(panel.box, `ready-${lang}`);
	await battle(all, lang);
	await until('a run at the site', () => [...site.runs.all.values()].at(-1)?.phase === 'running');
	await panel.is('s_busy');
	await save(page, `busy-${lang}`);
	site.knobs.hold = false;
	await panel.is('s_ready');
	const recorder = panel.box.locator('details').nth(2);
	await recorder.locator('summary').click();
	await save(panel.box, `recorder-${lang}`);
});

const rest = lang => scene(lang, {knobs: {refuse: {create: ['quota_hours']}}}, async all => {
	await battle(all, lang);
	await all.panel.is('s_cooling_down');
	await save(all.panel.box, `rest-${lang}`);
});

const wanted = lang => scene(lang, {}, async all => {
	await all.api.offered('arena-battle');
	all.site.knobs.verification = true;
	await battle(all, lang);
	await all.panel.is(['s_attention', 's_cooling_down']);
	await save(all.page, `attention-${lang}`);
	await studio(all.stack, lang, async video => {
		const strip = video.locator('.workers');
		await strip.locator('.wish').waitFor();
		await save(strip, `strip-${lang}`);
	});
});

for (const lang of ['en', 'es'])
	for (const each of [first, atWork, rest, wanted])
		await each(lang);
await front?.close();
