/*
 * From the door to signing out with the keyboard alone, and what a screen reader is told meanwhile.
 */
import assert from 'node:assert/strict';

import {clip, openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});
const MOST_STOPS = 80;

const has = locator => locator.evaluateAll(([element]) => element !== undefined && element === document.activeElement);

/** What has the focus without a ring around it, or around what stands for it: the composer's box, a radio's label. */
const unseen = page => page.evaluate(() => {
	const at = document.activeElement;
	const ring = element => {
		const {outlineStyle, outlineWidth} = getComputedStyle(element);
		return outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
	};
	const seen = at === document.body || at.matches('.composer textarea') || ring(at) ||
		(at.matches('[type=radio]') && ring(at.nextElementSibling));
	return seen ? null : at.outerHTML.slice(0, 200);
});

/** Goes on with Tab until this has the focus. */
async function tabTo(page, locator, key = 'Tab') {
	await locator.first().waitFor({state: 'attached'});
	for (let i = 0; i < MOST_STOPS; i++) {
		if (await has(locator))
			return;
		await page.keyboard.press(key);
		assert.equal(await unseen(page), null, 'the focus is seen');
	}
	assert.fail(`${locator} is not reached by ${key}`);
}

/** Keeps what live regions say, each time that it changes. */
const listen = page => page.evaluate(() => {
	window.told = [];
	const regions = '[role=status], [role=alert], [aria-live]:not([aria-live=off])';
	new MutationObserver(changes => {
		for (const {target} of changes) {
			const region = (target instanceof Element ? target : target.parentElement)?.closest(regions);
			const text = region?.textContent.trim();
			if (text && text !== window.told.at(-1))
				window.told.push(text);
		}
	}).observe(document.body, {subtree: true, childList: true, characterData: true});
});

shared.test('by keyboard alone: sign in, ask, play, vote, delete and undo, gallery, settings, sign out', async stack => {
	const {worker, id, name} = await painter(stack, {name: 'Battle of the keys', outputs: 2});
	const other = await painter(stack);
	const studio = await openStudio(stack, {key: null});
	const {page, prompt} = studio;
	const button = label => page.getByRole('button', {name: label, exact: true});
	const press = key => page.keyboard.press(key);

	await tabTo(page, page.locator('#key'));
	await page.keyboard.type(stack.key);
	await press('Enter');
	await page.locator('.shell').waitFor();

	await tabTo(page, page.getByRole('button', {name: /^Model:/}));
	await press('Enter');
	await page.getByRole('combobox', {name: 'Search models'}).waitFor();
	await page.keyboard.type('battle of');
	await page.getByRole('option', {name}).and(page.locator('[data-active]')).waitFor();
	await press('Enter');
	await button(`Model: ${name}`).waitFor();
	await tabTo(page, prompt, 'Shift+Tab');
	await page.keyboard.type('Two kites in the wind');
	await press('Enter');

	const job = await worker.next('job');
	assert.deepEqual([job.prompt, job.model], ['Two kites in the wind', id]);
	worker.accept(job);
	await worker.finish(job, [clip(), clip({source: 'smptebars=s=320x180:r=24:d=2'})]);
	const card = page.locator('.card[data-status=completed]');
	await card.locator('.side').nth(1).waitFor();

	await tabTo(page, card.locator('.player'), 'Shift+Tab');
	await press('Space');
	await until('both to play', () => card.locator('video').evaluateAll(all => all.length === 2 && all.every(each => !each.paused)));
	await press('k');
	await tabTo(page, button('A is better'));
	await press('Enter');
	const vote = await worker.next('vote');
	worker.send({type: 'voted', job: vote.job, ok: true, message: '', names: ['Red', 'Blue']});
	await card.locator('[data-vote=sent]').waitFor();

	await tabTo(page, card.getByRole('button', {name: 'More'}), 'Shift+Tab');
	await press('Enter');
	await until('the focus to be in the menu', () => has(page.locator('.menu-item').first()));
	await press('End');
	await until('the last to have the focus', () => has(page.getByRole('menuitem', {name: 'Delete'})));
	await press('Enter');
	await card.waitFor({state: 'detached'});
	await tabTo(page, button('Undo'));
	await press('Enter');
	await page.locator('.entry').filter({hasText: 'Two kites'}).waitFor();

	await press('g');
	const tile = page.locator('.tile button').first();
	await tabTo(page, tile);
	await press('Enter');
	await page.getByRole('dialog').locator('.card').waitFor();
	await press('Escape');
	await page.getByRole('dialog').waitFor({state: 'detached'});
	await until('the focus to be back', () => has(tile));

	await press('s');
	await tabTo(page, button('Dark'));
	await press('Enter');
	await page.locator('html[data-theme=dark]').waitFor({state: 'attached'});
	await tabTo(page, button('Sign out'));
	await press('Enter');
	await page.locator('.door').waitFor();
	await studio.close();
	await Promise.all([worker.close(), other.worker.close()]);
}, {timeout: 120_000});

shared.test('a screen reader hears of a video now and then, not at each percent', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id});
	const {page} = studio;
	await listen(page);
	await studio.ask('Slowly, a snail');
	const job = await worker.next('job');
	worker.accept(job);
	const card = page.locator('.card');
	for (let percent = 2; percent <= 98; percent += 2) {
		worker.progress(job, percent, 'rendering');
		if (percent % 14 === 0) // else several come as one
			await card.locator(`[role=progressbar][aria-valuenow="${percent}"]`).waitFor();
	}
	await worker.finish(job, clip());
	await card.and(page.locator('[data-status=completed]')).waitFor();
	await until('its end to be told', () => page.evaluate(() => window.told.includes('Done')));
	const told = (await page.evaluate(() => window.told)).filter(text => /percent|Being made|Done/.test(text));
	for (const quarter of [25, 50, 75])
		assert.equal(told.filter(text => text === `Being made. ${quarter} percent made`).length, 1, told.join(' | '));
	assert.ok(told.length <= 6, told.join(' | '));
	await studio.close();
	await worker.close();
});
