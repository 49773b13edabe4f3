/*
 * The player: seek, frame by frame, loop, speed, keys, frames under the pointer, one sound at a time, links that
 * are good no more.
 */
import assert from 'node:assert/strict';

import {changed, filmed, holds, looks, newConversation, timeOf} from '../lib/films.mjs';
import {arena} from '../lib/stack.mjs';
import {clip, openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});

/** The page, with one finished video on it that has been started and paused. */
async function withVideo(stack, options) {
	const paint = await painter(stack);
	const conversation = newConversation();
	const made = await filmed(stack, paint, {prompt: 'Boats at dusk', metadata: {conversation}});
	const studio = await openStudio(stack, {at: `#/c/${conversation}`, ...options});
	const card = studio.card(made.id);
	return {...paint, studio, card, made, player: card.locator('.player'), video: card.locator('video')};
}

async function started(stack, options) {
	const all = await withVideo(stack, options);
	await all.player.getByRole('button', {name: 'Play'}).click();
	await holds(all.video, 'to play', each => each.currentTime > 0.1);
	await all.player.press('k');
	await holds(all.video, 'to be paused', each => each.paused);
	return all;
}

shared.test('the poster is there at once, the video only when it is wanted, and Space plays and pauses', async stack => {
	const {studio, player, video, worker} = await withVideo(stack);
	await player.locator('img.poster').evaluate(each => each.decode());
	assert.equal(await video.count(), 0, 'nothing of the video is loaded before it is wanted');
	const box = await player.locator('.screen').boundingBox();
	await player.focus();
	await player.press(' ');
	await holds(video, 'to play', each => !each.paused && each.currentTime > 0.1);
	assert.deepEqual(await player.locator('.screen').boundingBox(), box, 'nothing jumps');
	await player.press(' ');
	await holds(video, 'to be paused', each => each.paused);
	await worker.close();
	await studio.close();
});

shared.test('frame by frame: each step shows another frame, and back the same one', async stack => {
	const {studio, player, video, worker} = await started(stack);
	await player.press('Home');
	await holds(video, 'to be at its begin', each => each.currentTime === 0 && !each.seeking);
	await player.press('.');
	await holds(video, 'to be at the second frame', each => Math.abs(each.currentTime - 1.5 / 24) < 0.001 && !each.seeking);
	const second = await looks(video);
	await player.getByRole('button', {name: 'One frame ahead'}).click();
	const third = await changed(video, second);
	assert.ok(Math.abs(await timeOf(video) - 2.5 / 24) < 0.001, `it is at ${await timeOf(video)}`);
	await player.press(',');
	assert.equal(await changed(video, third), second, 'one back is the frame before');
	await player.press('End');
	await holds(video, 'to be at its end', each => each.currentTime > 1.9 && !each.seeking);
	await worker.close();
	await studio.close();
});

shared.test('the bar seeks, arrows leap, the time is said', async stack => {
	const {studio, player, video, worker} = await started(stack);
	const bar = player.getByRole('slider', {name: 'Place in the video'});
	const box = await bar.boundingBox();
	await studio.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
	await holds(video, 'to be in its middle', each => Math.abs(each.currentTime - 1) < 0.1);
	await bar.press('ArrowLeft');
	await holds(video, 'to be a second earlier', each => each.currentTime < 0.1);
	await bar.press('ArrowRight');
	await holds(video, 'to be a second later', each => Math.abs(each.currentTime - 1) < 0.1);
	assert.match(await bar.getAttribute('aria-valuetext'), /^0:0[01]\.\d of 0:02\.0$/);
	await worker.close();
	await studio.close();
});

shared.test('it plays on from its begin, or stays at its end; faster and slower; what was chosen is kept', async stack => {
	const {studio, player, video, worker} = await started(stack);
	const loop = player.getByRole('button', {name: 'Loop'});
	assert.equal(await loop.getAttribute('aria-pressed'), 'true');
	await player.getByLabel('Speed').selectOption('2');
	await video.evaluate(each => each.turns = 0);
	await video.evaluate(each => each.addEventListener('seeked', () => each.turns++));
	await player.press('k');
	assert.equal(await video.evaluate(each => each.playbackRate), 2);
	await holds(video, 'to have begun anew', each => each.turns > 0 && !each.paused);
	await player.press('l');
	assert.equal(await loop.getAttribute('aria-pressed'), 'false');
	await holds(video, 'to stop at its end', each => each.paused && each.ended);
	await player.press('m');
	assert.equal(await video.evaluate(each => each.muted), true);
	await player.press('<');
	assert.equal(await player.getByLabel('Speed').inputValue(), '1.5');
	assert.deepEqual([await studio.kept('loop'), await studio.kept('muted')], ['0', '1']);
	await player.press('k');
	await holds(video, 'to play again from its begin', each => !each.paused && each.currentTime < 1.9);
	await worker.close();
	await studio.close();
});

shared.test('full screen has the bar in it, and f leaves it', async stack => {
	const {studio, player, worker} = await started(stack);
	const full = () => studio.page.evaluate(() => document.fullscreenElement?.querySelector('.seek') !== undefined &&
		document.fullscreenElement !== null);
	await player.press('f');
	await until('full screen', full);
	await player.press('f');
	await until('no full screen', async () => !await full());
	await worker.close();
	await studio.close();
});

shared.test('frames under the pointer: from the sheet, another one at another place', async stack => {
	const {studio, player, video, worker} = await withVideo(stack);
	const box = await player.locator('.screen').boundingBox();
	const tile = player.locator('.scrub-tile');
	const place = () => tile.evaluate(each => getComputedStyle(each).backgroundPosition);
	await studio.page.mouse.move(box.x + 4, box.y + 20);
	await tile.waitFor();
	assert.match(await tile.evaluate(each => getComputedStyle(each).backgroundImage), /spritesheet/);
	assert.equal(await place(), '0% 0%');
	await studio.page.mouse.move(box.x + box.width - 4, box.y + 20);
	await until('the last tile', async () => await place() === '100% 100%');
	await studio.page.mouse.move(0, 0);
	await tile.waitFor({state: 'detached'});
	assert.equal(await video.count(), 0, 'the video itself was not needed');
	await worker.close();
	await studio.close();
});

shared.test('only one is heard: who starts another one stops the first', async stack => {
	const paint = await painter(stack);
	const conversation = newConversation();
	const first = await filmed(stack, paint, {prompt: 'One', metadata: {conversation}});
	const second = await filmed(stack, paint, {prompt: 'Two', metadata: {conversation}}, clip({source: 'smptebars=s=320x180:r=24,trim=duration=2'}));
	const studio = await openStudio(stack, {at: `#/c/${conversation}`});
	const [one, two] = [studio.card(first.id), studio.card(second.id)];
	await one.getByRole('button', {name: 'Play'}).click();
	await holds(one.locator('video'), 'to play', each => each.currentTime > 0);
	await two.getByRole('button', {name: 'Play'}).click();
	await holds(two.locator('video'), 'to play', each => each.currentTime > 0);
	assert.equal(await one.locator('video').evaluate(each => each.paused), true);

	await two.locator('.player').press('m');
	await one.locator('.player').press('k');
	await holds(one.locator('video'), 'to play', each => !each.paused);
	assert.equal(await two.locator('video').evaluate(each => each.paused), false, 'silent ones may play together');
	await one.locator('.player').press('m');
	await holds(two.locator('video'), 'to be paused', each => each.paused);
	await paint.worker.close();
	await studio.close();
});

shared.test('a link that is good no more is asked for anew, and the place is kept', async stack => {
	const {studio, player, video, worker} = await started(stack, {expected: [/status of 403/]});
	await player.press('End');
	await player.press('ArrowLeft');
	await holds(video, 'to be in its middle', each => Math.abs(each.currentTime - 1) < 0.1 && !each.seeking);
	const before = await video.getAttribute('src');
	const {code, out, err} = await arena(['key', 'rotate-links', '--data', stack.data]);
	assert.equal(code, 0, out + err);
	await until('the old link to be refused', async () => (await fetch(stack.url + before)).status === 403, {ms: 15_000});
	// the same link, which the browser cannot answer from its memory
	await video.evaluate(each => each.src += '&anew=1');
	await until('another link', async () => !(await video.getAttribute('src')).startsWith(before));
	await holds(video, 'to be where it was', each => each.readyState >= 2 && Math.abs(each.currentTime - 1) < 0.1);
	await player.press('k');
	await holds(video, 'to play', each => !each.paused && each.currentTime > 1.1);
	await worker.close();
	await studio.close();
});

shared.test('a file that is not there is said, and looked for again when asked', async stack => {
	const {studio, player, video, worker} = await withVideo(stack, {expected: [/status of 404/]});
	const away = route => route.fulfill({status: 404, body: ''});
	await studio.page.route('**/content*', away);
	await player.getByRole('button', {name: 'Play'}).click();
	await player.getByRole('alert').getByText('The video cannot be played').waitFor();
	await studio.page.unroute('**/content*', away);
	await player.getByRole('button', {name: 'Look again'}).click();
	await holds(video, 'to play', each => !each.paused && each.currentTime > 0);
	await worker.close();
	await studio.close();
});

shared.test('while the gateway is away a card without its poster stays calm', async stack => {
	const {studio, player, worker} = await withVideo(stack, {expected: [/ERR_FAILED|ERR_INTERNET/]});
	await until('the poster', () => player.locator('img.poster').evaluate(each => each.complete && each.naturalWidth > 0));
	await studio.context.setOffline(true);
	await studio.page.route('**/content*', route => route.abort());
	await player.locator('img.poster').evaluate(each => each.dispatchEvent(new Event('error')));
	await player.locator('img.poster').waitFor({state: 'detached'});
	assert.equal(await player.getByRole('alert').count(), 0);
	assert.equal(await player.getByRole('button', {name: 'Play'}).isVisible(), true);
	await worker.close();
	await studio.close();
});
