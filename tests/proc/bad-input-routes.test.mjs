/*
 * Bad input on every route that is not simply "make a video": remix, edits, chat, OpenRouter's shape,
 * files, webhook endpoints, lists, events, content, models. bad-input.test.mjs has the rest.
 */
import assert from 'node:assert/strict';

import {sharedStack} from '../lib/stack.mjs';
import {apiOf, formOf, newKey} from '../lib/api.mjs';
import {assertNothingLeft, assertRefused, errorOf, inventory, withFile} from '../lib/bad.mjs';
import {jpeg, png, pngClaiming, tinyMp4} from '../lib/media.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const shared = sharedStack({sandbox: false});
const MB = 1 << 20;
const NONE = '00000000000000000000000000000000';
const dataUrl = (bytes, mime = 'image/png') => `data:${mime};base64,${Buffer.from(bytes).toString('base64')}`;
const picture = dataUrl(png(64, 64));
const deep = `${'['.repeat(1000)}${']'.repeat(1000)}`;
const json = {headers: {'content-type': 'application/json'}};

const ours = {};    // what the owner has
let before;         // what there was when all was made

shared.test('a worker, a video, a job, a file and an endpoint to be rude to', async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [
		model('toy', {max_width: 640, max_height: 640, max_seconds: 8, max_prompt: 1000, operations: ['edit']}),
		model('words', {inputs: ['text']}),
	]});
	await api.offered('toy');
	const {id} = await api.create({model: 'toy'});
	const job = await worker.next('job');
	worker.accept(job);
	await worker.finish(job, tinyMp4());
	worker.ready(0);
	ours.video = await api.wait(id, 'completed');
	ours.waiting = await api.create({model: 'toy'});
	ours.file = await api.good(api.post('/v1/files', {form: withFile(png(32, 32), {purpose: 'vision'})}));
	ours.endpoint = await api.good(api.post('/v1/webhook_endpoints', {json: {url: 'https://example.com/hook'}}));
	before = await inventory(stack);
});

/* ---- bodies ---- */

/* What no JSON body may be, whatever it is about. */
const badJson = [
	['an empty body', {json: ''}, 400, ['invalid_json', 'missing_required_parameter'], undefined],
	['cut JSON', {json: '{"prompt": "a'}, 400, 'invalid_json', null],
	['JSON and more', {json: '{} x'}, 400, 'invalid_json', null],
	['a list', {json: '[]'}, 400, 'invalid_json', null],
	['a text', {json: '"prompt"'}, 400, 'invalid_json', null],
	['null', {json: 'null'}, 400, 'invalid_json', null],
	['too deep', {json: `{"prompt":${deep}}`}, 400, 'invalid_json', null],
	['not UTF-8', {body: Buffer.from('{"prompt":"\xff\xfe"}', 'latin1'), ...json}, 400, 'invalid_json', null],
	['half a surrogate pair', {json: '{"prompt":"\\ud800"}'}, 400, null, undefined],
	['a NUL', {json: '{"prompt":"a\\u0000b"}'}, 400, 'invalid_json', null],
	['a trailing comma', {json: '{"prompt":"a",}'}, 400, 'invalid_json', null],
	['single quotes', {json: '{\'prompt\':\'a\'}'}, 400, 'invalid_json', null],
	['a byte order mark alone', {body: Buffer.from([0xef, 0xbb, 0xbf]), ...json}, 400, null, undefined],
	['a body of another type', {body: 'prompt=x', headers: {'content-type': 'text/plain'}}, 415, 'unsupported_media_type', null],
	['a form of the other kind', {body: 'prompt=x', headers: {'content-type': 'application/x-www-form-urlencoded'}}, 415, 'unsupported_media_type', null],
];

const badWebhookUrls = param => [
	['a number', 5], ['empty', ''], ['no link', 'not a link'], ['another scheme', 'ftp://example.com/'], ['no host', 'http://'],
	['a user name', 'https://user:word@example.com/'], ['a file', 'file:///etc/passwd'], ['a space', 'https://exa mple.com/'],
	['a line end', 'https://example.com/\r\nX: y'], ['3000 characters', `https://example.com/${'a'.repeat(3000)}`],
	['a private address', 'http://127.0.0.1:9/'], ['a private address in IPv6', 'http://[::1]/'], ['a cloud\'s own address', 'http://169.254.169.254/'],
	['a port that is none', 'https://example.com:99999/'],
].map(([what, url]) => [`${param}: ${what}`, {[param]: url}, 400, 'invalid_value', param]);

/* Rows of fields instead of options. */
const fields = (good, rows) => rows.map(([what, change, ...rest]) => [what, {json: {...good, ...change}}, ...rest]);
const missing = (good, name) => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));

const remix = {prompt: 'another'};
const remixRows = [
	...badJson,
	...fields(remix, [
		['an empty prompt', {prompt: ''}, 400, 'invalid_value', 'prompt'],
		['a prompt that is a number', {prompt: 1}, 400, 'invalid_value', 'prompt'],
		['a prompt that is too long', {prompt: 'a'.repeat(1001)}, 400, 'prompt_too_long', 'prompt'],
		['a size that the model has not', {size: '1280x720'}, 400, 'invalid_value', 'size'],
		['seconds that the model has not', {seconds: '9'}, 400, 'invalid_value', 'seconds'],
		['an unknown model', {model: 'no-such'}, 400, 'model_not_found', 'model'],
	]),
	['no prompt', {json: {}}, 400, 'missing_required_parameter', 'prompt'],
	['a form without prompt', {form: formOf({seconds: '1'})}, 400, 'missing_required_parameter', 'prompt'],
	['a form that is cut', {body: '--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nhel', headers: {'content-type': 'multipart/form-data; boundary=x'}}, 400, 'invalid_multipart', null],
];

const editRows = [
	...badJson,
	['no prompt', {json: {video: {id: `video_${NONE}`}}}, 400, 'missing_required_parameter', 'prompt'],
	['no video', {json: {prompt: 'a'}}, 400, 'missing_required_parameter', 'video'],
	['a video that is a number', {json: {prompt: 'a', video: 5}}, 400, 'invalid_value', 'video'],
	['a video that is a list', {json: {prompt: 'a', video: []}}, 400, ['invalid_value', 'missing_required_parameter'], 'video'],
	['a video without id', {json: {prompt: 'a', video: {}}}, 400, ['invalid_value', 'missing_required_parameter'], ['video', 'video.id', 'video[id]']],
	['an id that is a number', {json: {prompt: 'a', video: {id: 5}}}, 400, 'invalid_value', ['video', 'video.id', 'video[id]']],
	['a video that is not there', {json: {prompt: 'a', video: {id: `video_${NONE}`}}}, 404, 'not_found', undefined],
	['a form with a video that is not there', {form: formOf({prompt: 'a', 'video[id]': `video_${NONE}`})}, 404, 'not_found', undefined],
];

const say = content => ({messages: [{role: 'user', content}]});
const text = {type: 'text', text: 'a'};
const chat = {model: 'toy', ...say('a test')};
const chatRows = [
	...badJson,
	['a form', {form: formOf({model: 'toy', prompt: 'a'})}, 415, 'unsupported_media_type', null],
	['no messages', {json: missing(chat, 'messages')}, 400, 'missing_required_parameter', 'messages'],
	...fields(chat, [
		['messages that are a text', {messages: 'hello'}, 400, 'invalid_value', 'messages'],
		['messages that are an object', {messages: {role: 'user'}}, 400, 'invalid_value', 'messages'],
		['no message', {messages: []}, 400, ['missing_required_parameter', 'invalid_value'], 'messages'],
		['messages that are numbers', {messages: [1, 2]}, 400, null, 'messages'],
		['messages without role', {messages: [{content: 'a'}]}, 400, null, 'messages'],
		['no message of the user', {messages: [{role: 'system', content: 'a'}]}, 400, 'missing_required_parameter', 'messages'],
		['a message without content', {messages: [{role: 'user'}]}, 400, null, 'messages'],
		['content null', say(null), 400, null, 'messages'],
		['an empty text', say(''), 400, null, 'messages'],
		['a blank text', say(' \n'), 400, null, 'messages'],
		['content that is a number', say(5), 400, 'invalid_value', 'messages'],
		['content without parts', say([]), 400, 'missing_required_parameter', 'messages'],
		['parts that are numbers', say([1]), 400, null, 'messages'],
		['a text part without text', say([{type: 'text'}]), 400, null, 'messages'],
		['a text part that is a number', say([{type: 'text', text: 5}]), 400, null, 'messages'],
		['only a picture', say([{type: 'image_url', image_url: {url: picture}}]), 400, 'missing_required_parameter', 'messages'],
		['a picture without link', say([text, {type: 'image_url', image_url: {}}]), 400, null, 'messages'],
		['a picture that is a number', say([text, {type: 'image_url', image_url: {url: 7}}]), 400, 'invalid_value', 'messages'],
		['a picture that is none', say([text, {type: 'image_url', image_url: {url: dataUrl('hello')}}]), 400, 'invalid_image', ['messages', null]],
		['a picture by a file link', say([text, {type: 'image_url', image_url: {url: 'file:///etc/passwd'}}]), 400, 'invalid_value', 'messages'],
		['a picture at a private address', say([text, {type: 'image_url', image_url: {url: 'http://127.0.0.1:9/a.png'}}]), [400, 403], null, 'messages'],
		['a text that is too long', say('a'.repeat(1001)), 400, 'prompt_too_long', ['messages', 'prompt']],
		['a text that is longer than any may be', say('a'.repeat(32_001)), 400, 'prompt_too_long', ['messages', 'prompt']],
		['an unknown model', {model: 'gpt-4o'}, 400, 'model_not_found', 'model'],
		['a model that is a list', {model: ['toy']}, 400, 'invalid_value', 'model'],
		['two answers', {n: 2}, 400, 'invalid_value', 'n'],
		['stream that is a word', {stream: 'please'}, 400, 'invalid_value', 'stream'],
		['seconds over the limit', {seconds: 9}, 400, 'invalid_value', 'seconds'],
		['a size that is a word', {size: 'large'}, 400, 'invalid_value', 'size'],
	]),
];

const router = {model: 'toy', prompt: 'a test', duration: 1, size: '128x128'};
const frame = (url, frame_type = 'first_frame') => ({type: 'image_url', frame_type, image_url: {url}});
const routerRows = [
	...badJson,
	['no prompt', {json: missing(router, 'prompt')}, 400, 'missing_required_parameter', 'prompt'],
	...fields(router, [
		['an empty prompt', {prompt: ''}, 400, 'invalid_value', 'prompt'],
		['a prompt that is a list', {prompt: ['a']}, 400, 'invalid_value', 'prompt'],
		['a prompt that is too long', {prompt: 'a'.repeat(1001)}, 400, 'prompt_too_long', 'prompt'],
		['an unknown model', {model: 'google/veo-9'}, 400, 'model_not_found', 'model'],
		['no duration', {duration: 0}, 400, 'invalid_value', ['duration', 'seconds']],
		['a negative duration', {duration: -1}, 400, 'invalid_value', ['duration', 'seconds']],
		['half a second', {duration: 1.5}, 400, 'invalid_value', ['duration', 'seconds']],
		['a duration that is a word', {duration: 'long'}, 400, 'invalid_value', ['duration', 'seconds']],
		['a duration over the limit', {duration: 9}, 400, 'invalid_value', ['duration', 'seconds']],
		['a size that is a word', {size: 'x'}, 400, 'invalid_value', 'size'],
		['a resolution that is none', {size: undefined, resolution: '9p'}, 400, 'invalid_value', 'resolution'],
		['a resolution that is a number', {size: undefined, resolution: 720}, 400, 'invalid_value', 'resolution'],
		['an aspect ratio that is none', {size: undefined, aspect_ratio: 'wide'}, 400, 'invalid_value', 'aspect_ratio'],
		['an aspect ratio of nothing', {size: undefined, aspect_ratio: '0:0'}, 400, 'invalid_value', 'aspect_ratio'],
		['a seed that is a word', {seed: 'x'}, 400, 'invalid_value', 'seed'],
		['frames that are a text', {frame_images: 'a'}, 400, 'invalid_value', 'frame_images'],
		['frames that are numbers', {frame_images: [1]}, 400, 'invalid_value', 'frame_images'],
		['a frame without link', {frame_images: [{type: 'image_url', frame_type: 'first_frame'}]}, 400, null, 'frame_images'],
		['a frame of an unknown kind', {frame_images: [frame(picture, 'middle_frame')]}, 400, 'invalid_value', 'frame_images'],
		['two first frames', {frame_images: [frame(picture), frame(picture)]}, 400, 'invalid_value', 'frame_images'],
		['a frame that is no picture', {frame_images: [frame(dataUrl('hello'))]}, 400, 'invalid_image', ['frame_images', null]],
		['a frame at a private address', {frame_images: [frame('http://[::1]:9/a.png')]}, [400, 403], null, 'frame_images'],
		['a last frame that the model cannot use', {frame_images: [frame(picture), frame(picture, 'last_frame')]}, 400, 'invalid_value', ['frame_images', 'last_frame']],
		['a frame for a model without', {model: 'words', frame_images: [frame(picture)]}, 400, 'invalid_value', ['frame_images', 'image', 'model']],
		...badWebhookUrls('callback_url'),
	]),
];

const cutForm = '--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n';
const files = bytes => ({form: withFile(Buffer.from(bytes), {purpose: 'vision'})});
const fileRows = [
	['JSON', {json: {purpose: 'vision'}}, 415, 'unsupported_media_type', null],
	['no body', {}, [400, 415], null, undefined],
	['no file', {form: formOf({purpose: 'vision'})}, 400, 'missing_required_parameter', 'file'],
	['a file that is a text field', {form: formOf({purpose: 'vision', file: 'hello'})}, 400, null, 'file'],
	['an empty file', files(''), 400, ['invalid_image', 'invalid_value'], ['file', null]],
	['a text', files('this is text'), 400, 'invalid_image', ['file', null]],
	['an SVG', files('<svg xmlns="http://www.w3.org/2000/svg"/>'), 400, 'invalid_image', ['file', null]],
	['HTML that begins as a GIF', files('GIF89a<script>alert(1)</script>'), 400, 'invalid_image', ['file', null]],
	['a video', files(tinyMp4()), 400, 'invalid_image', ['file', null]],
	['the beginning of a JPEG', files(jpeg(64, 64).subarray(0, 100)), 400, 'invalid_image', ['file', null]],
	['a picture that claims 9000 x 9000', files(pngClaiming(9000, 9000)), 400, 'invalid_image', ['file', null]],
	['a picture over 10 MB', files(Buffer.concat([png(64, 64), Buffer.alloc(10 * MB)])), 413, 'request_too_large', undefined],
	['two files', {form: (() => {
		const form = withFile(png(32, 32), {purpose: 'vision'});
		form.append('file', new Blob([png(64, 64)]), 'b.png');
		return form;
	})()}, 400, 'invalid_value', ['file', null]],
	['a form without boundary', {body: 'x', headers: {'content-type': 'multipart/form-data'}}, 400, ['invalid_multipart', 'bad_request'], null],
	['a form that is cut', {body: cutForm, headers: {'content-type': 'multipart/form-data; boundary=x'}}, 400, 'invalid_multipart', null],
	['a form that is none', {body: 'garbage', headers: {'content-type': 'multipart/form-data; boundary=x'}}, 400, ['invalid_multipart', 'missing_required_parameter'], undefined],
];

const endpoint = {url: 'https://example.com/other'};
const endpointFields = [
	...badWebhookUrls('url'),
	['events that are a text', {events: 'video.completed'}, 400, 'invalid_value', 'events'],
	['events that are numbers', {events: [1]}, 400, 'invalid_value', 'events'],
	['an unknown event', {events: ['video.exploded']}, 400, 'invalid_value', 'events'],
	['a name that is a number', {name: 5}, 400, 'invalid_value', 'name'],
	['a very long name', {name: 'a'.repeat(5000)}, 400, 'invalid_value', 'name'],
	['disabled that is a word', {disabled: 'perhaps'}, 400, 'invalid_value', 'disabled'],
];
const endpointRows = [
	...badJson.filter(([what]) => !/surrogate|empty body/.test(what)),
	...fields(endpoint, endpointFields),
	['no url', {json: {}}, 400, 'missing_required_parameter', 'url'],
	['no body', {}, [400, 415], null, undefined],
	['a form', {form: formOf(endpoint)}, 415, 'unsupported_media_type', null],
	['100 KB', {json: {...endpoint, rest: 'a'.repeat(100_000)}}, 413, 'request_too_large', undefined],
];

const tables = {
	'/v1/videos/VIDEO/remix': remixRows,
	'/v1/videos/edits': editRows,
	'/v1/chat/completions': chatRows,
	'/api/v1/videos': routerRows,
	'/v1/files': fileRows,
	'/v1/webhook_endpoints': endpointRows,
	'/v1/webhook_endpoints/ENDPOINT': fields({}, endpointFields),
};
const real = path => path.replace('VIDEO', ours.video.id).replace('ENDPOINT', ours.endpoint.id);

for (const [path, rows] of Object.entries(tables))
	for (const row of rows)
		shared.test(`POST ${path}: ${row[0]}`, async stack => {
			await assertRefused(apiOf(stack), 'POST', real(path), row);
		});

shared.test('what no worker offers: 501, and no second try', async stack => {
	const api = apiOf(stack);
	const asked = [
		['POST', '/v1/videos/extensions', {json: {prompt: 'a', seconds: '4', video: {id: ours.video.id}}}],
		['POST', '/v1/videos/characters', {form: withFile(tinyMp4(), {name: 'Bo'}, 'video', 'a.mp4')}],
		['POST', '/v1/videos/characters', {json: {name: 'Bo'}}],
		['GET', '/v1/videos/characters/char_1', {}],
	];
	for (const [method, path, options] of asked) {
		const answer = await api.call(method, path, options);
		assert.equal(answer.status, 501, `${method} ${path}: ${answer.bytes}`);
		assert.equal(errorOf(answer).code, 'not_offered');
		assert.equal(answer.headers.get('x-should-retry'), 'false');
	}
});

shared.test('a remix of what is not ready: 409, not to be tried again', async stack => {
	const answer = await apiOf(stack).post(`/v1/videos/${ours.waiting.id}/remix`, {json: remix});
	assert.equal(answer.status, 409, answer.bytes.toString());
	assert.equal(errorOf(answer).code, 'video_not_ready');
	assert.equal(answer.headers.get('x-should-retry'), 'false');
});

/* ---- addresses, methods, keys ---- */

/* Every route with an id, and whose id it takes. */
const withId = ({video, file, endpoint}) => [
	['POST', `/v1/videos/${video}/remix`, remix], ['GET', `/api/v1/videos/${video}`], ['GET', `/api/v1/videos/${video}/content`],
	['POST', '/v1/videos/edits', {prompt: 'a', video: {id: video}}],
	['POST', '/v1/videos', {prompt: 'a', model: 'toy', input_reference: {file_id: file}}],
	['GET', `/v1/files/${file}`], ['GET', `/v1/files/${file}/content`], ['DELETE', `/v1/files/${file}`], ['GET', `/v1/files?after=${file}`],
	['GET', `/v1/webhook_endpoints/${endpoint}`], ['POST', `/v1/webhook_endpoints/${endpoint}`, {disabled: true}],
	['PATCH', `/v1/webhook_endpoints/${endpoint}`, {disabled: true}], ['DELETE', `/v1/webhook_endpoints/${endpoint}`],
	['POST', `/v1/webhook_endpoints/${endpoint}/rotate_secret`], ['POST', `/v1/webhook_endpoints/${endpoint}/test`],
	['GET', `/v1/webhook_endpoints/${endpoint}/deliveries`],
];

async function assertUnknown(api, ids) {
	for (const [method, path, body] of withId(ids)) {
		const answer = await api.call(method, path, body && {json: body});
		assert.ok([404, 400].includes(answer.status), `${method} ${path}: ${answer.status} ${answer.bytes}`);
		if (answer.status === 400 && !JSON.stringify(body ?? '').includes('file_id'))
			assert.match(path, /after=|%/);
		errorOf(answer);
	}
}

for (const [what, of] of Object.entries({
	'never given': kind => `${kind}_${NONE}`, 'of another kind': kind => `${kind === 'file' ? 'video' : 'file'}_${NONE}`, 'too long': kind => `${kind}_${'f'.repeat(64)}`,
	'with a path in it': () => '%2e%2e%2fetc', 'with a NUL': () => 'a%00b', 'of bad UTF-8': () => '%ff%fe',
}))
	shared.test(`an id that was ${what}: 404 on every route`, stack =>
		assertUnknown(apiOf(stack), {video: of('video'), file: of('file'), endpoint: of('we')}));

shared.test('another key\'s ids are 404 on every route, and nothing happens to what is there', async stack => {
	const other = apiOf(stack, await newKey(stack, 'nosy'));
	await assertUnknown(other, {video: ours.video.id, file: ours.file.id, endpoint: ours.endpoint.id});
	for (const path of ['/v1/files', '/v1/webhook_endpoints', '/v1/videos'])
		assert.deepEqual((await other.good(other.get(path))).data, [], path);
	const api = apiOf(stack);
	assert.deepEqual(await api.good(api.get(`/v1/webhook_endpoints/${ours.endpoint.id}`)), ours.endpoint, 'with the secret that it had');
	assert.deepEqual(await api.good(api.get(`/v1/files/${ours.file.id}`)), ours.file);
});

shared.test('no key and a wrong key: 401 on every route', async stack => {
	const wanting = [...withId({video: ours.video.id, file: ours.file.id, endpoint: ours.endpoint.id}),
		['GET', '/v1/events'], ['GET', `/v1/videos/${ours.video.id}/events`], ['GET', '/v1/models'], ['GET', '/v1/models/toy'],
		['GET', '/v1/files'], ['POST', '/v1/files', {}], ['GET', '/v1/webhook_endpoints'], ['POST', '/v1/webhook_endpoints', endpoint],
		['POST', '/v1/chat/completions', chat], ['POST', '/api/v1/videos', router], ['GET', '/api/v1/videos/models'],
		['POST', '/v1/videos/extensions', {}], ['POST', '/v1/videos/characters', {}], ['GET', '/v1/videos/characters/char_1']];
	for (const headers of [{}, {authorization: `Bearer av_${'x'.repeat(43)}`}, {authorization: `Basic ${btoa(`:${stack.key}`)}`},
		{authorization: `Bearer ${stack.workerKey}`}])
		for (const [method, path, body] of wanting) {
			const answer = await apiOf(stack, null).call(method, path, {headers, json: body});
			assert.equal(answer.status, 401, `${method} ${path}: ${answer.status} ${answer.bytes}`);
			assert.equal(errorOf(answer).code, 'invalid_api_key');
			assert.match(answer.headers.get('www-authenticate'), /^Bearer/);
		}
});

const methods = [
	['GET', `/v1/videos/video_${NONE}/remix`, ['POST']], ['PUT', '/v1/videos/extensions', ['POST']],
	['PATCH', '/v1/videos/characters', ['POST']], ['GET', '/v1/chat/completions', ['POST']], ['POST', '/v1/events', ['GET', 'HEAD']],
	['DELETE', '/v1/models/toy', ['GET', 'HEAD']], ['PUT', '/v1/files', ['GET', 'HEAD', 'POST']], ['POST', `/v1/files/file_${NONE}`, ['DELETE', 'GET', 'HEAD']],
	['DELETE', `/v1/files/file_${NONE}/content`, ['GET', 'HEAD']], ['DELETE', '/v1/webhook_endpoints', ['GET', 'HEAD', 'POST']],
	['PUT', `/v1/webhook_endpoints/we_${NONE}`, ['DELETE', 'GET', 'HEAD', 'PATCH', 'POST']], ['GET', `/v1/webhook_endpoints/we_${NONE}/test`, ['POST']],
	['POST', `/v1/webhook_endpoints/we_${NONE}/deliveries`, ['GET', 'HEAD']], ['DELETE', `/api/v1/videos/video_${NONE}`, ['GET', 'HEAD']],
	['POST', '/api/v1/videos/models', ['GET', 'HEAD']],
];
for (const [method, path, allowed] of methods)
	shared.test(`${method} ${path}: 405 with Allow`, async stack => {
		const answer = await apiOf(stack).call(method, path);
		assert.equal(answer.status, 405, answer.bytes.toString());
		assert.equal(errorOf(answer).code, 'method_not_allowed');
		const seen = answer.headers.get('allow').split(', ');
		assert.deepEqual(allowed.filter(each => !seen.includes(each)), [], `Allow: ${seen}`);
	});

for (const path of ['/v1/chat', '/v1/chat/completions/x', '/v1/files/a/b', '/v1/files/', '/v1/webhook_endpoints/a/b', '/v1/models/a/b', '/v1/events/x', '/api',
	'/api/v1', '/api/v2/videos', '/api/v1/videos/a/b', '/v1/images/generations', '/v1/videos/a/remix/b', '/openapi.yaml'])
	shared.test(`GET ${path}: 404`, async stack => {
		const answer = await apiOf(stack).get(path);
		assert.equal(answer.status, 404, answer.bytes.toString());
		errorOf(answer);
	});

/* ---- queries ---- */

const queries = [
	['/v1/videos', 'limit=101', 'limit'], // of files OpenAI allows more
	...['-1', 'x', '1.5', '1e1', '99999999999999999999', '0x10', '+5'].flatMap(limit =>
		['/v1/videos', '/v1/files'].map(path => [path, `limit=${limit}`, 'limit'])),
	...['up', 'DESC', 'asc,desc', '%ff'].flatMap(order => ['/v1/videos', '/v1/files'].map(path => [path, `order=${order}`, 'order'])),
	['/v1/videos', 'status=done', 'status'], ['/v1/videos', 'status=deleted', 'status'], ['/v1/videos', 'q=%ff%fe', 'q'], ['/v1/videos', `q=${'a'.repeat(2000)}`, 'q'],
	['/v1/videos', 'model=%ff', 'model'],
	...['variant=music', 'variant=Video'].map(query => ['/v1/videos/VIDEO/content', query, 'variant']),
	...['index=-1', 'index=x', 'index=1.5', 'index=99999999999999999999'].flatMap(query =>
		['/v1/videos/VIDEO/content', '/api/v1/videos/VIDEO/content'].map(path => [path, query, 'index'])),
];
for (const [path, query, param] of queries)
	shared.test(`GET ${path}?${query.slice(0, 40)}: 400`, async stack => {
		const answer = await apiOf(stack).get(`${real(path)}?${query}`);
		assert.equal(answer.status, 400, answer.bytes.toString().slice(0, 300));
		const error = errorOf(answer);
		assert.deepEqual([error.code, error.param], ['invalid_value', param]);
	});

shared.test('an index that is not there, a model that is not there: 404', async stack => {
	const api = apiOf(stack);
	for (const path of [`/v1/videos/${ours.video.id}/content?index=1`, `/api/v1/videos/${ours.video.id}/content?index=7`]) {
		const answer = await api.get(path);
		assert.ok([404, 400].includes(answer.status), `${path}: ${answer.status}`);
		errorOf(answer);
	}
	for (const id of ['no-such', '%ff', 'a%00b', 'x'.repeat(500)]) {
		const answer = await api.get(`/v1/models/${id}`);
		assert.ok([404, 400].includes(answer.status), `${id}: ${answer.status} ${answer.bytes}`);
		errorOf(answer);
	}
});

shared.test('a model\'s name that is nearly right is answered with what was meant', async stack => {
	const error = await assertRefused(apiOf(stack), 'POST', '/v1/videos', ['', {json: {prompt: 'a', model: 'sandbos'}}, 400, 'model_not_found', 'model']);
	assert.match(error.message, /\bsandbox\b/);
});

/* ---- headers ---- */

const good = {prompt: 'a', model: 'no-such'}; // understood, and then refused for its model
const headers = [
	['a charset', {'content-type': 'application/json; charset=utf-8'}, 'model_not_found'],
	['capitals', {'content-type': 'Application/JSON'}, 'model_not_found'],
	['a type that begins like JSON', {'content-type': 'application/jsonx'}, 'unsupported_media_type'],
	['a type that is nonsense', {'content-type': ';;;'}, 'unsupported_media_type'],
	['an empty key', {'idempotency-key': ''}, ['invalid_value', 'model_not_found']],
	['a Prefer that is nonsense', {prefer: 'wait=soon, , ;=;"'}, 'model_not_found'],
	['a Prefer below zero', {prefer: 'wait=-5'}, 'model_not_found'],
	['Accept for something else', {accept: 'text/csv'}, 'model_not_found'],
	['an Origin that is nonsense', {origin: 'null, \x80'}, 'model_not_found'],
	['If-None-Match on a POST', {'if-none-match': '*'}, 'model_not_found'],
];
for (const path of ['/v1/videos', '/v1/videos/generations'])
	for (const [what, more, code] of headers)
		shared.test(`POST ${path} with ${what}`, async stack => {
			await assertRefused(apiOf(stack), 'POST', path, ['', {json: good, headers: more}, [400, 415], code, undefined]);
		});

/* ---- and after all that ---- */

shared.test('after all that nothing was made or stored, and nobody has died', stack => assertNothingLeft(stack, before));
