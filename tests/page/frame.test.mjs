/*
 * What stands around the videos: the sidebar as a drawer on phones, keys, menus and dialogs that keep the
 * focus, settings, what the tab says.
 */
import assert from 'node:assert/strict';

import {apiOf} from '../lib/api.mjs';
import {assertFits, clip, openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});

const focused = locator => locator.evaluate(each => each === document.activeElement);
const hash = page => page.evaluate(() => location.hash);

shared.test('on a phone the sidebar is a drawer that takes the focus and gives it back', async stack => {
	const studio = await openStudio(stack, {viewport: {width: 360, height: 740}});
	const {page} = studio;
	const open = page.getByRole('button', {name: 'Open the menu'});
	const gallery = page.getByRole('link', {name: 'Gallery'});
	await assertFits(page);
	assert.equal(await gallery.isVisible(), false, 'reachable while it is shut');
	await open.click();
	await gallery.waitFor();
	const close = page.getByRole('button', {name: 'Close the menu'});
	await until('the focus to be in the drawer', () => focused(close));
	assert.equal(await page.locator('#stage').evaluate(each => each.inert), true);
	await page.keyboard.press('Escape');
	await gallery.waitFor({state: 'hidden'});
	await until('the focus to be back', () => focused(open));
	await open.click();
	await gallery.click();
	await gallery.waitFor({state: 'hidden'});
	assert.equal(await hash(page), '#/gallery');
	await assertFits(page);
	await studio.close();
});

shared.test('keys lead to places, and belong to who writes', async stack => {
	const studio = await openStudio(stack);
	const {page} = studio;
	await page.keyboard.press('Tab');
	await page.locator('#stage').focus();
	await page.keyboard.press('/');
	await until('the search to have the focus', () => focused(page.getByRole('searchbox', {name: 'Search'})));
	assert.equal(await page.getByRole('searchbox', {name: 'Search'}).inputValue(), '');
	await page.locator('#stage').focus();
	await page.keyboard.press('g');
	await page.waitForFunction(() => location.hash === '#/gallery');
	await page.keyboard.press('s');
	await page.getByRole('heading', {name: 'Settings'}).waitFor();
	await page.keyboard.press('?');
	const keys = page.getByRole('dialog', {name: 'Keys'});
	await keys.waitFor();
	await page.keyboard.press('g');
	assert.equal(await hash(page), '#/settings', 'a key went through an open dialog');
	await page.keyboard.press('Escape');
	await keys.waitFor({state: 'hidden'});
	await page.keyboard.press('n');
	await studio.prompt.waitFor();
	await studio.prompt.fill('');
	await studio.prompt.pressSequentially('gnus?');
	assert.equal(await studio.prompt.inputValue(), 'gnus?');
	assert.notEqual(await hash(page), '#/gallery');
	await studio.close();
});

shared.test('a message over an open dialog can be read and sent away; on a phone it stands above the composer', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id, viewport: {width: 360, height: 740}, permissions: ['clipboard-write']});
	const {page} = studio;
	const more = async name => {
		await page.locator('.card').getByRole('button', {name: 'More'}).click();
		await page.getByRole('menuitem', {name}).click();
	};
	await studio.ask('Told in time');
	const job = await worker.next('job');
	worker.accept(job);
	await more('Details');
	const dialog = page.getByRole('dialog', {name: 'Details'});
	await dialog.getByRole('button', {name: 'Copy the ID'}).click();
	const told = dialog.locator('.toast').filter({hasText: 'Copied.'});
	await told.getByRole('button', {name: 'Close'}).click();
	await told.waitFor({state: 'detached'});
	await page.keyboard.press('Escape');
	await dialog.waitFor({state: 'detached'});

	await page.locator('.asked').getByRole('button', {name: 'Copy the prompt'}).click();
	const toast = page.locator('.toast');
	await toast.waitFor();
	await until('it to stand above the composer', async () => {
		const [{y, height}, composer] = await Promise.all([toast.boundingBox(), page.locator('.composer').boundingBox()]);
		return y > 0 && y + height <= composer.y;
	});
	await apiOf(stack).cancel(job.job); // what is left over waits long
	worker.stopped(job);
	await worker.close();
	await studio.close();
});

shared.test('the skip link goes past the sidebar', async stack => {
	const studio = await openStudio(stack, {at: '#/settings'});
	const {page} = studio;
	await page.getByRole('heading', {name: 'Settings'}).waitFor();
	await page.keyboard.press('Tab');
	assert.equal(await focused(page.getByRole('link', {name: 'To the content'})), true);
	await page.keyboard.press('Enter');
	assert.equal(await focused(page.locator('#stage')), true);
	assert.equal(await hash(page), '#/settings');
	await studio.close();
});

shared.test('language and light are chosen, and stay', async stack => {
	const studio = await openStudio(stack, {at: '#/settings'});
	const {page} = studio;
	const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	const light = await paper();
	await page.getByRole('button', {name: 'Dark', exact: true}).click();
	assert.notEqual(await paper(), light);
	assert.deepEqual(await page.locator('meta[name=theme-color]').evaluateAll(all => all.map(each => matchMedia(each.media).matches)),
		[false, true], 'the browser paints its own parts otherwise');
	await page.getByRole('button', {name: 'Español'}).click();
	await page.getByRole('heading', {name: 'Ajustes'}).waitFor();
	await page.reload();
	await page.getByRole('heading', {name: 'Ajustes'}).waitFor();
	assert.equal(await page.getAttribute('html', 'lang'), 'es');
	assert.notEqual(await paper(), light);
	assert.match(await page.locator('.settings').textContent(), /\d+\.\d+\.\d+/);
	await studio.close();
});

shared.test('what is kept here is cleared by two clicks, and the key stays', async stack => {
	const {id} = await apiOf(stack).create({model: 'veo3', size: '1280x720', seconds: '8', prompt: 'Kept for a while'});
	const studio = await openStudio(stack, {at: '#/settings'});
	const {page} = studio;
	const cached = () => page.evaluate(() => Object.entries(localStorage).some(([name, value]) =>
		name.includes('cache') && value.includes('Kept for a while')));
	await until('the video to be kept', cached);
	await apiOf(stack).call('DELETE', `/v1/videos/${id}`);
	await page.getByRole('button', {name: 'Clear it'}).click();
	await page.getByRole('button', {name: 'Really?'}).click();
	await until('nothing of it to be kept', async () => !await cached());
	assert.equal(await studio.kept('key'), stack.key);
	await studio.close();
});

shared.test('the tab says how far it is; a video that ends while nobody looks is said when they are back', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id});
	const {page} = studio;
	const look = hidden => page.evaluate(now => {
		Object.defineProperty(document, 'hidden', {configurable: true, get: () => now});
		document.dispatchEvent(new Event('visibilitychange'));
	}, hidden);
	const title = pattern => until(`the title ${pattern}`, async () => pattern.test(await page.title()));
	await studio.ask('Seen by nobody');
	const job = await worker.next('job');
	worker.accept(job);
	worker.progress(job, 40);
	await title(/^40 % · /);
	await look(true);
	await worker.finish(job, clip());
	await title(/^✓ · /);
	await look(false);
	await page.getByText('Your video is done').waitFor();
	await page.getByRole('button', {name: 'Show', exact: true}).click();
	await title(/^Arena video$/);
	assert.match(await hash(page), /^#\/c\//);
	await worker.close();
	await studio.close();
});

shared.test('after a long wait notifications are offered once; the browser then says that a video is done', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id});
	const {page} = studio;
	await page.clock.install();
	await page.evaluate(() => { // the browser asks nobody here: it says yes
		let permission = 'default';
		Object.defineProperty(Notification, 'permission', {get: () => permission});
		Notification.requestPermission = async () => permission = 'granted';
		globalThis.told = [];
		ServiceWorkerRegistration.prototype.showNotification = async (title, {body}) => void told.push([title, body]);
	});
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	await studio.ask('It takes its time');
	const job = await worker.next('job');
	worker.accept(job);
	worker.progress(job, 10);
	await until('the progress on the page', async () => /10 %/.test(await page.title()));
	assert.equal(await page.getByText('This takes a while').count(), 0, 'asked at once');
	await page.clock.fastForward(31_000);
	await page.getByText('This takes a while').waitFor();
	await page.getByRole('button', {name: 'Tell me'}).click();
	await until('the choice to be kept', async () => await studio.kept('notify') === 'on');
	await page.evaluate(() => Object.defineProperty(document, 'hidden', {configurable: true, get: () => true}));
	await worker.finish(job, clip());
	await until('the browser to be told', async () => {
		const told = await page.evaluate(() => globalThis.told);
		return told.length === 1 && assert.deepEqual(told, [['Your video is done', 'It takes its time']]) === undefined;
	});
	await worker.close();
	await studio.close();
});

shared.test('a click on what the browser says leads to the video, in the tab that is open', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id, whole: true, permissions: ['notifications']});
	const {page, context} = studio;
	await page.getByRole('link', {name: 'Settings'}).click();
	await page.getByRole('switch', {name: 'Say when a video is done'}).check();
	await page.getByRole('link', {name: 'New conversation'}).first().click();
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	await studio.ask('Behind other windows');
	const job = await worker.next('job');
	worker.accept(job);
	const there = await until('the conversation', async () => /^#\/c\//.test(await hash(page)) && hash(page));
	await page.evaluate(() => Object.assign(window, {stays: true, location: '#/gallery'}));
	await page.evaluate(() => Object.defineProperty(document, 'hidden', {configurable: true, get: () => true}));
	await worker.finish(job, clip());
	const [server] = context.serviceWorkers();
	await until('the browser to say it', () => server.evaluate(async () => (await registration.getNotifications()).length === 1));
	await server.evaluate(async () => {
		WindowClient.prototype.focus = async function () { return this; }; // for a human's click alone
		const [notification] = await registration.getNotifications();
		const click = new NotificationEvent('notificationclick', {notification});
		const work = new Promise(done => click.waitUntil = done);
		dispatchEvent(click);
		await work;
	});
	await until('the video', async () => await hash(page) === there);
	assert.equal(await page.evaluate(() => window.stays), true, 'the page was not loaded anew');
	await worker.close();
	await studio.close();
});

shared.test('who wants less motion sees none that goes on and on', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id, reducedMotion: 'no-preference'});
	const {page} = studio;
	const moving = () => page.evaluate(() => document.getAnimations().filter(each =>
		each.playState === 'running' && each.effect.getComputedTiming().endTime > 1000).map(each => each.animationName));
	await studio.ask('A long time coming');
	worker.accept(await worker.next('job'));
	await page.locator('.card[data-status=in_progress]').waitFor();
	await until('something to move', async () => (await moving()).length > 0);
	await page.emulateMedia({reducedMotion: 'reduce'});
	await until('nothing to move', async () => (await moving()).length === 0);
	await worker.close();
	await studio.close();
});
