/*
 * For ./arena bench: how soon everything is there at a second start, and each service after a kill -9. Prints rows.
 */
import fs from 'node:fs';
import path from 'node:path';

import {startStack} from '../lib/stack.mjs';
import {until} from '../lib/wait.mjs';

const ROUNDS = 5;

const say = (name, took) => console.log(`${name.padEnd(34)} median ${
	took.sort((a, b) => a - b)[took.length >> 1].toFixed(0)} ms  slowest ${took.at(-1).toFixed(0)} ms`);

/* Some figures, one after the other. */
async function times(one) {
	const took = [];
	while (took.length < ROUNDS)
		took.push(await one());
	return took;
}

const stack = await startStack();
try {
	say('a second start', await times(async () => {
		await stack.stop();
		await stack.start();
		return stack.startMs;
	}));
	for (const name of stack.services)
		say(`${name} again after kill -9`, await times(async () => {
			/* One that dies in its first half second is given a pause. */
			await until(`${name} to be older than that`, () =>
				Date.now() - fs.statSync(path.join(stack.data, 'run', `${name}.pid`)).mtimeMs > 600);
			const begun = performance.now();
			await stack.restarted(name, stack.kill(name));
			const took = performance.now() - begun;
			await stack.ready();
			return took;
		}));
} finally {
	await stack.end();
}
