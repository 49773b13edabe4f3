/*
 * Videos of a scripted worker that are there before the page is opened, and what a <video> shows.
 */
import fs from 'node:fs';
import path from 'node:path';

import {apiOf} from './api.mjs';
import {inFolder, run} from './media.mjs';
import {BUILD} from './stack.mjs';
import {clip} from './studio.mjs';
import {until} from './wait.mjs';

let conversations = 0;

/** The id of a new conversation. */
export const newConversation = () => `films${String(++conversations).padStart(9, '0')}`;

/** Makes a video of one of the worker's models; answers it as the API does. films: a file, or several of one run. */
export async function filmed(stack, {worker, id}, fields, films = clip()) {
	const api = apiOf(stack);
	const video = await api.create({model: id, size: '320x180', seconds: '2', ...fields});
	const job = await worker.next(frame => frame.type === 'job' && frame.model === id);
	worker.accept(job);
	await worker.finish(job, films);
	worker.ready(1);
	return api.wait(video.id, 'completed');
}

/** A number for what a <video> shows now: another frame has another one. */
export const looks = locator => locator.evaluate(video => {
	const canvas = new OffscreenCanvas(96, 54);
	const context = canvas.getContext('2d');
	context.drawImage(video, 0, 0, 96, 54);
	let sum = 0;
	for (const value of context.getImageData(0, 0, 96, 54).data)
		sum = (sum * 31 + value) % 1_000_000_007;
	return sum;
});

/** Waits until a <video> has such properties: hold(locator, 'to be paused', video => video.paused). */
export const holds = (locator, what, fn, ms = 10_000) =>
	until(`the video ${what}`, () => locator.evaluate(fn), {ms});

/** Waits until it shows something other than `before`; answers that. */
export const changed = (locator, before) => until('another frame', async () => {
	const now = await looks(locator);
	return now !== before && now;
});

export const timeOf = locator => locator.evaluate(video => video.currentTime);

/** A clip that the sandbox worker would make of this prompt: something to look at. */
export const drawn = (prompt, {seconds = 1, width = 640, height = 360, seed = 7} = {}) => inFolder(folder => {
	const file = path.join(folder, 'clip.mp4');
	run(path.join(BUILD, 'bin/arena-sandbox-clip'), [file], JSON.stringify({prompt, seconds, width, height, seed}));
	return fs.readFileSync(file);
});
