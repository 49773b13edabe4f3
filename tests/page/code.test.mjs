/*
 * "Show as code": the request of a card, as it can be pasted. That any prompt is quoted well is shown by
 * web/test/snippets.test.ts; here all three are run, Python with a stand-in for its package.
 */
import assert from 'node:assert/strict';
import {execFile, spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';

import {apiOf, formOf} from '../lib/api.mjs';
import {newConversation} from '../lib/films.mjs';
import {faults} from '../lib/looks.mjs';
import {png, tinyMp4} from '../lib/media.mjs';
import {ROOT} from '../lib/stack.mjs';
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
	assert.deepEqual(await faults(page), []);
	assert.match(await dialog.textContent(), /ARENA_API_KEY=av_…[\w-]{4}/);
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

/** How each is run, in a folder with its package. */
const runs = {
	JavaScript: {begins: 'import { ', file: 'code.mjs', command: 'node',
		prepare: folder => fs.symlinkSync(path.join(ROOT, 'tests/node_modules'), path.join(folder, 'node_modules'))},
	Python: {begins: 'import os', file: 'code.py', command: 'python3',
		prepare: folder => fs.copyFileSync(path.join(ROOT, 'tests/lib/python/openai.py'), path.join(folder, 'openai.py'))},
};

shared.test('the JavaScript and the Python make the same video, with all that was asked for, and save it', async stack => {
	const {worker, id} = await painter(stack, {inputs: ['text', 'image', 'first_last_frame']}, {slots: 2});
	const api = apiOf(stack);
	const pictures = [png(40, 30), png(30, 40)];
	const [first, last] = await Promise.all(pictures.map(async each =>
		(await api.good(api.post('/v1/files', {form: formOf({purpose: 'vision'}, each, 'file')}))).id));
	const conversation = newConversation();
	const {id: video} = await api.create({model: id, prompt: 'From "here" to\nthere', size: '320x180', seconds: '3', seed: 7,
		negative_prompt: 'rain', input_reference: {file_id: first}, last_frame: {file_id: last}, metadata: {conversation, first, last}});
	const shown = await worker.next('job');
	worker.accept(shown);
	await worker.finish(shown, tinyMp4('by hand'));
	const studio = await openStudio(stack, {at: `#/c/${conversation}`});
	const {page} = studio;
	await studio.card(video).getByRole('button', {name: 'More'}).click();
	await page.getByRole('menuitem', {name: 'Show as code'}).click();
	for (const [language, {begins, file, command, prepare}] of Object.entries(runs)) {
		await page.getByRole('button', {name: language}).click();
		const code = await until(language, async () => {
			const text = await page.getByRole('dialog', {name: 'As code'}).locator('pre').textContent();
			return text.startsWith(begins) && text;
		});
		const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'arena-code-'));
		try {
			prepare(folder);
			fs.writeFileSync(path.join(folder, file), code);
			const ran = promisify(execFile)(command, [file], {cwd: folder, env: {...process.env, ARENA_API_KEY: stack.key}});
			const job = await worker.next('job');
			const wish = ({model, prompt, width, height, seconds, seed, negative_prompt}) =>
				({model, prompt, width, height, seconds, seed, negative_prompt});
			assert.deepEqual(wish(job), wish(shown));
			assert.deepEqual([await worker.input(job, 0), await worker.input(job, 1)], pictures);
			worker.accept(job);
			await worker.finish(job, tinyMp4(`by ${language}`));
			worker.ready(1);
			await ran;
			assert.deepEqual(fs.readFileSync(path.join(folder, 'video.mp4')), await api.content(job.job));
		} finally {
			fs.rmSync(folder, {recursive: true, force: true});
		}
	}
	await worker.close();
	await studio.close();
});
