/*
 * A scripted worker, written from proto/WORKER.md alone: a test says what it does with each job.
 *
 *   const worker = await connectWorker(stack, {models: [model('toy')], slots: 2});
 *   const job = await worker.next('job');
 *   worker.accept(job); worker.progress(job, 50, 'painting');
 *   await worker.finish(job, mp4);
 *
 * steadyWorker() is one that works by itself, connects again, and resumes what it has.
 */
import assert from 'node:assert/strict';
import {randomUUID} from 'node:crypto';
import WebSocket from 'ws';

import {PollingSocket} from './polling.mjs';
import {pause, until, within} from './wait.mjs';

const HEAD = 12;
const FRAME = 64 * 1024;
const PART = 1024 * 1024; // of an upload over plain HTTP

export const model = (id, more = {}) => ({
	id, name: id, owner: 'tests', description: 'A scripted worker.', inputs: ['text', 'image'],
	parameters: ['seed', 'fps', 'negative_prompt'], operations: [], outputs: 1, sizes: [], max_width: 1920, max_height: 1080, min_seconds: 1, max_seconds: 20,
	max_prompt: 32000, ...more,
});

const about = (type, job, more = {}) => ({type, job: job.job, lease: job.lease, ...more});

/**
 * A bare connection. Resolves when the bridge has said welcome, or throws with the close code.
 *   id, name, models, slots, token, jobs (to be resumed), headers
 *   transport  'http': without a WebSocket
 *   ready   how many jobs to ask for at once; default: slots less resumed ones
 */
export async function connectWorker(stack, options = {}) {
	const {id = randomUUID(), name = 'scripted', slots = 1, models = [model('toy')], jobs = [],
		token = stack.workerKey, headers = {}, ready, transport = 'websocket', kind = 'test'} = options;
	const socket = transport === 'http' ? new PollingSocket(stack.url, token)
		: new WebSocket(stack.ws, 'arena-worker.v1', {headers, perMessageDeflate: false});
	const frames = [];     // every JSON frame that came
	const binaries = [];   // every binary frame that came
	const waiting = [];    // {wanted, resolve, reject}
	const worker = {id, frames, binaries, socket, closed: undefined};

	worker.over = new Promise(resolve => socket.on('close', (code, reason) => {
		worker.closed = {code, reason: reason.toString()};
		for (const each of waiting.splice(0))
			each.reject(new Error(`closed with ${code} ${reason}`));
		resolve(worker.closed);
	}));
	socket.on('error', () => {}); // a close always follows
	socket.on('message', (data, isBinary) => {
		if (isBinary) {
			binaries.push({channel: data.readUInt32BE(0), offset: Number(data.readBigUInt64BE(4)),
				bytes: data.subarray(HEAD)});
			return;
		}
		const frame = JSON.parse(data);
		if (frame.type === 'ping')
			worker.send({type: 'pong', t: frame.t});
		frame.at = Date.now();
		frames.push(frame);
		for (const each of [...waiting])
			if (each.wanted(frame)) {
				waiting.splice(waiting.indexOf(each), 1);
				frame.taken = true;
				each.resolve(frame);
				break;
			}
		options.onFrame?.(frame, worker);
	});

	worker.send = frame => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(frame));

	/** The next frame of a type (a name, or a function of a frame) that no other next() took. */
	worker.next = (type, {ms = 10_000, job} = {}) => {
		const wanted = frame => !frame.taken && (typeof type === 'function' ? type(frame) : frame.type === type) &&
			(!job || frame.job === job.job);
		const there = frames.find(wanted);
		if (there) {
			there.taken = true;
			return Promise.resolve(there);
		}
		if (worker.closed)
			return Promise.reject(new Error(`closed with ${worker.closed.code} ${worker.closed.reason}`));
		const what = `a frame ${type}${job ? ` about ${job.job}` : ''}`;
		let entry;
		const promise = new Promise((resolve, reject) => waiting.push(entry = {wanted, resolve, reject}));
		return within(ms, what, promise).catch(error => {
			if (waiting.includes(entry))
				waiting.splice(waiting.indexOf(entry), 1);
			error.message += `; frames so far: ${frames.map(each => each.type).join(' ')}`;
			throw error;
		});
	};

	worker.ready = free => worker.send({type: 'ready', free});
	worker.accept = job => worker.send(about('accepted', job));
	worker.progress = (job, percent, stage = 'working', more = {}) =>
		worker.send(about('progress', job, {percent, stage, ...more}));
	worker.stopped = job => worker.send(about('stopped', job));
	worker.result = (job, outputs) => worker.send(about('result', job, {outputs}));
	const answered = job => worker.next(frame => ['done', 'refused'].includes(frame.type) &&
		frame.job === job.job && frame.lease === job.lease && frame.upload === undefined, {ms: 30_000});
	worker.answered = answered;
	worker.fail = (job, code, more = {}) => {
		worker.send(about('failed', job, {code, message: `It failed: ${code}.`, retryable: true, retry_after_ms: 0, ...more}));
		return answered(job);
	};
	worker.release = (job, reason, more = {}) => {
		worker.send(about('release', job, {reason, ...more}));
		return answered(job);
	};

	/* For people: it needs a human, no more; it is paused, or rests until a time. */
	worker.attention = (reason, message = '', url = '') => worker.send({type: 'attention', reason, message, url});
	worker.attentionOver = () => worker.send({type: 'attention_over'});
	worker.rest = ({paused = false, until_ms = 0, note = ''} = {}) => worker.send({type: 'state', paused, until_ms, note});

	/** Hands a file over, to the byte `stopAt` only when that is given; answers `uploaded`. */
	worker.upload = async (job, bytes, {name: upload = 'u1', stopAt = Infinity} = {}) => {
		const mine = type => worker.next(frame => frame.upload === upload && frame.job === job.job &&
			[type, 'refused'].includes(frame.type), {ms: 30_000}).then(frame => {
			if (frame.type === 'refused')
				throw new Error(`upload refused: ${frame.code} ${frame.message}`);
			return frame;
		});
		worker.send(about('upload', job, {upload, size: bytes.length, mime: 'video/mp4'}));
		const {channel, offset} = await mine('upload_go');
		if (transport === 'http') {
			for (let at = offset; at < Math.min(bytes.length, stopAt);)
				at = await socket.upload({job: job.job, upload}, at, bytes.subarray(at, Math.min(at + PART, stopAt)));
			if (stopAt < bytes.length)
				return {offset};
			worker.send(about('upload_end', job, {upload, size: bytes.length}));
			return {...await mine('uploaded'), offset};
		}
		const window = worker.welcome.limits.window;
		let acked = offset;
		for (let at = offset; at < Math.min(bytes.length, stopAt);) {
			while (at + FRAME - acked > window)
				acked = (await mine('ack')).offset;
			const part = bytes.subarray(at, Math.min(at + FRAME, stopAt));
			const frame = Buffer.alloc(HEAD + part.length);
			frame.writeUInt32BE(channel, 0);
			frame.writeBigUInt64BE(BigInt(at), 4);
			part.copy(frame, HEAD);
			socket.send(frame);
			at += part.length;
		}
		if (stopAt < bytes.length)
			return {offset};
		worker.send(about('upload_end', job, {upload, size: bytes.length}));
		return {...await mine('uploaded'), offset};
	};

	/** Upload and result, to the `done` (or `refused`) that answers them. Several videos as a list. */
	worker.finish = async (job, bytes, upload = 'u1') => {
		const videos = [bytes].flat();
		const outputs = videos.map((_, i) => ({upload: i ? `${upload}-${i + 1}` : upload}));
		for (const [i, video] of videos.entries())
			await worker.upload(job, video, {name: outputs[i].upload});
		worker.result(job, outputs);
		return answered(job);
	};

	/** An input of the job, over the connection. */
	worker.input = async (job, number = 0) => {
		worker.send(about('input_get', job, {input: number, offset: 0}));
		const head = await worker.next(frame => ['input', 'refused'].includes(frame.type) && frame.job === job.job &&
			(frame.type === 'refused' || frame.input === number));
		if (head.type === 'refused')
			throw new Error(`input refused: ${head.code} ${head.message}`);
		if (head.url) {
			const answer = await fetch(stack.url + head.url);
			if (!answer.ok)
				throw new Error(`the input's link answered ${answer.status}`);
			return Buffer.from(await answer.arrayBuffer());
		}
		const mine = () => Buffer.concat(binaries.filter(each => each.channel === head.channel).map(each => each.bytes));
		return until(`the ${head.size} bytes of input ${number}`, () => {
			const bytes = mine();
			return bytes.length === head.size && bytes;
		});
	};

	/** Gone, as by a power cut: no close frame, nothing. */
	worker.drop = () => {
		socket.terminate();
		return worker.over;
	};
	worker.close = () => {
		socket.close(1000);
		return worker.over;
	};

	await within(10_000, 'the WebSocket to open', new Promise((resolve, reject) => {
		socket.on('open', resolve);
		socket.on('unexpected-response', (_, answer) => {
			reject(new Error(`the answer to the handshake was ${answer.statusCode}`));
			socket.terminate();
		});
		socket.on('error', reject);
	}));
	if (options.hello === false)
		return worker;
	worker.send({type: 'hello', token, worker: {id, name, kind, version: '1'}, slots, models, jobs});
	worker.welcome = await worker.next('welcome');
	const resumed = worker.welcome.jobs?.filter(each => each.state === 'yours').length ?? 0;
	worker.ready(ready ?? slots - resumed);
	return worker;
}

/**
 * A worker that goes on by itself until stop(): takes jobs, calls make(job, signal) for the bytes of
 * each, hands them over, connects again when the connection breaks and resumes what it holds. It is
 * what a good worker should be, in the fewest lines.
 *
 * make may return a Buffer, or several in a list; an object {fail: code, retryable} or {release: reason, not_before}; it may
 * wait on `signal`, which aborts when the job is cancelled or lost.
 * worker.ended lists {job, lease, status} of all `done`s.
 */
export function steadyWorker(stack, {make, id = randomUUID(), slots = 1, models, name = 'steady', token, transport} = {}) {
	const held = new Map(); // lease -> {job, outcome, abort, delivering}
	const worker = {id, held, ended: [], troubles: [], most: 0, connection: undefined};
	let stopping = false;

	const drop = entry => {
		entry.abort.abort();
		held.delete(entry.job.lease);
	};
	const ready = () => worker.connection?.ready(Math.max(0, slots - held.size));
	/* Each end gives one slot back, once. */
	const over = ({job}, status) => {
		if (!held.delete(job.lease))
			return;
		worker.ended.push({job: job.job, lease: job.lease, status, attempt: job.attempt});
		ready();
	};

	async function deliver(entry) {
		const {job, outcome} = entry;
		const connection = worker.connection;
		if (outcome === undefined || entry.delivering || !connection || connection.closed)
			return;
		entry.delivering = true;
		try {
			const done = Buffer.isBuffer(outcome) || Array.isArray(outcome) ? await connection.finish(job, outcome)
				: outcome.fail ? await connection.fail(job, outcome.fail, outcome)
					: await connection.release(job, outcome.release, outcome);
			over(entry, done.status ?? done.code);
		} catch (error) {
			/* The connection broke, or the job was taken from us: the next welcome tells. */
			worker.troubles.push(`${job.job}: ${error.message}`);
		} finally {
			entry.delivering = false;
		}
		/* Refused, too late, or a new connection came while this one was dying: once more. */
		await pause(50);
		if (held.has(job.lease))
			void deliver(entry);
	}

	function take(job, connection) {
		const entry = {job, abort: new AbortController()};
		held.set(job.lease, entry);
		assert.ok(held.size <= slots, `${held.size} jobs in ${slots} slots`);
		worker.most = Math.max(worker.most, held.size);
		connection.accept(job);
		Promise.resolve(make(job, entry.abort.signal, worker)).then(outcome => {
			entry.outcome = outcome;
			return deliver(entry);
		}, () => {}); // aborted
	}

	function onFrame(frame, connection) {
		if (frame.type === 'job')
			take(frame, connection);
		if (frame.type === 'cancel') {
			const entry = held.get(frame.lease);
			if (entry)
				drop(entry);
			connection.stopped(frame);
			ready();
		}
		/* Of what was handed over before the connection broke: nothing waits for it on this one. */
		if (frame.type === 'done' && held.has(frame.lease))
			over(held.get(frame.lease), frame.status);
	}

	async function run() {
		for (let wait = 50; !stopping; wait = Math.min(wait * 2, 500)) {
			try {
				const jobs = [...held.values()].map(({job}) => ({job: job.job, lease: job.lease, progress: 0}));
				const connection = await connectWorker(stack, {id, name, slots, models, jobs, onFrame, ready: 0, token, transport});
				worker.connection = connection;
				if (stopping)
					connection.socket.terminate();
				wait = 25;
				for (const {lease, state} of connection.welcome.jobs ?? [])
					if (state === 'lost' && held.has(lease))
						drop(held.get(lease));
				for (const entry of held.values())
					void deliver(entry);
				ready();
				await connection.over;
			} catch {
				/* not there yet */
			}
			if (!stopping)
				await pause(wait / 2 + Math.random() * wait / 2);
		}
	}
	const running = run();

	worker.connected = () => until('the worker to be connected', () =>
		worker.connection && !worker.connection.closed);
	worker.stop = async () => {
		stopping = true;
		for (const entry of held.values())
			entry.abort.abort();
		worker.connection?.socket.terminate();
		await running;
	};
	return worker;
}
