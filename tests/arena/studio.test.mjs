/*
 * From the page to the site and back: who asks at /video-chat, and a tab of the same person makes it.
 */
import assert from 'node:assert/strict';

import {BATTLE, bridgeFigures, onArena} from '../lib/arena.mjs';
import {openStudio} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

onArena('a battle asked for on the page: two videos that play, a vote, and the names', {}, async ({site, stack, api}) => {
	await api.offered('arena-battle');
	const studio = await openStudio(stack, {model: 'arena-battle'});
	await studio.ask('A paper boat <i>at night</i>');
	const turn = studio.turn('A paper boat <i>at night</i>');
	await studio.inState(turn, 'completed');
	assert.equal(await turn.locator('.side').count(), 2);
	await turn.getByRole('button', {name: 'Play'}).first().click();
	await until('both to play', () => turn.locator('video').evaluateAll(all => all.length === 2 && all.every(each => each.currentTime > 0)));
	assert.equal(site.seen.evaluations.length, 1, 'the site was asked once');

	const [{id}] = await api.list();
	await turn.getByRole('button', {name: 'B is better'}).click();
	const names = await until('the names', async () => {
		const {outputs} = await api.video(id);
		return outputs.every(each => each.model_name) && outputs.map(each => each.model_name);
	});
	for (const name of names)
		await turn.locator('.side').filter({hasText: name}).waitFor();
	assert.deepEqual(site.seen.votes.map(each => each.value), ['model_b']);
	await studio.close();
});

onArena('a site that wants a human: the page says so, with the way there, and goes on by itself',
	{knobs: {login: 'out'}, worker: false, timeout: 180_000}, async ({site, stack, browser, api}) => {
		const studio = await openStudio(stack);
		await browser.worker();
		const notice = studio.page.locator('.notices').getByRole('link');
		await notice.waitFor();
		assert.match(await notice.getAttribute('href'), /^https:\/\//);
		assert.match(await studio.page.title(), /^⚠/);
		site.knobs.login = 'in';
		await notice.waitFor({state: 'hidden', timeout: 60_000}); // it looks again after a while
		await api.offered('arena-battle');
		await studio.close();
	});

onArena('whatever wants a human is said in the panel, in the tab\'s title and on the page, until the human has done it',
	{knobs: {login: 'visitor', turnstile: 'interactive'}, worker: false, timeout: 240_000}, async ({site, stack, browser, api}) => {
		const studio = await openStudio(stack);
		const {page, panel} = await browser.look();
		const notice = studio.page.locator('.notices .note[data-kind=warn]');
		const wanted = async (reason, here, there) => {
			await panel.is('s_attention', 30_000);
			await panel.says(here);
			assert.match(await page.title(), /^⚠ You are needed/);
			await notice.filter({hasText: there}).waitFor();
			assert.equal(await notice.getByRole('link', {name: 'Open that page'}).getAttribute('href'), page.url());
			const [{attention}] = (await api.good(api.get('/v1/workers'))).data;
			assert.equal(attention.reason, reason);
			await until('the figures to say so', async () => (await bridgeFigures(stack))[`attention{reason="${reason}"}`] === 1);
		};
		const over = async () => {
			await notice.waitFor({state: 'hidden'});
			await until('the title to be as it was', async () => !/⚠/.test(await page.title()) && !/⚠/.test(await studio.page.title()));
		};

		await wanted('challenge', /Answer what the page asks/, 'The page asks something that only a human may answer.');
		await page.frameLocator('iframe[title*="Cloudflare security challenge"]').locator('#box').click();
		await over();

		site.knobs.cloudflare = 'challenge';
		await page.reload();
		await wanted('blocked', /Reload this tab/, 'That site lets nobody through.');
		assert.match(await page.title(), /Just a moment/);
		await page.press('#pass', 'Enter');
		await panel.is('s_ready', 30_000);
		await over();

		site.knobs.verification = true;
		const {id} = await api.create(BATTLE);
		await wanted('verification', /Do what the page asks/, 'That site did not take the verification.');
		assert.deepEqual([(await api.video(id)).status, (await api.video(id)).attempts], ['queued', 0]);
		await page.fill('#prompt', 'by hand');
		await page.press('#send', 'Enter');
		await page.frameLocator('iframe[title=reCAPTCHA]').locator('#box').click();
		assert.equal((await api.wait(id, 'completed', 60_000)).attempts, 1);
		await over();
		await studio.close();
	});

onArena('the code that the page shows is what the panel asks for; the pairing stays', {fresh: true, worker: false},
	async ({stack, browser}) => {
		const studio = await openStudio(stack);
		const steps = studio.page.getByRole('region', {name: 'First, someone to make them'});
		await steps.getByRole('button', {name: 'Show a code'}).click();
		const code = await until('a code', async () => {
			const text = await steps.locator('output').textContent();
			return /^[A-Z2-9]{4}-[A-Z2-9]{4}$/.test(text) && text;
		});
		const {page, panel} = await browser.look();
		await panel.agree();
		await panel.pair(code, 'my laptop');
		await panel.connected();
		await studio.page.getByText('my laptop is connected.').waitFor();
		await steps.waitFor({state: 'hidden'});
		await page.reload();
		await panel.connected();
		await browser.restart();
		await (await browser.look()).panel.connected();
		await studio.close();
	});
