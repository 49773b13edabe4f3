/*
 * What the documents show is what works: all code blocks of a document, one language after the other, are run as
 * one program, as a reader would who types them one by one. Only the address, the port of the hook and the
 * place of ./arena are changed.
 */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import {jpeg} from '../lib/media.mjs';
import {freePort, ROOT, sharedStack} from '../lib/stack.mjs';
import {until} from '../lib/wait.mjs';

const shared = sharedStack({env: {ARENA_FETCH_PRIVATE: 'yes'}});

const blocksOf = (text, language) => [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)]
	.filter(each => each[1] === language).map(each => each[2]);

const RUN = {
	bash: {file: 'run.sh', before: 'set -euo pipefail\n', command: file => ['bash', [file]]},
	python: {file: 'run.py', before: '', command: file => ['python3', [file]]},
	js: {file: 'run.mjs', before: '', command: file => ['node', [file]]},
};

async function run(stack, document, language) {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'arena-examples-'));
	try {
		const {file, before, command} = RUN[language];
		const blocks = blocksOf(fs.readFileSync(path.join(ROOT, document), 'utf8'), language);
		assert.ok(blocks.length, `${document} has no ${language}`);
		const text = before + blocks.join('\n').replaceAll('http://127.0.0.1:3102', stack.url)
			.replaceAll('8099', await freePort()).replaceAll('./arena', path.join(ROOT, 'arena'));
		fs.writeFileSync(path.join(folder, file), text);
		fs.writeFileSync(path.join(folder, 'photo.jpg'), jpeg(320, 240));
		fs.symlinkSync(path.join(ROOT, 'tests/node_modules'), path.join(folder, 'node_modules'));
		const [program, args] = command(file);
		const child = spawn(program, args, {cwd: folder, stdio: ['ignore', 'pipe', 'pipe'],
			env: {...process.env, ARENA_DATA: stack.data, KEY: stack.key}, timeout: 300_000});
		let said = '';
		for (const stream of [child.stdout, child.stderr])
			stream.on('data', chunk => said += chunk);
		const code = await new Promise(resolve => child.on('close', resolve));
		assert.equal(code, 0, `${text.split('\n').map((line, i) => `${i + 1}\t${line}`).join('\n')}\n\nit said:\n${said}`);
		return {said, made: fs.readdirSync(folder).filter(each => /\.(mp4|webp)$/.test(each)).map(name => ({
			name, bytes: fs.readFileSync(path.join(folder, name)),
		}))};
	} finally {
		fs.rmSync(folder, {recursive: true});
	}
}

/* How often each route was asked, by its name in the figures. */
async function asked(stack) {
	const text = await (await fetch(`${stack.url}/metrics`)).text();
	const sums = {};
	for (const [, route, n] of text.matchAll(/^arena_gateway_requests_total\{route="(\w+)",[^}]*\} (\d+)$/gm))
		sums[route] = (sums[route] ?? 0) + Number(n);
	return sums;
}

/* Not for people's programs, or the same as one that is shown. */
const UNSHOWN = /^(worker_(pair|open|push|poll|upload|close)|workers|page|docs|openapi|userscript|input|health|metrics|router_content|other|none)$/;

for (const [document, languages] of Object.entries({
	'docs/api.md': ['bash', 'python', 'js'],
	'README.md': ['bash', 'js'],
}))
	for (const language of languages)
		shared.test(`${document}: ${language}`, async stack => {
			const before = await asked(stack);
			const {said, made} = await run(stack, document, language);
			const video = made.some(each => each.bytes.includes('ftyp'));
			assert.ok(video || said.includes('/content.mp4?'), `no video and no link: ${said}`);
			if (document === 'docs/api.md')
				await until('every route to have been asked', async () => {
					const unasked = Object.entries(await asked(stack)).filter(([route, n]) => n === before[route] && !UNSHOWN.test(route));
					return unasked.length === 0 || void assert.deepEqual(unasked.map(([route]) => route), []);
				}, {ms: 40_000});
		}, {timeout: 360_000});

shared.test('the README shows the same in both languages, but for the words', () => {
	const [english, spanish] = ['README.md', 'README.es.md'].map(name => fs.readFileSync(path.join(ROOT, name), 'utf8'));
	const wordless = text => text.replaceAll(/"[^"]*"/g, '""');
	for (const language of ['bash', 'python', 'js'])
		assert.deepEqual(blocksOf(spanish, language).map(wordless), blocksOf(english, language).map(wordless));
});
