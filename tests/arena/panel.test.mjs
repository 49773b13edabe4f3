/*
 * The panel under people's hands: by mouse and by keyboard, in their language, light or dark.
 */
import assert from 'node:assert/strict';

import {BATTLE, onArena} from '../lib/arena.mjs';
import {until} from '../lib/wait.mjs';

const topOf = async ({box}) => (await box.boundingBox()).y;
const EDGE = 8;
const FOLDED = 50;

onArena('folded and moved by keyboard and by mouse, always in sight, and so after a reload', {}, async ({tab}) => {
	const {page, panel} = tab;
	const fold = panel.box.locator('button.fold');
	const grip = panel.button(/Move the panel/);
	const height = async () => (await panel.box.boundingBox()).height;
	await panel.is('s_ready');
	await fold.focus();
	await page.keyboard.press('Enter');
	assert.equal(await fold.getAttribute('aria-expanded'), 'false');
	await until('the panel to be folded', async () => await height() < FOLDED + 10);
	const home = await topOf(panel);
	await grip.focus();
	for (let i = 0; i < 10; i++)
		await page.keyboard.press('ArrowUp');
	assert.equal(await topOf(panel), home - 240);

	const from = await grip.boundingBox();
	await page.mouse.move(from.x + 5, from.y + 5);
	await page.mouse.down();
	await page.mouse.move(from.x - 395, 30, {steps: 5});
	await page.mouse.up();
	const there = await panel.box.boundingBox();
	assert.ok(there.y < 60, `dragged to the top: ${there.y}`);
	await page.reload();
	await panel.is('s_ready');
	await until('the panel to be where it was left', async () => {
		const now = await panel.box.boundingBox();
		return now.x === there.x && now.y === there.y;
	});
	assert.equal(await fold.getAttribute('aria-expanded'), 'false');

	await fold.click();
	for (const summary of await panel.box.locator('summary').all())
		await summary.press('Enter');
	await until('all of the panel to be in sight', async () => {
		const now = await panel.box.boundingBox();
		return now.height > 500 && now.y >= EDGE && now.y + now.height <= page.viewportSize().height - EDGE;
	});
	await fold.click();
	await until('the panel to be back', async () => await topOf(panel) === there.y);
});

onArena('in Spanish and dark as the browser is; chosen otherwise, and kept', {browser: {locale: 'es-ES', colorScheme: 'dark'}},
	async ({site, tab, api}) => {
		const {page, panel} = tab;
		const paper = () => panel.box.evaluate(each => getComputedStyle(each).backgroundColor);
		const [language, theme] = [0, 1].map(i => panel.box.locator('select').nth(i));
		await panel.says(/Listo para trabajar/);
		assert.equal(await panel.box.getAttribute('lang'), 'es');
		assert.equal(await paper(), 'rgb(30, 27, 24)');
		await api.offered('arena-battle');
		site.knobs.login = 'out';
		const {id} = await api.create(BATTLE);
		await panel.is('s_attention');
		assert.match(await panel.box.getByRole('alert').innerText(), /Inicia sesión en este sitio\./);
		await panel.box.getByRole('status').filter({hasText: 'Haces falta'}).waitFor();
		assert.match(await page.title(), /^⚠ Haces falta · /);
		await api.good(api.call('DELETE', `/v1/videos/${id}`));

		await panel.box.locator('summary').last().click();
		await language.focus();
		await language.selectOption('English');
		await panel.says(/You are needed/);
		await until('the keyboard to be where it was', () =>
			language.evaluate(each => each.getRootNode().activeElement === each));
		await theme.selectOption('Light');
		assert.equal(await paper(), 'rgb(255, 253, 250)');
		await page.reload();
		await panel.says(/You are needed|Ready for work/);
		assert.equal(await paper(), 'rgb(255, 253, 250)');
	});

onArena('what it shows: models, the job and how far it is, a pace that people set, what happened', {
	knobs: {hold: true}, browser: {values: {'state.settings': 'null'}},
}, async ({site, tab, api}) => {
	const {page, panel} = tab;
	const open = name => panel.box.locator('summary').filter({hasText: name}).press('Enter');
	const pace = ['Seconds between two runs', 'Runs at most', 'in so many minutes'].map(name => panel.box.getByLabel(name));
	const set = () => Promise.all(pace.map(each => each.inputValue()));
	await api.offered('arena-battle');
	await panel.says(/Connected by WebSocket/);
	await open('Models');
	await panel.box.locator('.models li').filter({hasText: 'arena-battle'}).filter({hasText: 'two videos'}).waitFor();
	await open('Pace');
	assert.deepEqual(await set(), ['45', '6', '15'], 'gentle, unless people say otherwise');
	const {id} = await api.create({...BATTLE, prompt: 'A boat <b>by</b> night'});
	await panel.is('s_busy');
	await panel.says(/A boat <b>by<\/b> night[^]*\d+ % · being made · for \d+ s/);
	assert.ok(await panel.box.getByRole('progressbar').evaluate(each => each.value >= 0));
	site.knobs.hold = false;
	await api.wait(id, 'completed');
	await panel.says(/No job at the moment/);
	await panel.says(/A short pause between two runs · No run before \d\d:\d\d/);
	await page.reload();
	await panel.is('s_cooling_down');
	await panel.says(/A short pause between two runs/);
	const next = await api.create(BATTLE);
	await panel.says(/1 job waits at the server/);
	await open('Pace');
	await pace[0].fill('0');
	await pace[0].press('Enter');
	await api.wait(next.id, 'completed');
	await page.reload();
	await panel.is('s_ready');
	assert.deepEqual(await set(), ['0', '6', '15']);
	site.knobs.refuse = {create: ['invalid_content']};
	await api.wait((await api.create(BATTLE)).id, 'failed');
	await open('Log');
	await panel.box.locator('.log li').filter({hasText: 'Invalid content'}).waitFor();
});

onArena('the recorder: one video by hand, saved without its secrets', {}, async ({site, tab}) => {
	const {page, panel} = tab;
	const button = name => panel.box.getByRole('button', {name, exact: true});
	await panel.is('s_ready');
	await panel.box.locator('summary').filter({hasText: 'Recorder'}).click();
	await button('Start recording').click();
	await panel.says(/Make one video on the page now/);
	await page.fill('#prompt', 'a boat by hand');
	await page.press('#send', 'Enter'); // the panel may lie over it
	await panel.says(/Recording the run/);
	await page.locator('[data-side=b] video').waitFor();
	await button('Stop').click();
	await panel.says(/Recorded\./);
	const [file] = await Promise.all([page.waitForEvent('download'), button('Save the recording').click()]);
	assert.match(file.suggestedFilename(), /^arena-recording-\d{12}\.json$/);
	const text = Buffer.concat(await (await file.createReadStream()).toArray()).toString();
	assert.match(JSON.stringify(JSON.parse(text)), /a boat by hand/);
	assert.match(text, /create-evaluation/);
	assert.ok(site.seen.tokens.length > 0);
	for (const {value} of site.seen.tokens)
		assert.ok(!text.includes(value), 'a token is in it');
	assert.doesNotMatch(text, /X-Amz-Signature=[0-9a-f]{8}/);
});
