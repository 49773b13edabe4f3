/*
 * Server-sent events on real processes: nothing lost and nothing twice over crashes, nobody else's,
 * and who leaves is let go.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';

import {onStack} from '../lib/stack.mjs';
import {apiOf, newKey} from '../lib/api.mjs';
import {listen as openStream} from '../lib/listen.mjs';
import {readUntil} from '../lib/sse.mjs';
import {connectWorker, model} from '../lib/worker.mjs';
import {pause, until, within} from '../lib/wait.mjs';

/*
 * Listens to /v1/events as a browser's EventSource does: comes again, after `retry`, with the last
 * id that it has heard. {events, ready(), stop()}.
 */
function listen(api, {path = '/v1/events', from = ''} = {}) {
	const ending = new AbortController();
	const heard = {events: [], lastId: from, connections: 0, stop, ready};
	let retry = 3000;

	function line(text, event) {
		const at = text.indexOf(':');
		const [name, value] = [text.slice(0, at), text.slice(at + 1).trimStart()];
		if (name === 'retry')
			retry = Number(value);
		else if (name)
			event[name] = value;
	}

	function block(text) {
		const event = {};
		text.split('\n').forEach(each => line(each, event));
		heard.lastId = event.id ?? heard.lastId;
		if (event.data)
			heard.events.push({...event, data: JSON.parse(event.data)});
	}

	async function connection() {
		const answer = await fetch(api.stack.url + path, {signal: ending.signal,
			headers: {authorization: `Bearer ${api.key}`, ...(heard.lastId && {'last-event-id': heard.lastId})}});
		assert.equal(answer.status, 200);
		heard.connections++;
		let rest = '';
		for await (const chunk of answer.body.pipeThrough(new TextDecoderStream())) {
			const blocks = (rest + chunk).split('\n\n');
			rest = blocks.pop();
			blocks.forEach(block);
		}
	}

	const done = (async () => {
		while (!ending.signal.aborted) {
			await connection().catch(() => {});
			await pause(Math.min(retry, 100)); // as told, but the test has less time
		}
	})();

	function stop() {
		ending.abort();
		return done;
	}
	api.stack.atEnd.push(stop); // also when a test fails
	function ready() {
		return until('the stream to begin', () => heard.lastId !== '');
	}
	return heard;
}

/* No event twice, and the ids grow. */
function assertInOrder(events) {
	const ids = events.map(each => Number(each.id));
	assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b));
}

const statesOf = (events, id) => events.filter(each => each.data.id === id).map(each => each.data.status);

for (const victim of ['gateway', 'jobs'])
	onStack(`kill -9 of ${victim} under listeners: no event is lost, none comes twice`, {sandbox: false}, async stack => {
		const api = apiOf(stack);
		const worker = await connectWorker(stack, {models: [model('toy')], ready: 0});
		await api.offered('toy');
		const listener = listen(api);
		await listener.ready();
		const made = [];
		for (let round = 0; round < 3; round++) {
			for (let i = 0; i < 5; i++)
				made.push(await api.create({model: 'toy'}));
			await api.cancel(made.at(-1).id);
			await api.remove(made.at(-2).id);
			await stack.restarted(victim, stack.kill(victim));
			await stack.ready();
			await api.cancel(made.at(-3).id);
		}
		const last = await api.create({model: 'toy'});
		await until('the last to be told', () => listener.events.some(each => each.data.id === last.id));
		assertInOrder(listener.events);
		for (const [i, {id}] of made.entries()) {
			const told = listener.events.filter(each => each.data.id === id);
			assert.ok(told.length, `${id} was never told`);
			const now = i % 5 === 3 ? 'video.deleted' : ['queued', 'queued', 'cancelled', '', 'cancelled'][i % 5];
			assert.equal(told.at(-1).data.status ?? told.at(-1).event, now, `the last state of ${id}`);
			assert.ok(told.length <= 2, `${id}: ${JSON.stringify(statesOf(listener.events, id))}`);
		}
		await listener.stop();
		await worker.close();
	});

onStack('one that was away hears of what it missed; a new one only of what comes', {sandbox: false}, async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [model('toy')], ready: 0});
	await api.offered('toy');
	const first = listen(api);
	await first.ready();
	await api.create({model: 'toy'});
	await until('one event', () => first.events.length === 1);
	await first.stop();
	const missed = [];
	for (let i = 0; i < 250; i++) // more than a page
		missed.push((await api.create({model: 'toy'})).id);
	const again = listen(api, {from: first.lastId});
	await until('the rest', () => again.events.length >= 250);
	assert.deepEqual(again.events.map(each => each.data.id), missed);
	assertInOrder(again.events);
	const fresh = listen(api, {path: `/v1/events?last_event_id=${again.events.at(-2).id}`});
	await until('the last one', () => fresh.events.length);
	assert.deepEqual(fresh.events.map(each => each.data.id), missed.slice(-1));
	for (const each of [again, fresh])
		await each.stop();
	await worker.close();
});

onStack('two keys never hear of each other', {sandbox: false}, async stack => {
	const keys = [apiOf(stack, await newKey(stack, 'one')), apiOf(stack, await newKey(stack, 'two'))];
	const worker = await connectWorker(stack, {models: [model('toy')], ready: 0});
	await keys[0].offered('toy');
	const heard = keys.map(api => listen(api));
	for (const each of heard)
		await each.ready();
	const made = [[], []];
	for (let i = 0; i < 20; i++)
		made[i % 2].push((await keys[i % 2].create({model: 'toy'})).id);
	for (const i of [0, 1]) {
		await until('its events', () => heard[i].events.length >= 10);
		assert.deepEqual(heard[i].events.map(each => each.data.id), made[i]);
		const stranger = await keys[i].get(`/v1/videos/${made[1 - i][0]}/events`);
		assert.equal(stranger.status, 404);
	}
	for (const each of heard)
		await each.stop();
	await worker.close();
});

onStack('listeners who leave are let go, and their connections with them', {sandbox: false}, async stack => {
	const api = apiOf(stack);
	const sockets = () => fs.readdirSync(`/proc/${stack.pid('gateway')}/fd`).length;
	const before = sockets();
	const listeners = Array.from({length: 100}, () => listen(api));
	for (const each of listeners)
		await each.ready();
	/* Of those before some may have been closed since. */
	assert.ok(sockets() >= before + 90, `${sockets()} open, ${before} before`);
	await Promise.all(listeners.map(each => each.stop()));
	await until('their connections to be closed', () => sockets() < before + 10, {ms: 30_000});
	const figures = await (await fetch(`${stack.url}/metrics`)).text();
	assert.match(figures, /^arena_gateway_waits 0$/m);
});

onStack('500 listeners of one job all hear of its end', {sandbox: false}, async (stack, t) => {
	const api = apiOf(stack);
	const {id} = await api.create({model: 'sandbox'});
	const streams = [];
	while (streams.length < 500)
		streams.push(...await Promise.all(Array.from({length: 50}, (_, i) =>
			openStream(t, stack, i % 2 ? '/v1/events' : `/v1/videos/${id}/events`))));
	assert.ok(streams.every(each => each.status === 200));
	await api.cancel(id);
	await until('all to have heard', () => streams.every(each => each.seen().includes('"status":"cancelled"')));
});

onStack('a job that waits tells its place in the queue, and a stream of it ends with it', {sandbox: false}, async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [model('toy')], ready: 0});
	await api.offered('toy');
	const first = await api.create({model: 'toy'});
	const second = await api.create({model: 'toy'});
	const seen = [];
	const all = (async () => {
		for await (const {data} of api.events(second.id))
			seen.push(data);
	})();
	await until('its place', () => seen.at(-1)?.queue_position === 2);
	await api.cancel(first.id);
	await until('the next place', () => seen.at(-1)?.queue_position === 1);
	await api.cancel(second.id);
	await within(10_000, 'the end of the stream', all);
	assert.equal(seen.at(-1).status, 'cancelled');
	const again = await api.get(`/v1/videos/${second.id}/events`, {headers: {'last-event-id': '1'}});
	assert.equal(again.status, 200);
	await worker.close();
});

onStack('a stream that has nothing to tell says each 15 s that it is there', {sandbox: false}, async (stack, t) => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [model('toy')], ready: 0});
	await api.offered('toy');
	const {id} = await api.create({model: 'toy'});
	const begun = Date.now();
	const streams = await Promise.all(['/v1/events', `/v1/videos/${id}/events`].map(path => openStream(t, stack, path)));
	for (const stream of streams) {
		await until('a comment', () => /\n: still here\n\n/.test(stream.seen()), {ms: 25_000});
		assert.ok(Date.now() - begun > 14_000, 'not before its time');
		assert.match(stream.head, /^content-type: text\/event-stream/im);
		stream.close();
	}
	await worker.close();
});

onStack('when the gateway stops, streams end whole', {sandbox: false}, async stack => {
	const api = apiOf(stack);
	const answer = await fetch(`${stack.url}/v1/events`, {headers: {authorization: `Bearer ${api.key}`}});
	const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
	await readUntil(reader, /^retry: 2000\n\nid: \d+\n\n/);
	stack.kill('gateway', 'SIGTERM');
	await within(10_000, 'the end', (async () => { // an error when the connection is cut in the middle
		while (!(await reader.read()).done);
	})());
});
