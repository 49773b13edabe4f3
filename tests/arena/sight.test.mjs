/*
 * The panel for everybody: in each of its states, light and dark, axe-core finds nothing wrong with it.
 */
import assert from 'node:assert/strict';

import {BATTLE, newCode, onArena} from '../lib/arena.mjs';
import {faults} from '../lib/looks.mjs';

const LIGHTS = ['light', 'dark'];

/** Answers what looks at the panel as it stands, and tells of all that is wrong at the end. */
function looks() {
	const wrong = [];

	async function look({page, panel}, state) {
		/* axe-core sees no colours of what is scrolled away, or beside the body. */
		await panel.box.evaluate(box => box.style.maxHeight = 'none');
		await panel.host.evaluate(host => document.body.append(host));
		for (const colorScheme of LIGHTS) {
			await page.emulateMedia({colorScheme, reducedMotion: 'reduce'});
			for (const fault of await faults(page, '#arena-video-panel'))
				wrong.push(`${state}, ${colorScheme}: ${fault}`);
		}
	}
	return {look, end: () => assert.deepEqual(wrong, [])};
}

const unfold = ({panel}) => panel.box.locator('details').evaluateAll(all => all.forEach(each => each.open = true));

const TALL = {viewport: {width: 1280, height: 2400}};

onArena('before it works: leave, a code, a wrong one', {browser: TALL, fresh: true, worker: false}, async ({stack, browser}) => {
	const {look, end} = looks();
	const tab = await browser.look();
	await tab.panel.is('s_consent');
	await look(tab, 'consent');
	await tab.panel.agree();
	await tab.panel.is('s_pairing');
	await unfold(tab);
	await look(tab, 'pairing');
	await tab.panel.pair('ABCD-2345');
	await tab.panel.says(/That code is not good/);
	await look(tab, 'a wrong code');
	await tab.panel.pair(await newCode(stack));
	await tab.panel.connected();
	end();
});

onArena('at work: ready, busy, paused, resting, a human wanted, another tab that stands by', {browser: TALL, knobs: {hold: true}},
	async ({site, tab, browser, api}) => {
		const {look, end} = looks();
		await tab.panel.is('s_ready');
		await unfold(tab);
		await look(tab, 'ready');
		await api.offered('arena-battle');
		const {id} = await api.create(BATTLE);
		await tab.panel.says(/being made/);
		await look(tab, 'busy');
		const second = await browser.look();
		await second.panel.is('s_standby');
		await second.panel.says(/being made/);
		await look(second, 'standby');
		await second.page.close();
		site.knobs.hold = false;
		await api.wait(id, 'completed');

		await tab.panel.pause();
		await tab.panel.is('s_paused');
		await look(tab, 'paused');
		await tab.panel.resume();
		site.knobs.refuse = {create: ['retry_after']};
		await api.create(BATTLE);
		await tab.panel.is('s_cooling_down');
		await tab.panel.says(/Too Many Requests/);
		await look(tab, 'resting');
		site.knobs.cloudflare = 'challenge';
		await tab.page.reload();
		await tab.panel.is('s_attention');
		await unfold(tab);
		await look(tab, 'attention');
		end();
	});
