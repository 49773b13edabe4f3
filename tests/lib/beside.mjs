/*
 * One more service beside those of a stack, as an operator with several hosts would start it: it
 * has the stack's settings and data, and what `settings` says over these.
 *
 *	const bridge = await startBeside(stack, 'bridge', {ARENA_BRIDGE_URL: url, ARENA_BRIDGE_ADDR: address});
 *	bridge.kill();
 *
 * It ends with the stack.
 */
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import {BUILD, freePort} from './stack.mjs';
import {until, within} from './wait.mjs';

/** Starts it, and waits until it listens. */
export async function startBeside(stack, name, settings) {
	const log = path.join(stack.data, 'log', `${name}-beside-${stack.atEnd.length}.log`);
	const out = fs.openSync(log, 'w');
	const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'bash', '-c',
		'. "$1"; export "${@:3}"; exec "$2"', 'bash', path.join(stack.data, 'run/env'), path.join(BUILD, `bin/arena-${name}`),
		...Object.entries(settings).map(([key, value]) => `${key}=${value}`)], {stdio: ['ignore', out, out], detached: true});
	fs.closeSync(out);
	const service = {
		child,
		ended: new Promise(resolve => child.on('close', resolve)),
		log: () => fs.readFileSync(log, 'utf8'),
		kill: (signal = 'SIGKILL') => child.kill(signal),
	};
	stack.atEnd.push(() => {
		service.kill();
		return within(5000, `the ${name} beside to end`, service.ended);
	});
	await until(`the ${name} beside to listen`, () => service.log().includes('ev=listening'));
	return service;
}

/** One more gateway: {url, ws, key, ..} like a stack, for clients and workers. */
export async function gatewayBeside(stack, settings = {}) {
	const port = await freePort();
	const service = await startBeside(stack, 'gateway', {ARENA_PORT: port, ...settings});
	const url = `http://127.0.0.1:${port}`;
	await until('the gateway beside to be ready', async () => (await fetch(`${url}/readyz`)).ok);
	return {...service, url, ws: `ws://127.0.0.1:${port}/ws`, port, key: stack.key, workerKey: stack.workerKey};
}
