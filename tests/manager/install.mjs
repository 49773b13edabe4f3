/*
 * A stand-in for a userscript manager: a small MV3 extension that holds one script, as its metadata
 * block says: where it runs, what it is granted, whom it may connect to. The script runs in the page's
 * world; its GM_ functions are in page.js.
 */
import {randomBytes} from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const read = name => fs.readFileSync(new URL(name, import.meta.url), 'utf8');

/** The metadata block: {name: [values]}. */
export function metadata(script) {
	const block = /\/\/ ==UserScript==\n([\s\S]*?)\/\/ ==\/UserScript==/.exec(script)?.[1];
	if (block === undefined)
		throw new Error('the script has no metadata block');
	const all = {};
	for (const [, name, value] of block.matchAll(/^\/\/ @(\S+)[ \t]*(.*?)\s*$/gm))
		(all[name] ??= []).push(value);
	return all;
}

function manifest(meta) {
	const common = {matches: meta.match, all_frames: !('noframes' in meta), run_at: 'document_start'};
	return {manifest_version: 3, name: 'Stand-in for a userscript manager', version: '1.0',
		permissions: ['storage', 'unlimitedStorage', 'declarativeNetRequestWithHostAccess'],
		host_permissions: ['<all_urls>'], background: {service_worker: 'worker.js'},
		content_scripts: [{...common, js: ['config.js', 'relay.js']},
			{...common, js: ['script.js'], world: 'MAIN', run_at: meta['run-at']?.[0].replace('-', '_') ?? 'document_idle'}]};
}

/**
 * Writes the extension with this script in it into a folder. Answers {folder, secret, meta}. values: what the script
 * has kept already, {key: value}.
 */
export function installManager(folder, script, values = {}) {
	const meta = metadata(script);
	const config = {secret: `standin-${randomBytes(8).toString('hex')}`, grants: meta.grant ?? [], connects: meta.connect ?? [], values,
		info: {scriptHandler: 'Stand-in', version: '1.0', injectInto: 'page',
			script: {name: meta.name?.[0], version: meta.version?.[0], namespace: meta.namespace?.[0]}}};
	const names = ['GM', 'GM_info', 'unsafeWindow', ...config.grants.filter(each => /^GM_\w+$/.test(each) && each !== 'GM_info')];
	const files = {
		'manifest.json': JSON.stringify(manifest(meta), null, '\t'),
		'config.js': `globalThis.standinConfig = ${JSON.stringify(config)};\n`,
		'relay.js': read('relay.js'),
		'worker.js': read('worker.js'),
		'script.js': `(() => {\n${read('page.js')}\nstandinManager(${JSON.stringify(config)}, gm => {\nconst {${names.join(', ')}} = gm;\n` +
			`(function () {\n${script}\n})();\n});\n})();\n`,
	};
	fs.mkdirSync(folder, {recursive: true});
	for (const [name, text] of Object.entries(files))
		fs.writeFileSync(path.join(folder, name), text);
	return {folder, secret: config.secret, meta};
}
