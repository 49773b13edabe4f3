/*
 * Bundles each test/*.test.ts of the folder that it is run in, and runs them:
 *
 *	cd web && node ../tests/modules.mjs [NAME...]
 */
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const here = process.cwd();
const {build} = createRequire(path.join(here, 'package.json'))('esbuild');
const wanted = process.argv.slice(2);
const names = fs.readdirSync(path.join(here, 'test')).filter(file => file.endsWith('.test.ts'))
	.filter(file => !wanted.length || wanted.some(word => file.startsWith(word)));
if (!names.length)
	throw new Error(`no test is called ${wanted.join(' or ')}`);
const out = fs.mkdtempSync(path.join(os.tmpdir(), `${path.basename(here)}-test-`));
let status = 1;

try {
	await build({
		entryPoints: names.map(name => path.join(here, 'test', name)), outdir: out, outExtension: {'.js': '.mjs'},
		bundle: true, format: 'esm', platform: 'node', target: 'node18', loader: {'.css': 'text'}, sourcemap: 'inline',
		define: {REPOSITORY: JSON.stringify(path.dirname(path.dirname(fileURLToPath(import.meta.url))))}, logLevel: 'warning',
	});
	const files = names.map(name => path.join(out, name.replace(/\.ts$/, '.mjs')));
	status = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], {stdio: 'inherit'}).status ?? 1;
} finally {
	fs.rmSync(out, {recursive: true, force: true});
}
process.exit(status);
