/*
 * A whole arena-video of its own for a test: `./arena up` on a temporary folder and a free port.
 *
 *	onStack('a video is made', {env: {ARENA_LEASE: '3s'}}, async (stack, t) => {
 *		await fetch(`${stack.url}/v1/models`, {headers: {authorization: `Bearer ${stack.key}`}});
 *	});
 *
 * or, for many tests on one: const shared = sharedStack({...}); shared.test('...', async (stack, t) => ..)
 *
 * Either way it is stopped at the end, whatever happened, and a process left behind is a failure.
 * When a test fails, the tails of all logs are printed. Answers are held against docs/openapi.json:
 * contract.mjs.
 */
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath} from 'node:url';

import {watchContract} from './contract.mjs';
import {alive, commandOf, treeOf, withEnv} from './procs.mjs';
import {until, within} from './wait.mjs';

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const BUILD = process.env.ARENA_BUILD ?? path.join(ROOT, 'build/release');
export const SERVICES = ['auth', 'jobs', 'bridge', 'gateway'];

/* Short times, so that tests of what takes minutes in life take seconds. */
const QUICK = {
	ARENA_LEASE: '3s',
	ARENA_HEARTBEAT: '4s', // a test's own process may say nothing for seconds while it works
	ARENA_RETRY_BASE: '100ms',
	/* Not short: fetch would use a connection again that ended while its process waited for ffmpeg. */
	ARENA_IDLE: '5m',
};

/* No test takes so long that does not hang. */
const LIMIT_MS = 300_000;

/* Of ports that we use: held until this process ends, so that files of tests that run beside each other never meet. */
const mine = new Map();

const listening = (...where) => new Promise(resolve => {
	const server = net.createServer();
	server.once('error', () => resolve(null));
	server.listen(...where, () => resolve(server));
});

/**
 * A port that nobody listens on, and that no other test on this machine is given. Below those that the system gives to
 * outgoing connections; of no more than `./arena up` has other ports to go with; not 10080, which browsers and fetch
 * refuse to ask.
 */
export async function freePort() {
	for (;;) {
		const port = 10_100 + Math.floor(Math.random() * 1900);
		const claim = mine.has(port) ? null : await listening(`\0arena-test-port-${port}`);
		if (!claim)
			continue;
		mine.set(port, claim.unref());
		const server = await listening(port, '127.0.0.1');
		if (server) {
			await new Promise(resolve => server.close(resolve));
			return port;
		}
	}
}

/** Our environment without the settings of whoever runs the tests. */
function environment(extra) {
	const clean = Object.entries(process.env).filter(([name]) =>
		!name.startsWith('ARENA_') && !name.startsWith('NODE_TEST'));
	return {...Object.fromEntries(clean), ARENA_BUILD: BUILD, ...QUICK, ...extra};
}

/** Runs ./arena ...args to its end; one that has none, or outlives us, is ended. */
export async function arena(args, env = {}) {
	const child = spawn('setpriv', ['--pdeathsig', 'TERM', path.join(ROOT, 'arena'), ...args],
		{env: environment(env), stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000});
	const said = {out: '', err: ''};
	child.stdout.on('data', chunk => said.out += chunk);
	child.stderr.on('data', chunk => said.err += chunk);
	const code = await new Promise(resolve => child.on('close', resolve));
	return {code, ...said};
}

/**
 * Starts one and waits until it is ready.
 *   env         settings, over the quick ones
 *   sandbox     false: without the sandbox worker
 *   data, port  of one that was there before; default: new ones
 */
export async function startStack({env = {}, sandbox = true, data, port} = {}) {
	const own = !data;
	data ??= fs.mkdtempSync(path.join(os.tmpdir(), 'arena-test-'));
	port ??= await freePort();
	const settings = {...(sandbox ? {} : {ARENA_SANDBOX_WORKER: 'no'}), ...env, ARENA_DATA: data};
	const services = sandbox ? [...SERVICES, 'sandbox'] : SERVICES;
	let supervisor;
	let output = '';

	/* The file is empty for a moment before the number of a new process is in it. 0 would mean all of ours. */
	function pid(name) {
		for (;;) {
			const number = Number(fs.readFileSync(path.join(data, 'run', `${name}.pid`), 'utf8'));
			if (number)
				return number;
		}
	}
	const left = () => withEnv('ARENA_DATA', data);
	const gone = pids => until('these processes to end', () => {
		const living = pids.filter(alive);
		return living.length === 0 || void (gone.last = living.map(each => `${each} ${commandOf(each)}`));
	}, {ms: 20_000}).catch(error => {
		throw new Error(`${error.message}\nstill there:\n${gone.last.join('\n')}`);
	});

	async function start() {
		const begun = Date.now();
		/* With pdeathsig it ends with us, even when we are killed. */
		supervisor = spawn('setpriv', ['--pdeathsig', 'TERM', path.join(ROOT, 'arena'), 'up',
			'--data', data, '--port', String(port)],
		{env: environment(settings), stdio: ['ignore', 'pipe', 'pipe']});
		supervisor.ended = new Promise(resolve => supervisor.on('close', resolve));
		let said = '';
		for (const stream of [supervisor.stdout, supervisor.stderr])
			stream.on('data', chunk => {
				said += chunk;
				output += chunk;
			});
		try {
			await until('./arena up to say that it runs', () => {
				if (supervisor.exitCode !== null || said.includes('Not ready'))
					throw new Error(`it said: ${said}`);
				return said.includes('is running') && said.includes('Ctrl-C');
			}, {ms: 15_000, every: 5});
		} catch (error) {
			error.message += `\n${tails()}`;
			await stop({check: false});
			throw error;
		}
		stack.startMs = Date.now() - begun;
		stack.key = fs.readFileSync(path.join(data, 'api-key'), 'utf8').trim();
		stack.workerKey = fs.readFileSync(path.join(data, 'worker-key'), 'utf8').trim();
	}

	/* SIGTERM to the supervisor, and nothing may be left of it. */
	async function stop({check = true} = {}) {
		if (supervisor.exitCode === null && supervisor.signalCode === null) {
			const tree = treeOf(supervisor.pid);
			supervisor.kill('SIGTERM');
			try {
				await within(25_000, './arena up to end after SIGTERM', supervisor.ended);
			} catch (error) {
				error.message += `\n${tails()}`;
				await crash();
				throw error;
			}
			if (check)
				assert.deepEqual(tree.filter(alive).map(commandOf), [], 'left behind after SIGTERM');
		}
		const rest = left();
		for (const each of rest)
			process.kill(each, 'SIGKILL');
		if (check)
			assert.deepEqual(rest.map(commandOf), [], 'left behind after SIGTERM');
	}

	/* kill -9 of everything at once, the supervisor first, so that nothing is started again. */
	async function crash() {
		const tree = [...new Set([...treeOf(supervisor.pid), ...left()])];
		for (const each of tree)
			try {
				process.kill(each, 'SIGKILL');
			} catch (error) {
				assert.equal(error.code, 'ESRCH');
			}
		await gone(tree);
		await supervisor.ended;
	}

	/** kill(name[, signal]): one service; returns the pid that it had. */
	function kill(name, signal = 'SIGKILL') {
		const was = pid(name);
		try {
			process.kill(was, signal);
		} catch (error) {
			if (error.code !== 'ESRCH')
				throw error;
		}
		return was;
	}

	/** Waits until the service runs under another pid than `was`; answers that. */
	const restarted = (name, was, ms = 5000) => until(`${name} to be started again`, () => {
		const now = pid(name);
		return now !== was && alive(now) && now;
	}, {ms, every: 5});

	/** Waits until the gateway says that all is well. */
	const ready = (ms = 10_000) => until('/readyz', async () =>
		(await fetch(`http://127.0.0.1:${port}/readyz`)).ok, {ms, every: 20});

	/** The ends of all logs, for a person. */
	function tails(lines = 25) {
		const folder = path.join(data, 'log');
		const logs = fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];
		const parts = logs.map(name => `--- ${name}\n${
			fs.readFileSync(path.join(folder, name), 'utf8').trimEnd().split('\n').slice(-lines).join('\n')}`);
		return [...parts, `--- ./arena up\n${output.trimEnd()}`].join('\n');
	}

	/* What a sanitizer has to say, when the services are built with one: a service that dies of it is started again. */
	function assertSane() {
		const folder = path.join(data, 'log');
		for (const name of fs.readdirSync(folder)) {
			const text = fs.readFileSync(path.join(folder, name), 'utf8');
			const at = text.search(/==\d+==ERROR: |runtime error: |WARNING: ThreadSanitizer/);
			assert.ok(at < 0, `${name}: ${text.slice(at, at + 8000)}`);
		}
	}

	/** Stops it, and removes its folder when that was made here. stack.atEnd: what goes before. */
	async function end() {
		try {
			await Promise.all(stack.atEnd.map(each => each()));
			await stop();
			assertSane();
		} finally {
			if (own)
				fs.rmSync(data, {recursive: true, force: true});
		}
	}

	const stack = {
		url: `http://127.0.0.1:${port}`, ws: `ws://127.0.0.1:${port}/ws`, port, data, services,
		key: '', workerKey: '', startMs: 0, atEnd: [],
		pid, left, gone, start, stop, crash, kill, restarted, ready, tails, end,
		supervisor: () => supervisor,
		output: () => output,
		log: name => fs.readFileSync(path.join(data, 'log', `${name}.log`), 'utf8'),
	};
	watchContract(stack.url);
	try {
		await start();
	} catch (error) {
		if (own)
			fs.rmSync(data, {recursive: true, force: true});
		throw error;
	}
	return stack;
}

/* Runs fn(stack, t); when it fails, the logs are shown. */
async function watched(stack, t, fn) {
	try {
		await fn(stack, t);
	} catch (error) {
		console.error(`# ${t.name}: failed; the logs end with\n${stack.tails()}`);
		throw error;
	}
}

/** A test on a stack of its own. */
export function onStack(name, settings, fn) {
	test(name, {timeout: settings.timeout ?? LIMIT_MS}, async t => {
		const stack = await startStack(settings);
		let failed = false;
		try {
			await watched(stack, t, fn);
		} catch (error) {
			failed = true;
			throw error;
		} finally {
			/* What a failed test leaves behind must not hide why it failed. */
			await stack.end().catch(error => {
				if (!failed)
					throw error;
			});
		}
	});
}

/** One stack for all tests of a file: sharedStack(settings).test(name, async (stack, t) => ..). */
export function sharedStack(settings = {}) {
	let stack;
	before(async () => {
		stack = await startStack(settings);
	});
	after(async () => {
		await stack?.end();
	});
	return {
		test: (name, fn, options = {}) =>
			test(name, {timeout: LIMIT_MS, ...options}, t => watched(stack, t, fn)),
		get stack() {
			return stack;
		},
	};
}
