/*
 * The pages as they are served: each link of /video-chat and /docs leads to a file, in the form that was
 * asked for, with headers that say how long it is good; and what builds the page, on a small one.
 */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import {test} from 'node:test';
import zlib from 'node:zlib';

import {ROOT, sharedStack} from '../lib/stack.mjs';

const shared = sharedStack({sandbox: false});
const KEPT = 'public, max-age=31536000, immutable';
const DECODERS = {br: zlib.brotliDecompressSync, gzip: zlib.gunzipSync};
const TYPES = {'.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png',
	'.webmanifest': 'application/manifest+json', '.json': 'application/json'};

/** As it came: fetch would decode it. */
const get = (stack, url, headers = {}, method = 'GET') => new Promise((resolve, reject) => {
	http.request(stack.url + url, {headers, method, agent: false}, answer => {
		const chunks = [];
		answer.on('data', chunk => chunks.push(chunk));
		answer.on('end', () => resolve({status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks)}));
		answer.on('error', reject);
	}).on('error', reject).end();
});

const linksOf = html => [...html.matchAll(/<(?:link|script|img)[^>]* (?:src|href)="([^"]+)"/g)].map(match => match[1]);

for (const page of ['/video-chat', '/docs'])
	shared.test(`what ${page} links to is there, in each form`, async stack => {
		const {status, body} = await get(stack, page);
		const links = linksOf(String(body));
		assert.equal(status, 200);
		assert.ok(links.length >= 3, `${links}`);
		for (const link of [page, ...links]) {
			const plain = await get(stack, link);
			const type = TYPES[path.extname(link)] ?? 'text/html';
			assert.equal(plain.status, 200, link);
			assert.ok(plain.headers['content-type'].startsWith(type), `${link}: ${plain.headers['content-type']}`);
			assert.equal(plain.headers['content-encoding'], undefined, link);
			assert.equal(plain.headers['cache-control'], /-[A-Z2-7]{8}\./.test(link) ? KEPT : 'no-cache', link);
			for (const [coding, decode] of Object.entries(DECODERS)) {
				const coded = await get(stack, link, {'accept-encoding': coding});
				const named = coded.headers['content-encoding'];
				assert.deepEqual(named ? decode(coded.body) : coded.body, plain.body, `${link} as ${coding}`);
				assert.equal(named !== undefined, coded.headers.etag !== plain.headers.etag, `${link}: the tag of ${coding}`);
				const again = await get(stack, link, {'accept-encoding': coding, 'if-none-match': coded.headers.etag});
				assert.equal(again.status, 304, `${link} as ${coding}, again`);
				assert.equal(again.body.length, 0);
			}
			const head = await get(stack, link, {}, 'HEAD');
			assert.deepEqual([head.status, head.body.length, head.headers['content-length']],
				[200, 0, `${plain.body.length}`], `HEAD ${link}`);
		}
	});

for (const page of ['/video-chat', '/docs'])
	shared.test(`${page} has no script or style in it, and loads nothing from elsewhere`, async stack => {
		const {headers, body} = await get(stack, page);
		assert.match(headers['content-security-policy'], /^default-src 'none'; script-src 'self'; style-src 'self';/);
		assert.doesNotMatch(headers['content-security-policy'], /unsafe|https?:|\*/);
		assert.doesNotMatch(String(body), /<script>|<style| style=| on\w+=/i);
		assert.deepEqual(linksOf(String(body)).filter(link => !/^\/(?!\/)/.test(link)), []);
	});

/* ---- web/build.mjs ---- */

const SMALL = {
	'main.tsx': 'import {shared} from "./shared";\nshared("at once");\nvoid import("./late").then(late => late.show());\n',
	'shared.ts': 'export const shared = (text: string): void => console.log(text);\n',
	'late.ts': 'import {shared} from "./shared";\nexport const show = (): void => shared("late");\n',
	'sw.ts': 'declare const FILES: string[];\ndeclare const BUILD: string;\nconsole.log(FILES, BUILD);\nexport {};\n',
	'styles/main.css': '@import "./base.css";\nmain { margin: 0 }\n',
	'styles/base.css': 'body { margin: 0 }\n',
	'index.html': '<!doctype html>\n<html lang="en">\n<head>\n<title>Small</title>\n</head>\n<body><main></main></body>\n</html>\n',
	'icon.svg': `<svg xmlns="http://www.w3.org/2000/svg">${'<g/>'.repeat(50)}</svg>\n`,
	'icon-192.png': 'not a text',
	'manifest.webmanifest': '{}',
};

/** Writes what is there in files below a new folder src, builds it, and gives what came of it. */
async function built(folder, files) {
	for (const [name, text] of Object.entries(files)) {
		fs.mkdirSync(path.dirname(path.join(folder, 'src', name)), {recursive: true});
		fs.writeFileSync(path.join(folder, 'src', name), text);
	}
	const child = spawn(process.execPath, [path.join(ROOT, 'web/build.mjs'), path.join(folder, 'src'), path.join(folder, 'dist')],
		{stdio: ['ignore', 'pipe', 'pipe']});
	let said = '';
	child.stdout.on('data', chunk => said += chunk);
	child.stderr.on('data', chunk => said += chunk);
	const code = await new Promise(resolve => child.on('close', resolve));
	const out = path.join(folder, 'dist');
	return {code, said, names: fs.existsSync(out) ? fs.readdirSync(out).sort() : [], read: name => fs.readFileSync(path.join(out, name))};
}

const buildTest = (name, fn) => test(name, {timeout: 180_000}, async () => {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'arena-test-page-'));
	try {
		await fn(folder);
	} finally {
		fs.rmSync(folder, {recursive: true, force: true});
	}
});

buildTest('the build names files by their content, links and lists them, and keeps nothing old', async folder => {
	const first = await built(folder, SMALL);
	assert.equal(first.code, 0, first.said);
	const whole = first.names.filter(name => !/\.(br|gz)$/.test(name));
	const [app, style, late, chunk] = ['app', 'style', 'late', 'chunk'].map(stem => {
		const found = whole.filter(name => new RegExp(`^${stem}-[A-Z2-7]{8}\\.(js|css)$`).test(name));
		assert.equal(found.length, 1, `${stem} in ${whole}`);
		return found[0];
	});
	assert.deepEqual(whole, [app, chunk, late, style, 'icon-192.png', 'icon.svg', 'index.html', 'manifest.webmanifest', 'sw.js'].sort());

	assert.deepEqual(linksOf(String(first.read('index.html'))), [style, chunk, app].map(name => `/video-chat/${name}`));
	const listed = [app, chunk, style, late, 'icon-192.png', 'icon.svg', 'manifest.webmanifest'].map(name => `/video-chat/${name}`);
	const worker = String(first.read('sw.js'));
	assert.deepEqual(JSON.parse(/\[("[^\]]*)\]/.exec(worker)[0]).sort(), listed.sort());
	for (const name of first.names.filter(each => /\.(br|gz)$/.test(each))) {
		const decode = name.endsWith('.br') ? zlib.brotliDecompressSync : zlib.gunzipSync;
		assert.deepEqual(decode(first.read(name)), first.read(name.slice(0, -3)), name);
	}
	assert.ok(['index.html.br', 'index.html.gz', 'icon.svg.br'].every(name => first.names.includes(name)), `${first.names}`);
	assert.ok(!first.names.some(name => name.startsWith('icon-192.png.')), 'a picture is not packed again');

	const second = await built(folder, {'late.ts': SMALL['late.ts'].replace('"late"', '"later"')});
	assert.equal(second.code, 0, second.said);
	assert.ok(!second.names.includes(late), 'the old one is gone');
	assert.ok(second.names.includes(style), 'what did not change has the same name');
	assert.notEqual(String(second.read('sw.js')), worker);
});

buildTest('the build refuses a first load over its budget, and says so', async folder => {
	const noise = randomBytes(60_000).toString('base64');
	const heavy = await built(folder, {...SMALL, 'shared.ts': `${SMALL['shared.ts']}console.log("${noise}");\n`});
	assert.equal(heavy.code, 1);
	assert.match(heavy.said, /the first load is \d+ bytes by brotli, over 60000/);
	assert.deepEqual(heavy.names, []);

	const lazy = await built(folder, {...SMALL, 'late.ts': `${SMALL['late.ts']}console.log("${noise}");\n`});
	assert.equal(lazy.code, 0, lazy.said);
});

buildTest('a mistake in a source fails the build', async folder => {
	const broken = await built(folder, {...SMALL, 'shared.ts': 'export const shared = ;\n'});
	assert.equal(broken.code, 1);
	assert.match(broken.said, /shared\.ts/);
	assert.deepEqual(broken.names, []);
});
