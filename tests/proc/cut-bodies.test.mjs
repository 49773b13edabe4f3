/*
 * A body that is cut at every one of its bytes, on every route that takes one: with the length of what
 * is there, so that the server answers, and with the length of the whole, when the client is gone.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import net from 'node:net';

import {sharedStack} from '../lib/stack.mjs';
import {apiOf} from '../lib/api.mjs';
import {assertNothingLeft, inventory} from '../lib/bad.mjs';
import {png, tinyMp4} from '../lib/media.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

/* A connection whose client is gone is noticed after this time at the latest. */
const shared = sharedStack({sandbox: false, env: {ARENA_IDLE: '10s'}});
const picture = png(8, 8);
const url = `data:image/png;base64,${picture.toString('base64')}`;
let video;
let before;

shared.test('a video to remix', async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [model('toy')]});
	await api.offered('toy');
	const {id} = await api.create({model: 'toy'});
	const job = await worker.next('job');
	worker.accept(job);
	await worker.finish(job, tinyMp4());
	worker.ready(0);
	video = await api.wait(id, 'completed');
	before = await inventory(stack);
});

/* A form, to the byte; `end` is where it is whole, though a line end follows. */
function form(parts) {
	const lines = parts.flatMap(([name, value, file]) => [
		`--b\r\nContent-Disposition: form-data; name="${name}"${file ? `; filename="${file}"\r\nContent-Type: image/png` : ''}\r\n\r\n`, value, '\r\n']);
	const bytes = Buffer.concat([...lines, '--b--\r\n'].map(each => Buffer.from(each)));
	return {type: 'multipart/form-data; boundary=b', bytes, end: bytes.length - 2};
}

function json(value) {
	const bytes = Buffer.from(JSON.stringify(value));
	return {type: 'application/json', bytes, end: bytes.length};
}

const video_ = {prompt: 'schön ☃', model: 'toy', seconds: '1', size: '128x128', seed: 7, n: 1};
const bodies = {
	'/v1/videos': [json({...video_, input_reference: {image_url: url}}), form([['prompt', 'schön ☃'], ['model', 'toy'], ['input_reference', picture, 'a.png'], ['size', '128x128']])],
	'/v1/videos/generations': [json({...video_, async: true}), form([['input_reference[image_url]', url], ['prompt', 'a'], ['model', 'toy'], ['async', 'true']])],
	'/v1/videos/VIDEO/remix': [json({prompt: 'another'}), form([['prompt', 'another']])],
	'/v1/chat/completions': [json({model: 'toy', messages: [{role: 'user', content: [{type: 'text', text: 'a'}, {type: 'image_url', image_url: {url}}]}]})],
	'/api/v1/videos': [json({...video_, frame_images: [{type: 'image_url', frame_type: 'first_frame', image_url: {url}}]})],
	'/v1/files': [form([['purpose', 'vision'], ['file', picture, 'a.png']])],
	'/v1/webhook_endpoints': [json({url: 'https://example.com/hook', events: ['video.completed']})],
};

/* One after the other on one connection, as long as the server keeps it. */
async function statuses(stack, path, {type, bytes, end}) {
	const agent = new http.Agent({keepAlive: true, maxSockets: 1});
	const post = body => new Promise((resolve, reject) => http.request({agent, method: 'POST', port: stack.port, path,
		headers: {authorization: `Bearer ${stack.key}`, 'content-type': type, 'content-length': body.length}}, answer => {
		let text = '';
		answer.setEncoding('utf8').on('data', part => text += part).on('end', () => resolve({status: answer.statusCode, text}));
	}).on('error', reject).end(body));
	try {
		return await Promise.all(Array.from({length: end}, (_, at) => post(bytes.subarray(0, at))));
	} finally {
		agent.destroy();
	}
}

/* A client that leaves when so much of its body is sent. */
const leave = (stack, path, {type, bytes}, at) => new Promise(resolve => {
	const socket = net.connect(stack.port, '127.0.0.1', () => {
		socket.write(`POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${stack.key}\r\nContent-Type: ${type}\r\n` +
			`Content-Length: ${bytes.length}\r\n\r\n`);
		socket.write(bytes.subarray(0, at), () => socket.destroy());
	});
	/* The server may have hung up before. */
	socket.on('data', () => {}).on('error', () => {}).on('close', resolve);
});

for (const [path, kinds] of Object.entries(bodies))
	for (const body of kinds) {
		const what = `POST ${path}, ${body.type.startsWith('multi') ? 'a form' : 'JSON'}, cut at each of ${body.end} bytes`;

		shared.test(`${what}: 400`, async stack => {
			const seen = await statuses(stack, path.replace('VIDEO', video.id), body);
			const wrong = seen.map((each, at) => ({at, ...each})).filter(({status, text}) => status !== 400 || !JSON.parse(text).error.message);
			assert.deepEqual(wrong.slice(0, 3), []);
		});

		shared.test(`${what}, and the client is gone: nothing happens`, async stack => {
			const places = Array.from({length: body.end}, (_, at) => at);
			await Promise.all(Array.from({length: 16}, async () => {
				while (places.length)
					await leave(stack, path.replace('VIDEO', video.id), body, places.pop());
			}));
		});
	}

shared.test('after all that nothing was made or stored, and nobody has died', stack => assertNothingLeft(stack, before));
