/*
 * HTTP byte by byte, for what no client library sends.
 */
import net from 'node:net';

import {within} from './wait.mjs';

/** A connection to the stack's port: {send(text or bytes), answer(), close(), ended}. */
export async function rawConnection(stack) {
	const socket = net.connect(stack.port, '127.0.0.1');
	let received = Buffer.alloc(0);
	let wake = () => {};
	socket.on('data', chunk => {
		received = Buffer.concat([received, chunk]);
		wake();
	});
	socket.on('error', () => {}); // the other side may close while we still send
	const ended = new Promise(resolve => socket.on('close', () => {
		wake();
		resolve();
	}));
	await new Promise((resolve, reject) => {
		socket.once('connect', resolve);
		socket.once('error', reject);
	});

	/* The head and as much of the body as Content-Length says, without waiting for the end. */
	async function answer(ms = 10_000) {
		const complete = () => {
			const end = received.indexOf('\r\n\r\n');
			if (end < 0)
				return undefined;
			const [first, ...lines] = received.subarray(0, end).toString('latin1').split('\r\n');
			const headers = Object.fromEntries(lines.map(line => {
				const at = line.indexOf(':');
				return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
			}));
			const length = Number(headers['content-length'] ?? 0);
			const body = received.subarray(end + 4, end + 4 + length);
			if (body.length < length)
				return undefined;
			return {status: Number(first.split(' ')[1]), headers, text: body.toString(),
				body: (headers['content-type'] ?? '').startsWith('application/json') ? JSON.parse(body) : undefined};
		};
		return within(ms, 'an answer', (async () => {
			for (;;) {
				const got = complete();
				if (got)
					return got;
				if (socket.destroyed)
					throw new Error(`closed without an answer; it said: ${JSON.stringify(received.toString('latin1'))}`);
				await new Promise(resolve => wake = resolve);
			}
		})());
	}

	return {
		answer, ended, socket,
		send: bytes => new Promise(resolve => socket.write(bytes, () => resolve())),
		close: () => {
			socket.destroy();
			return ended;
		},
	};
}

/** One request as bytes: head lines without the end of line. */
export async function rawRequest(stack, lines, body = '') {
	const connection = await rawConnection(stack);
	try {
		await connection.send(`${lines.join('\r\n')}\r\n\r\n`);
		if (body.length)
			await connection.send(body);
		return await connection.answer();
	} finally {
		await connection.close();
	}
}
