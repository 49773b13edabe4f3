/*
 * What `./arena up` and its companions promise to people: starts fast, keeps running what it has
 * started, ends without a trace.
 */
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {test} from 'node:test';

import {arena, BUILD, freePort, onStack, SERVICES, startStack} from '../lib/stack.mjs';
import {apiOf} from '../lib/api.mjs';
import {PICTURES} from '../lib/media.mjs';
import {alive, commandOf, programOf, treeOf} from '../lib/procs.mjs';
import {until, within} from '../lib/wait.mjs';

const modeOf = file => (fs.statSync(file).mode & 0o777).toString(8);

onStack('up prints the address of the page and a key that works', {}, async stack => {
	assert.match(stack.output(), new RegExp(`page +${stack.url}/video-chat`));
	assert.ok(stack.output().includes(stack.key), 'the key is printed');
	assert.match(stack.key, /^av_[A-Za-z0-9_-]{43}$/);
	assert.equal((await apiOf(stack).get('/v1/videos')).status, 200);
	assert.equal((await fetch(`${stack.url}/video-chat`)).status, 200);
	assert.equal(modeOf(path.join(stack.data, 'api-key')), '600');
	assert.equal(modeOf(path.join(stack.data, 'worker-key')), '600');
});

onStack('each service is a process of its own', {}, async stack => {
	for (const name of stack.services)
		assert.equal(programOf(stack.pid(name)), `arena-${name}`);
	assert.equal(new Set(stack.services.map(stack.pid)).size, 5);
});

onStack('what it listens on is loopback only', {}, async stack => {
	const wanted = new Set(stack.services.flatMap(name => {
		const links = fs.readdirSync(`/proc/${stack.pid(name)}/fd`).map(fd => {
			try {
				return fs.readlinkSync(`/proc/${stack.pid(name)}/fd/${fd}`);
			} catch {
				return '';
			}
		});
		return links.filter(link => link.startsWith('socket:[')).map(link => link.slice(8, -1));
	}));
	const listening = ['tcp', 'tcp6'].flatMap(kind => fs.readFileSync(`/proc/net/${kind}`, 'utf8').trim()
		.split('\n').slice(1).map(line => line.trim().split(/\s+/)))
		.filter(fields => fields[3] === '0A' && wanted.has(fields[9])).map(fields => fields[1].split(':')[0]);
	assert.ok(listening.length >= SERVICES.length, `${listening.length} listeners seen`);
	assert.deepEqual(listening.filter(address => address !== '0100007F'), []);
});

onStack('a second start keeps the key and the jobs', {sandbox: false}, async stack => {
	const {key} = stack;
	const {id} = await apiOf(stack).create({model: 'sandbox'});
	await stack.stop();
	await stack.start();
	assert.equal(stack.key, key);
	assert.equal((await apiOf(stack).video(id)).status, 'queued');
});

onStack('a service that is killed at once after its start comes back, too', {sandbox: false}, async stack => {
	for (let round = 0; round < 3; round++)
		await stack.restarted('auth', stack.kill('auth'));
	await stack.ready();
	assert.equal((await apiOf(stack).get('/v1/videos')).status, 200);
});

/** A stack of a build in which the program of one service is another: put(its path) makes that. */
const onOtherBuild = (name, service, put, settings, fn) => test(name, async () => {
	const build = fs.mkdtempSync(path.join(os.tmpdir(), 'arena-build-'));
	const program = (folder, each) => path.join(folder, 'bin', `arena-${each}`);
	try {
		fs.mkdirSync(path.join(build, 'bin'));
		for (const each of SERVICES.filter(other => other !== service))
			fs.symlinkSync(program(BUILD, each), program(build, each));
		put(program(build, service));
		const stack = await startStack({...settings, env: {ARENA_BUILD: build}});
		try {
			await fn(stack);
		} finally {
			await stack.end();
		}
	} finally {
		fs.rmSync(build, {recursive: true});
	}
});

onOtherBuild('a service is started again also while another one cannot run at all', 'sandbox', file => fs.symlinkSync('/bin/false', file), {},
	async stack => {
		for (let round = 0; round < 2; round++)
			for (const name of SERVICES)
				await stack.restarted(name, stack.kill(name));
		await stack.ready();
	});

/* A gateway that fails at its first start. */
const failsOnce = file => fs.writeFileSync(file, ['#!/bin/sh', 'if [ $# = 0 ] && [ ! -e "$0.once" ]; then', 'touch "$0.once"', 'exit 1', 'fi',
	`exec ${BUILD}/bin/arena-gateway "$@"`, ''].join('\n'), {mode: 0o755});

onOtherBuild('a service that dies while up still starts is started again, too', 'gateway', failsOnce, {sandbox: false},
	async stack => assert.match(stack.output(), /gateway ended \(status 1\)/));

onStack('a setting that nobody knows is said, and does no harm', {sandbox: false, env: {ARENA_RETENTON: '7d'}}, async stack => {
	assert.match(stack.output(), /ARENA_RETENTON is no setting/);
	assert.doesNotMatch(stack.output(), /ARENA_(?!RETENTON)\w+ is no setting/);
});

onStack('a second up on the same folder refuses, and harms nothing', {sandbox: false}, async stack => {
	const pids = stack.services.map(stack.pid);
	const second = await arena(['up', '--data', stack.data, '--port', String(await freePort())]);
	assert.notEqual(second.code, 0);
	assert.match(second.err, /running on .* already/);
	assert.deepEqual(stack.services.map(stack.pid), pids);
	assert.equal((await apiOf(stack).get('/v1/videos')).status, 200);
});

onStack('an up on a port that is taken refuses, and says which', {sandbox: false}, async stack => {
	const data = `${stack.data}-other`;
	try {
		const second = await arena(['up', '--data', data, '--port', String(stack.port)]);
		assert.notEqual(second.code, 0);
		assert.match(second.err, new RegExp(`port ${stack.port} is in use`));
	} finally {
		fs.rmSync(data, {recursive: true, force: true});
	}
});

test('a setting that makes no sense is said once, and nothing is started', async () => {
	const data = fs.mkdtempSync(path.join(os.tmpdir(), 'arena-test-'));
	const up = async (port, env) => arena(['up', '--data', data, '--port', String(port)], env);
	try {
		for (const port of [0, '08', 65_536, 'abc'])
			assert.match((await up(port, {})).err, /is no port number/, `--port ${port}`);
		for (const [name, value, words] of [
			['ARENA_RETENTION', 'soon', /--retention: "soon" is not a time/],
			['ARENA_RATE_CREATE', '-5', /--rate-create: "-5" is not between/],
			['ARENA_LOG', 'loud', /--log: "loud" is not debug, info/],
			['ARENA_CORS_ORIGINS', 'chat.example', /--cors-origins: "chat.example" is not https:/],
			['ARENA_PUBLIC_URL', 'video.example', /--public-url: "video.example" must/],
			['ARENA_JOBS_URL', '127.0.0.1:1', /--jobs-url: "127.0.0.1:1" is not an address like tcp:/],
		]) {
			const refused = await up(await freePort(), {[name]: value});
			assert.notEqual(refused.code, 0);
			assert.match(refused.err, words);
			assert.match(refused.err, /nothing was started/);
		}
		assert.deepEqual(fs.readdirSync(path.join(data, 'log')), []);
	} finally {
		fs.rmSync(data, {recursive: true});
	}
});

test('each program says its settings with -h, and checks them with -n', async () => {
	for (const name of [...SERVICES, 'sandbox']) {
		const run = (args, env) => spawnSync(path.join(BUILD, `bin/arena-${name}`), args, {encoding: 'utf8', timeout: 60_000,
			env: {PATH: process.env.PATH, ...env}});
		const help = run(['-h']);
		assert.deepEqual([help.status, help.stderr], [0, ''], name);
		const settings = [...help.stdout.matchAll(/^ +--([a-z-]+)/gm)].map(each => each[1]);
		const good = run(['-n'], {ARENA_DATA: '/some/where'});
		assert.deepEqual([good.status, good.stderr], [0, ''], name);
		assert.deepEqual(good.stdout.trim().split('\n').map(line => line.split('=')[0]), settings);
		assert.match(good.stdout, /^data=\/some\/where$/m);
		assert.match(run(['-n', '--data', '/else/where'], {ARENA_DATA: '/some/where'}).stdout, /^data=\/else\/where$/m);
		for (const [args, env] of [[['-n', '--nonsense', '1'], {}], [['-n'], {ARENA_LOG: 'loud'}], [['-n', 'nonsense'], {}]]) {
			const bad = run(args, env);
			assert.deepEqual([bad.status, bad.stdout], [2, ''], `${name} ${args} ${JSON.stringify(env)}`);
			assert.match(bad.stderr, /\w \w/);
		}
	}
	assert.ok(!fs.existsSync('/some') && !fs.existsSync('/else'), 'nothing is made');
});

onStack('kill -9 of the supervisor leaves no service behind, and the next up works', {}, async stack => {
	const pids = stack.services.map(stack.pid);
	stack.supervisor().kill('SIGKILL');
	await stack.supervisor().ended;
	await stack.gone(pids);
	await until('nothing of it to be left', () => stack.left().length === 0 ||
		void assert.deepEqual(stack.left().map(commandOf), []));
	await stack.start();
	assert.equal((await apiOf(stack).get('/v1/videos')).status, 200);
});

onStack('Ctrl-C ends all of it, cleanly', {}, async stack => {
	const supervisor = stack.supervisor();
	const tree = treeOf(supervisor.pid);
	for (const pid of tree.filter(alive))
		process.kill(pid, 'SIGINT'); // as a terminal does, to all of them at once
	await within(20_000, './arena up to end', supervisor.ended);
	assert.equal(supervisor.exitCode, 0);
	assert.deepEqual(tree.filter(alive).map(commandOf), []);
	assert.deepEqual(fs.readdirSync(path.join(stack.data, 'run')).filter(name => name.endsWith('.pid')), []);
	assert.match(stack.log('gateway').trim().split('\n').at(-1), / ev=stopped$/);
	for (const name of stack.services)
		assert.doesNotMatch(stack.log(name), / level=error /);
	await stack.start();
	assert.equal((await apiOf(stack).get('/v1/videos')).status, 200);
});

onStack('stop, status and key do what their names say', {}, async stack => {
	const at = ['--data', stack.data];
	const key = await arena(['key', ...at]);
	assert.equal(key.out, `${stack.key}\n`);
	assert.equal((await arena(['key', 'worker', ...at])).out.trim(), stack.workerKey);

	await until('the sandbox worker to show', async () => / workers +1$/m.test((await arena(['status', ...at])).out));
	const status = await arena(['status', ...at]);
	assert.equal(status.code, 0, status.err);
	for (const name of stack.services)
		assert.match(status.out, new RegExp(`${name} +running +pid ${stack.pid(name)}`));

	/* Its figures are those of /metrics. */
	const api = apiOf(stack);
	const made = await api.create({model: 'sandbox', size: '64x64', seconds: '1'});
	const none = await api.create({model: 'sandbox', size: '64x64'}, PICTURES.JPEG(64, 64).subarray(0, 500));
	await api.wait(made.id, 'completed');
	await api.wait(none.id, 'failed');
	const text = await until('both to count', async () => {
		const now = await (await fetch(`${stack.url}/metrics`)).text();
		return /^arena_jobs_error_ratio_24h 0\.5$/m.test(now) && now;
	});
	const said = (await arena(['status', ...at])).out;
	const figure = name => Number(text.match(new RegExp(`^arena_jobs_${name} (.+)$`, 'm'))[1]);
	assert.equal(figure('videos_total'), 1);
	for (const line of ['videos made +1', `time to a video +mean ${figure('seconds_mean_24h').toFixed(1)} s, p95 ${
		figure('seconds_p95_24h').toFixed(1)} s \\(24 h\\)`, 'error rate +50.00 % \\(24 h\\)', 'jobs +0 queued, 0 running'])
		assert.match(said, new RegExp(`^ +${line}$`, 'm'));
	const uptime = Number(said.match(/^ +uptime +([\d.]+) s; available [\d.]+ % of the last 24 h$/m)?.[1]);
	assert.ok(uptime + 0.1 > figure('uptime_seconds'), said);

	const pids = stack.services.map(stack.pid);
	const stop = await arena(['stop', ...at]);
	assert.equal(stop.code, 0, stop.err);
	assert.deepEqual(pids.filter(alive), []);
	assert.equal((await arena(['status', ...at])).code, 3, 'status says that it does not run');
	assert.equal((await arena(['key', ...at])).out.trim(), stack.key, 'the key can be had all the same');
});

test('a look at the keys makes none', async () => {
	const data = path.join(os.tmpdir(), `arena-no-keys-${process.pid}`);
	for (const words of [[], ['worker'], ['list'], ['add', 'somebody']])
		assert.match((await arena(['key', ...words, '--data', data])).err, /there are no keys in .* yet/);
	assert.equal(fs.existsSync(data), false);
	const help = await arena(['key', '-h', '--data', data]);
	assert.equal(help.code, 0);
	assert.match(help.out, /key rotate +ID/);
});

test('nonsense on the command line is refused in words', async () => {
	const help = await arena(['-h']);
	assert.equal(help.code, 0);
	for (const word of ['up', 'stop', 'status', 'key', 'build', 'test', 'bench', '--data', '--port'])
		assert.ok(help.out.includes(word), `-h mentions ${word}`);
	assert.equal((await arena(['nonsense'])).code, 2);
	for (const [command, word] of [['status', 'x'], ['stop', 'x'], ['pair', 'x'], ['test', 'proc'], ['fuzz', 'long'], ['fuzz', '0'], ['chaos', 'x']]) {
		const {code, err} = await arena([command, word]);
		assert.equal(code, 1, `${command} ${word}`);
		assert.match(err, new RegExp(`^arena: ${command} (does not know|takes a number of \\w+, not) "${word}"`));
	}
	assert.notEqual((await arena(['up', '--data', '/nonexistent/x', '--port', 'abc'])).code, 0);
	assert.ok(fs.existsSync(path.join(BUILD, 'bin/arena-gateway')), `there is a build in ${BUILD}`);
});
