/*
 * The icons of the page as an installed app, made from web/src/icon.svg:
 *
 *	node tests/pictures/icons.mjs [FOLDER]      default: web/src
 *
 * The maskable one fills its square, since the system cuts it to a shape of its own, and keeps the
 * drawing inside the circle that no shape cuts.
 */
import fs from 'node:fs';
import path from 'node:path';
import {chromium} from 'playwright-core';

import {WHOLE} from '../lib/chromium.mjs';
import {ROOT} from '../lib/stack.mjs';

const folder = path.resolve(process.argv[2] ?? path.join(ROOT, 'web/src'));
const svg = fs.readFileSync(path.join(ROOT, 'web/src/icon.svg'), 'utf8');
const ground = /<rect[^>]* fill="(#[0-9a-f]{6})"/.exec(svg)[1];

const icons = [
	{name: 'icon-192', size: 192, part: 1, background: 'transparent'},
	{name: 'icon-512', size: 512, part: 1, background: 'transparent'},
	{name: 'icon-maskable', size: 512, part: 0.8, background: ground},
];

const browser = await chromium.launch({executablePath: WHOLE, args: ['--no-sandbox']});
for (const {name, size, part, background} of icons) {
	const page = await browser.newPage({viewport: {width: size, height: size}});
	await page.setContent(`<style>body{margin:0;height:100vh;display:grid;place-items:center;background:${background}}
		svg{width:${part * 100}%}</style>${svg}`);
	await page.screenshot({path: path.join(folder, `${name}.png`), omitBackground: true});
	await page.close();
}
await browser.close();
