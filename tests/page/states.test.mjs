/*
 * Every state of the frame, looked at: door, first steps, composer, workers, settings, keys, offline.
 * looks.mjs says what that means; the states of videos are in states-videos.test.mjs.
 */
import {LANGUAGES, look} from '../lib/looks.mjs';
import {jpeg} from '../lib/media.mjs';
import {openStudio, painter, studioStack} from '../lib/studio.mjs';

const shared = studioStack({sandbox: false});
const patient = {timeout: 300_000};

const both = (name, fn) => {
	for (const {lang, locale} of LANGUAGES)
		shared.test(`${name} (${lang})`, (stack, t) => fn(stack, {lang, locale}, t), patient);
};

const escape = ({page}) => page.keyboard.press('Escape');

both('the door, and first steps while there is no worker', async (stack, {lang, locale}) => {
	const studio = await openStudio(stack, {key: null, locale, expected: [/401/]});
	const {page} = studio;
	await page.locator('.door').waitFor();
	await look(studio, 'door', {lang});
	await page.locator('#key').fill(`av_${'x'.repeat(43)}`);
	await page.locator('.door-card .main').click();
	await page.locator('.wrong').waitFor();
	await look(studio, 'door-wrong', {lang});
	await page.locator('#key').fill(stack.key);
	await page.locator('.door-card .main').click();
	await page.locator('.first-steps .steps .plain').click();
	await page.locator('.first-steps .pairing-code .code').waitFor();
	await look(studio, 'first-steps', {lang});
	await studio.close();
});

both('nothing asked for yet: models, settings of a video, images, keys, a name for a key', async (stack, {lang, locale}) => {
	const {worker, id} = await painter(stack, {name: 'Aurora 2', inputs: ['text', 'image', 'first_last_frame'],
		description: 'Calm light, long shots.'}, {name: 'Studio'});
	const battle = await painter(stack, {name: 'Two at once', outputs: 2}, {name: 'Arena tab'});
	const more = await Promise.all(['Meridian', 'Halo Fast', 'Northlight', 'Paper and Ink', 'Velvet', 'Tidal', 'Ember']
		.map(name => painter(stack, {name}, {name: 'Garage'})));
	const studio = await openStudio(stack, {model: id, locale});
	const {page} = studio;
	await page.locator('.worker').first().waitFor();
	await look(studio, 'empty', {lang});
	await look(studio, 'models', {lang, close: () => escape(studio),
		async open() {
			await page.locator('.composer .pick').click();
			await page.locator('.option').first().waitFor();
		}});
	await page.locator('.composer .summary').click();
	await page.locator('.drawer').waitFor();
	await look(studio, 'drawer', {lang});
	await page.locator('.composer .summary').click();
	for (const role of ['first', 'last'])
		await page.locator(`.composer input[type=file][data-role=${role}]`)
			.setInputFiles({name: `${role}.jpg`, mimeType: 'image/jpeg', buffer: jpeg(320, 180)});
	await page.locator('.slot[data-role=last][data-sent=ready]').waitFor();
	await studio.prompt.fill(lang === 'es' ? 'La cámara se acerca despacio al faro mientras cae la tarde'
		: 'The camera moves slowly towards the lighthouse as the evening falls');
	await look(studio, 'images', {lang});
	await page.locator('.stage').focus();
	await page.keyboard.press('?');
	await page.locator('.keys-help').waitFor();
	await look(studio, 'keys', {lang});
	await escape(studio);
	await look(studio, 'phone-menu', {lang, only: 'phone', close: () => escape(studio),
		async open() {
			await page.locator('.topbar .tool').first().click();
			await page.locator('.shell[data-drawer=open]').waitFor();
		}});
	await studio.close();
	await Promise.all([worker, battle.worker, ...more.map(each => each.worker)].map(each => each.close()));
});

both('workers: one at rest, one that is paused, one that wants a human', async (stack, {lang, locale}) => {
	const rests = await painter(stack, {name: 'Aurora 2'}, {name: 'Firefox on the desk'});
	const paused = await painter(stack, {name: 'Meridian'}, {name: 'Laptop'});
	const wants = await painter(stack, {name: 'Halo Fast'}, {name: 'Chrome, tab of Ana'});
	rests.worker.rest({until_ms: Date.now() + 3_600_000, note: 'Its limit for this hour is reached.'});
	paused.worker.rest({paused: true});
	wants.worker.attention('login', 'Log in there, please.', 'https://example.com/login');
	const studio = await openStudio(stack, {model: wants.id, locale});
	const {page} = studio;
	await page.locator('.note[data-kind=warn]').waitFor();
	for (const state of ['cooling_down', 'paused', 'attention'])
		await page.locator(`.worker[data-state=${state}]`).waitFor({state: 'attached'});
	await look(studio, 'workers', {lang});
	await studio.close();
	await Promise.all([rests, paused, wants].map(each => each.worker.close()));
});

both('settings; the gateway is away', async (stack, {lang, locale}) => {
	const {worker, id} = await painter(stack, {name: 'Aurora 2'}, {name: 'Studio'});
	const studio = await openStudio(stack, {model: id, at: '#/settings', locale, expected: [/Failed to load resource/, /ERR_/]});
	const {page, context} = studio;
	await page.locator('.settings h1').waitFor();
	await page.locator('.worker').first().waitFor();
	await look(studio, 'settings', {lang});
	await context.route('**/v1/**', route => route.abort());
	await page.goto(`${stack.url}/video-chat#/`);
	await page.reload();
	await page.locator('.note[data-kind=offline]').waitFor();
	await look(studio, 'offline', {lang});
	await studio.close();
	await worker.close();
});
