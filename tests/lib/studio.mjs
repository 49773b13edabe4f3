/*
 * The page at /video-chat, signed in, in headless Chromium.
 *
 *	const shared = studioStack({sandbox: false});
 *	shared.test('...', async (stack, t) => {
 *		const {worker, id} = await painter(stack);
 *		const studio = await openStudio(stack, {model: id});
 *		await studio.ask('Boats at dusk');
 *		const job = await worker.next('job');
 *		...
 *		await studio.close(); // says what the page did that it should not
 *	});
 *
 * WEB_DIR: serve the page from this folder instead of the built-in one.
 */
import fs from 'node:fs';
import path from 'node:path';

import {apiOf} from './api.mjs';
import {assertQuiet, openPage} from './browser.mjs';
import {inFolder, run} from './media.mjs';
import {onStack, sharedStack} from './stack.mjs';
import {until} from './wait.mjs';
import {connectWorker, model} from './worker.mjs';

const settings = ({env, ...rest} = {}) => ({...rest,
	/* Tests that make films keep their workers from answering pings for a while. */
	env: {ARENA_HEARTBEAT: '10s', ...(process.env.WEB_DIR ? {ARENA_WEB_DIR: process.env.WEB_DIR} : {}), ...env}});

/** sharedStack and onStack of stack.mjs, with the page of WEB_DIR. */
export const studioStack = options => sharedStack(settings(options));
export const onStudio = (name, options, fn) => onStack(name, settings(options), fn);

/** What the page keeps, under its own names. */
const kept = pairs => Object.entries(pairs).filter(([, value]) => value !== undefined)
	.map(([name, value]) => ({name: `arena-video.${name}`, value: typeof value === 'string' ? value : JSON.stringify(value)}));

/**
 * Opens the page.
 *   key       that it is signed in with; null: it stands at the door
 *   model     id of the chosen model, or a list of several
 *   choices   more of what the composer remembers
 *   at        where in the page: '#/gallery'
 *   expected  console messages that are no problem, as patterns
 *   whole     in the whole of Chromium, not in its shell
 *   others    of the context: locale, viewport, colorScheme, reducedMotion, ...
 */
export async function openStudio(stack, {key = stack.key, model: chosen, choices, at = '', ...options} = {}) {
	const models = chosen === undefined ? {} : {models: [chosen].flat(), several: Array.isArray(chosen)};
	const all = {...models, ...choices};
	const {page, context, problems} = await openPage(stack, {
		path: `/video-chat${at}`,
		storageState: {cookies: [], origins: [{origin: stack.url, localStorage: kept({
			key: key ?? undefined, choices: Object.keys(all).length ? all : undefined})}]},
		...options,
	});
	const prompt = page.locator('.composer textarea').first();

	if (key)
		await page.locator('.shell').waitFor();
	return {
		page, context, problems, prompt,
		/** Writes a prompt and sends it. */
		async ask(text) {
			await prompt.fill(text);
			await prompt.press('Enter');
		},
		turn: text => page.locator('.turn').filter({hasText: text}),
		card: id => page.locator(`.card[data-id="${id}"]`),
		/** Waits until a card of this turn (or with this id) has a status. */
		inState: (locator, status) => locator.locator(`.card[data-status=${status}]`)
			.or(locator.and(page.locator(`.card[data-status=${status}]`))).first().waitFor(),
		/** A key of what the page keeps, as text; null: none. */
		kept: name => page.evaluate(each => localStorage.getItem(`arena-video.${each}`), name),
		/** The end of a test: nothing was logged, forbidden by the policy, or asked of another host. */
		async close() {
			assertQuiet(problems);
			await context.close();
		},
	};
}

let painters = 0;

/** A scripted worker with a model of its own, so that no test gets the jobs of another. */
export async function painter(stack, more = {}, options = {}) {
	const id = more.id ?? `toy-${++painters}`;
	const worker = await connectWorker(stack, {...options, models: [model(id, {name: `Toy painter ${painters}`, ...more})]});
	await apiOf(stack).offered(id);
	return {worker, id, name: more.name ?? `Toy painter ${painters}`};
}

const clips = new Map(); // source -> the bytes

/** A clip that moves, with moov first: clip({seconds: 2, size: '320x180', source: 'testsrc2'}). */
export function clip({seconds = 2, size = '320x180', rate = 24, source = `testsrc2=s=${size}:r=${rate}:d=${seconds}`} = {}) {
	if (!clips.has(source))
		clips.set(source, inFolder(folder => {
			const file = path.join(folder, 'clip.mp4');
			run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', source, '-c:v', 'libx264', '-pix_fmt', 'yuv420p',
				'-movflags', '+faststart', file]);
			return fs.readFileSync(file);
		}));
	return clips.get(source);
}

/** Waits until the page fits the width of its window. */
export const assertFits = page => until('the page to fit its width', () =>
	page.evaluate(() => document.documentElement.scrollWidth <= innerWidth));
