/* A stream of events opened by hand. */
import net from 'node:net';

import {within} from './wait.mjs';

/** Opens a stream by hand until the test ends: {status, seen() all that came so far, close()}; read: false never reads. */
export async function listen(t, stack, path, {headers = {}, read = true} = {}) {
	const socket = net.connect({port: stack.port, host: '127.0.0.1'});
	t.after(() => socket.destroy());
	let text = '';
	socket.on('error', () => {});
	await new Promise(resolve => socket.once('connect', resolve));
	socket.write([`GET ${path} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${stack.key}`,
		...Object.entries(headers).map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n'), 'latin1');
	if (!read)
		return {socket, close: () => socket.destroy()};
	await within(10_000, 'an answer', new Promise(resolve => socket.on('data', chunk => {
		text += chunk;
		if (text.includes('\r\n\r\n'))
			resolve();
	})));
	return {socket, status: Number(text.split(' ')[1]), head: text.split('\r\n\r\n')[0], seen: () => text, close: () => socket.destroy()};
}
