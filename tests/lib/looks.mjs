/*
 * What a state of the page looks like, and to whom it speaks: axe-core finds nothing wrong with it, it fits
 * the width of its window, and its pictures are kept in tests/out/page.
 *
 *	await look(studio, 'door');
 *
 * PICTURES=1: in all sizes, both lights, and both languages (LANGUAGES); else what differs most.
 */
import fs from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';

import {ROOT} from './stack.mjs';
import {assertFits} from './studio.mjs';
import {until} from './wait.mjs';

const FOLDER = path.join(ROOT, 'tests/out/page');
const ALL = Boolean(process.env.PICTURES);

const SIZES = {phone: {width: 360, height: 740}, tablet: {width: 768, height: 1024}, wide: {width: 1440, height: 900}};

/** Sizes and lights, the one that is seen without PICTURES first. */
const SIGHTS = ['wide', 'phone', 'tablet'].flatMap(size => ['light', 'dark'].map(light => ({size, light})));
const FEW = new Set(['wide light', 'wide dark', 'phone light']);

/** For the options of openStudio: a language of the reader. */
export const LANGUAGES = (ALL ? ['en', 'es'] : ['en']).map(lang => ({lang, locale: lang === 'es' ? 'es-ES' : 'en-US'}));

/** Nothing moves any more that has an end, and every image that can be seen is there. */
const settled = page => until('the page to be at rest', () => page.evaluate(async () => {
	await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
	const moving = document.getAnimations().some(each =>
		each.playState === 'running' && each.effect.getComputedTiming().iterations !== Infinity);
	const near = [...document.images].filter(each => {
		const box = each.getBoundingClientRect();
		return box.width > 0 && box.bottom > 0 && box.top < innerHeight;
	});
	return !moving && near.every(each => each.complete);
}));

/** What axe-core finds wrong with the page once it is at rest, or with a part of it, a line for each. */
export async function faults(page, part = 'html') {
	await settled(page);
	await page.evaluate(`if (!window.axe) { ${axe.source} }`);
	const violations = await page.evaluate(async selector =>
		(await window.axe.run(selector === 'html' ? document : selector, {resultTypes: ['violations']})).violations, part);
	return violations.flatMap(({id, help, nodes}) => nodes.map(node => `${id} (${help}): ${node.target.join(' ')} ${node.html.slice(0, 160)}${
		node.any[0] ? ` ${node.any[0].message}` : ''}`));
}

/**
 * Looks at the page as it stands. What is wrong is told when the studio is closed.
 *   open, close  what has to be done and undone at each size (what is laid over the page)
 *   only         one size alone
 */
export async function look({page, problems}, name, {lang = 'en', open = () => {}, close = () => {}, only} = {}) {
	const before = page.viewportSize();
	fs.mkdirSync(FOLDER, {recursive: true});
	const sights = SIGHTS.filter(({size}) => only === undefined || size === only);
	for (const [i, {size, light}] of sights.entries()) {
		if (!ALL && only === undefined && !FEW.has(`${size} ${light}`))
			continue;
		await page.setViewportSize(SIZES[size]);
		await page.emulateMedia({colorScheme: light, reducedMotion: 'reduce'});
		await open(size);
		await settled(page);
		await assertFits(page);
		if (ALL || i === 0)
			await page.screenshot({path: path.join(FOLDER, `${name}-${size}-${light}-${lang}.png`), caret: 'hide'});
		for (const fault of await faults(page))
			problems.push(`${name}, ${size}, ${light}: ${fault}`);
		await close(size);
	}
	await page.setViewportSize(before);
}
