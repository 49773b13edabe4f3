/*
 * "Show as code": the request of a card, as it can be pasted. That any prompt is quoted well is shown by
 * web/test/snippets.test.ts; here one is run.
 */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';

import {apiOf} from '../lib/api.mjs';
import {openStudio, painter, studioStack} from '../lib/studio.mjs';
import {until} from '../lib/wait.mjs';

const shared = studioStack({sandbox: false});

shared.test('a card shows its request in three languages without the key, and what is copied runs', async stack => {
	const {worker, id} = await painter(stack);
	const studio = await openStudio(stack, {model: id, permissions: ['clipboard-read', 'clipboard-write']});
	const {page} = studio;
	const prompt = `It's a "fox" \\ <b id=evil>$HOME</b> 🦊`;
	await studio.ask(prompt);
	const job = await worker.next('job');
	await page.locator(`.card[data-id="${job.job}"]`).getByRole('button', {name: 'More'}).click();
	await page.getByRole('menuitem', {name: 'Show as code'}).click();
	const dialog = page.getByRole('dialog', {name: 'As code'});
	const text = () => dialog.locator('pre').textContent();
	await until('curl', async () => /^curl /.test(await text()));
	await dialog.getByRole('button', {name: 'Copy the code'}).click();
	const copied = await until('something in the clipboard', () => page.evaluate(() => navigator.clipboard.readText()));
	assert.equal(copied, await text());

	await dialog.getByRole('button', {name: 'Python'}).click();
	await until('Python', async () => /client\.videos\.create_and_poll/.test(await text()));
	await dialog.getByRole('button', {name: 'JavaScript'}).click();
	await until('JavaScript', async () => /await client\.videos\.create\(/.test(await text()));
	assert.ok(!(await dialog.textContent()).includes(stack.key), 'the key is shown');
	assert.match(await dialog.textContent(), /ARENA_API_KEY=av_…\w{4}/);
	assert.equal(await page.locator('#evil').count(), 0);
	await page.keyboard.press('Escape');
	await dialog.waitFor({state: 'hidden'});

	const {status, stdout, stderr} = spawnSync('bash', ['-c', `set -e; ${copied} -fsS`], {encoding: 'utf8',
		env: {...process.env, ARENA_API_KEY: stack.key}});
	assert.equal(status, 0, stderr);
	const first = await apiOf(stack).video(job.job);
	const second = await apiOf(stack).video(JSON.parse(stdout).id);
	for (const name of ['prompt', 'model', 'size', 'seconds'])
		assert.equal(second[name], first[name], name);
	await worker.close();
	await studio.close();
});
