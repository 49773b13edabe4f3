/*
 * Runs files of tests, several at a time, since most of what they do is wait:
 *
 *	node run.mjs [-j N] FOLDER|FILE...
 *
 * Folders take turns, so that what needs a browser runs beside what does not. A line is said of each file when it ends;
 * of one that failed also all that it said.
 */
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/* Most of what a file does is wait: with two more than there are cores, two cores were idle for nearly half of the time. */
const SLOTS = os.cpus().length + 4;
/* Nothing takes so long that does not hang. */
const LIMIT_MS = 15 * 60_000;

function filesOf(where) {
	if (!fs.statSync(where).isDirectory())
		return [where];
	return fs.readdirSync(where).filter(name => name.endsWith('.test.mjs')).sort().map(name => path.join(where, name));
}

/* One of each folder in turn. */
function inTurn(files) {
	const turns = files.map((file, i) => ({file,
		turn: files.slice(0, i).filter(each => path.dirname(each) === path.dirname(file)).length}));
	return turns.sort((a, b) => a.turn - b.turn).map(each => each.file);
}

function slotsAndFiles(args) {
	const slots = args[0] === '-j' ? Number(args[1]) : SLOTS;
	const files = inTurn((args[0] === '-j' ? args.slice(2) : args).flatMap(filesOf));
	if (!(slots > 0) || !files.length)
		throw new Error('usage: node run.mjs [-j N] FOLDER|FILE...');
	return {slots, files};
}

const running = new Set();

/** Answers {file, seconds, tests, ok, said}. */
async function run(file) {
	const begun = Date.now();
	const child = spawn(process.execPath, ['--test-reporter=spec', file], {stdio: ['ignore', 'pipe', 'pipe']});
	const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
	let said = '';
	running.add(child);
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding('utf8').on('data', text => said += text);
	const [code, signal] = await new Promise(resolve => child.on('close', (...how) => resolve(how)));
	clearTimeout(limit);
	running.delete(child);
	const tests = Number(/^\S+ tests (\d+)$/m.exec(said)?.[1] ?? 0);
	const seconds = (Date.now() - begun) / 1000;
	if (signal)
		said += `\nended by ${signal} after ${seconds.toFixed()} s\n`;
	return {file, seconds, tests, ok: code === 0 && tests > 0, said};
}

const {slots, files} = slotsAndFiles(process.argv.slice(2));
const queue = [...files];
const done = [];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.on(signal, () => {
		queue.length = 0;
		for (const child of running)
			child.kill('SIGTERM');
		process.exitCode = 1;
	});

async function slot() {
	while (queue.length) {
		const one = await run(queue.shift());
		done.push(one);
		console.log(`${one.ok ? 'ok' : 'FAILED'} ${one.file}: ${one.tests} tests, ${one.seconds.toFixed(1)} s${
			one.ok ? '' : `\n${one.said}`}`);
	}
}

await Promise.all(Array.from({length: slots}, slot));

const failed = done.filter(each => !each.ok);
const sum = of => done.reduce((total, each) => total + each[of], 0);
console.log(`${sum('tests')} tests in ${done.length} files; ${sum('seconds').toFixed()} s, ${slots} at a time`);
if (failed.length || done.length < files.length) {
	console.log(`failed: ${failed.map(each => each.file).join(' ') || 'ended before all had run'}`);
	process.exitCode = 1;
}
