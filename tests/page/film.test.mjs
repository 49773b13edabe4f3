/* From the door to a film that plays: the real sandbox worker, and a gateway whose events do not come. */
import assert from 'node:assert/strict';

import {frameAt} from '../lib/browser.mjs';
import {onStudio, openStudio} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const small = {size: '320x180', seconds: 2};

async function film(studio, prompt) {
	await studio.ask(prompt);
	const card = studio.turn(prompt).locator('.card');
	await studio.inState(studio.turn(prompt), 'completed');
	await card.getByRole('button', {name: 'Play'}).first().click();
	const video = card.locator('video');
	await until('it to play through', () => video.evaluate(each => each.readyState === 4));
	await video.evaluate(each => each.pause());
	const frame = await frameAt(video, 1);
	assert.ok(frame.mean > 10 && frame.spread > 30, `it is black or plain: ${JSON.stringify(frame)}`);
}

onStudio('a key at the door, a prompt, a film', {}, async stack => {
	const studio = await openStudio(stack, {key: null, choices: small});
	const {page} = studio;
	await page.getByLabel('API key').fill(stack.key);
	await page.getByLabel('API key').press('Enter');
	await page.locator('.shell').waitFor();
	await film(studio, 'A red fox <b>in</b> the snow');
	await page.reload();
	await studio.turn('A red fox <b>in</b> the snow').locator('.card[data-status=completed]').waitFor();
	await studio.close();
});

onStudio('without events it goes on by asking', {}, async stack => {
	const studio = await openStudio(stack, {key: null, choices: small, expected: [/Failed to load resource/]});
	await studio.context.route('**/v1/events', route => route.fulfill({status: 503, body: '{}'}));
	await studio.page.getByLabel('API key').fill(stack.key);
	await studio.page.getByLabel('API key').press('Enter');
	await studio.page.locator('.shell').waitFor();
	await film(studio, 'A lighthouse at dusk');
	await studio.close();
});
