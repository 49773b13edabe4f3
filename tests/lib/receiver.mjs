/*
 * A receiver of webhooks, on loopback. It keeps whatever comes, and answers as it is told:
 *
 *	const receiver = await startReceiver();
 *	receiver.answer = (event, n) => n === 1 ? 500 : 204; // status, or a promise of it; null: never
 *	const event = await receiver.next(each => each.body.type === 'video.completed');
 */
import http from 'node:http';

import {until} from './wait.mjs';

export async function startReceiver() {
	const events = []; // {id, headers, text, body, path, at}
	const receiver = {events, answer: () => 204, open: 0, most: 0}; // requests that are open, and how many were at once
	const server = http.createServer(async (request, response) => {
		receiver.most = Math.max(receiver.most, ++receiver.open);
		response.on('close', () => receiver.open--);
		const parts = [];
		for await (const part of request)
			parts.push(part);
		const text = Buffer.concat(parts).toString();
		const event = {id: request.headers['webhook-id'], headers: request.headers, text,
			body: JSON.parse(text), path: request.url, method: request.method, at: Date.now()};
		events.push(event);
		const status = await receiver.answer(event, events.filter(each => each.id === event.id).length);
		if (status === null)
			return;
		response.writeHead(status, {location: '/elsewhere'});
		response.end('thank you');
	});
	await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
	receiver.url = `http://127.0.0.1:${server.address().port}`;

	/** The next event that came, fits, and that no other next() had. */
	receiver.next = (fits = () => true, {ms = 10_000} = {}) => until('a webhook', () => {
		const event = events.find(each => !each.taken && fits(each));
		if (event)
			event.taken = true;
		return event;
	}, {ms});
	receiver.stop = () => {
		server.closeAllConnections();
		return new Promise(resolve => server.close(resolve));
	};
	return receiver;
}
