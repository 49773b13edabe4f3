/*
 * Bad input on every route: the right status, code and parameter, in words; nothing is stored, no
 * job is made, and everything goes on working.
 */
import assert from 'node:assert/strict';

import {sharedStack} from '../lib/stack.mjs';
import {apiOf, formOf, newKey} from '../lib/api.mjs';
import {assertNothingLeft, assertRefused, errorOf, inventory} from '../lib/bad.mjs';
import {blobsOf, halfBlobsOf, noHalfBlobs} from '../lib/blobs.mjs';
import {jpeg, pngClaiming, png, tinyMp4} from '../lib/media.mjs';
import {rawConnection, rawRequest} from '../lib/raw.mjs';
import {startReceiver} from '../lib/receiver.mjs';
import {until} from '../lib/wait.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

/* MHD may overlook that a client is gone until nothing has moved for this time; longer than fetch keeps a connection. */
const shared = sharedStack({sandbox: false, env: {ARENA_IDLE: '10s'}});
const MB = 1 << 20;
let video;  // a completed one of the owner
let before; // what there was when that was made

shared.test('a model and a video to be rude to', async stack => {
	const api = apiOf(stack);
	const worker = await connectWorker(stack, {models: [
		model('toy', {max_width: 640, max_height: 640, max_seconds: 8, max_prompt: 1000}),
		model('fixed', {sizes: ['320x240', '240x320']}),
		model('words', {inputs: ['text']}),
	]});
	await api.offered('toy');
	const {id} = await api.create({model: 'toy'});
	const job = await worker.next('job');
	worker.accept(job);
	await worker.finish(job, tinyMp4());
	worker.ready(0);
	video = await api.wait(id, 'completed');
	before = await inventory(stack);
});

/* ---- bodies ---- */

const good = {prompt: 'a test', model: 'toy', size: '128x128'};
const without = name => Object.fromEntries(Object.entries(good).filter(([key]) => key !== name));
const withImage = (bytes, fields = good) => ({form: formOf(fields, Buffer.from(bytes))});
const dataUrl = (bytes, mime = 'image/png') => `data:${mime};base64,${Buffer.from(bytes).toString('base64')}`;

/* what it is, options of the request, status, code, param */
const bodies = [
	['no body', {}, [400, 415], null, null],
	['an empty body as JSON', {json: ''}, 400, 'invalid_json', null],
	['a body of another type', {body: 'prompt=x', headers: {'content-type': 'text/plain'}}, 415, 'unsupported_media_type', null],
	['a form of the other kind', {body: 'prompt=x', headers: {'content-type': 'application/x-www-form-urlencoded'}}, 415, 'unsupported_media_type', null],
	['cut JSON', {json: '{"prompt": "a'}, 400, 'invalid_json', null],
	['JSON and more', {json: '{"prompt": "a"} x'}, 400, 'invalid_json', null],
	['a JSON list', {json: '[]'}, 400, 'invalid_json', null],
	['a JSON text', {json: '"prompt"'}, 400, 'invalid_json', null],
	['JSON that is too deep', {json: `{"prompt":${'['.repeat(1000)}${']'.repeat(1000)}}`}, 400, 'invalid_json', null],
	['JSON that is not UTF-8', {body: Buffer.from('{"prompt":"\xff\xfe"}', 'latin1'), headers: {'content-type': 'application/json'}}, 400, 'invalid_json', null],
	['a NUL in the prompt', {json: '{"prompt":"a\\u0000b"}'}, 400, 'invalid_json', null],
	['no prompt', {json: without('prompt')}, 400, 'missing_required_parameter', 'prompt'],
	['an empty prompt', {json: {...good, prompt: ''}}, 400, 'invalid_value', 'prompt'],
	['a blank prompt', {json: {...good, prompt: ' \n\t '}}, 400, 'invalid_value', 'prompt'],
	['a prompt that is a number', {json: {...good, prompt: 7}}, 400, 'invalid_value', 'prompt'],
	['a prompt that is a list', {json: {...good, prompt: ['a']}}, 400, 'invalid_value', 'prompt'],
	['a prompt over the limit', {json: {...good, prompt: 'ä'.repeat(32_001)}}, 400, 'prompt_too_long', 'prompt'],
	['a prompt over the model\'s limit', {json: {...good, prompt: 'a'.repeat(1001)}}, 400, 'prompt_too_long', 'prompt'],
	['an unknown model', {json: {...good, model: 'no-such'}}, 400, 'model_not_found', 'model'],
	['a model that is a number', {json: {...good, model: 1}}, 400, 'invalid_value', 'model'],
	['seconds 0', {json: {...good, seconds: 0}}, 400, 'invalid_value', 'seconds'],
	['negative seconds', {json: {...good, seconds: -4}}, 400, 'invalid_value', 'seconds'],
	['seconds over the model\'s limit', {json: {...good, seconds: '9'}}, 400, 'invalid_value', 'seconds'],
	['seconds that are a word', {json: {...good, seconds: 'four'}}, 400, 'invalid_value', 'seconds'],
	['half a second', {json: {...good, seconds: 0.5}}, 400, 'invalid_value', 'seconds'],
	['endless seconds', {json: `{"prompt":"a","model":"toy","seconds":1e999}`}, 400, [null, 'invalid_value', 'invalid_json'], undefined],
	['a size that is a word', {json: {...good, size: 'large'}}, 400, 'invalid_value', 'size'],
	['half a size', {json: {...good, size: '320x'}}, 400, 'invalid_value', 'size'],
	['an odd size', {json: {...good, size: '321x240'}}, 400, 'invalid_value', 'size'],
	['a size of 0', {json: {...good, size: '0x0'}}, 400, 'invalid_value', 'size'],
	['a size over the model\'s limit', {json: {...good, size: '1280x720'}}, 400, 'invalid_value', 'size'],
	['a huge size', {json: {...good, size: '99999999999x2'}}, 400, 'invalid_value', 'size'],
	['a size that the model has not', {json: {...good, model: 'fixed', size: '640x480'}}, 400, 'invalid_value', 'size'],
	['a seed that is a word', {json: {...good, seed: 'x'}}, 400, 'invalid_value', 'seed'],
	['a negative seed', {json: {...good, seed: -1}}, 400, 'invalid_value', 'seed'],
	['an image that is no image', withImage('this is text'), 400, 'invalid_image', ['image', null]],
	['an empty image', withImage(''), 400, ['invalid_image', 'invalid_value'], ['image', null]],
	['an SVG', withImage('<svg xmlns="http://www.w3.org/2000/svg"/>'), 400, 'invalid_image', ['image', null]],
	['a video as image', withImage(tinyMp4()), 400, 'invalid_image', ['image', null]],
	['the beginning of a JPEG', withImage(jpeg(64, 64).subarray(0, 100)), 400, 'invalid_image', ['image', null]],
	['an image that claims 9000 x 9000', withImage(pngClaiming(9000, 9000)), 400, 'invalid_image', ['image', null]],
	['an image that claims 0 x 0', withImage(pngClaiming(0, 0)), 400, 'invalid_image', ['image', null]],
	['an image over 10 MB', withImage(Buffer.concat([png(64, 64), Buffer.alloc(10 * MB)])), 413, 'request_too_large', undefined],
	['an image for a model without images', withImage(png(64, 64), {...good, model: 'words'}), 400, 'invalid_value', ['image', 'model']],
	['an image by a link to nowhere', {json: {...good, image: 'https://nowhere.invalid/a.png'}}, 400, 'invalid_value', 'image'],
	['a last frame alone', {json: {...good, last_frame: dataUrl(png(64, 64))}}, 400, ['missing_required_parameter', 'invalid_value'], ['input_reference', 'last_frame']],
	['a last frame for a model without', {json: {...good, image: dataUrl(png(64, 64)), last_frame: dataUrl(png(64, 64))}}, 400, 'invalid_value', 'last_frame'],
	['an image by a file link', {json: {...good, image: 'file:///etc/passwd'}}, 400, 'invalid_value', 'image'],
	['a data URL that is not base64', {json: {...good, image: 'data:image/png;base64,@@@@'}}, 400, ['invalid_value', 'invalid_image'], 'image'],
	['a data URL with text in it', {json: {...good, image: dataUrl('hello')}}, 400, 'invalid_image', ['image', null]],
	['an input_reference that is a number', {json: {...good, input_reference: 5}}, 400, 'invalid_value', 'input_reference'],
	['a form without prompt', {form: formOf(without('prompt'))}, 400, 'missing_required_parameter', 'prompt'],
	['a form with bad seconds', {form: formOf({...good, seconds: 'x'})}, 400, 'invalid_value', 'seconds'],
	['a form without boundary', {body: 'x', headers: {'content-type': 'multipart/form-data'}}, 400, ['invalid_multipart', 'bad_request'], null],
	['a form that is none', {body: 'garbage', headers: {'content-type': 'multipart/form-data; boundary=x'}}, 400, ['invalid_multipart', 'missing_required_parameter'], undefined],
	['a form that is cut', {body: '--x\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nhel', headers: {'content-type': 'multipart/form-data; boundary=x'}}, 400, 'invalid_multipart', null],
	['async that is neither', {json: {...good, async: 'perhaps'}}, 400, 'invalid_value', 'async'],
];

/* what it is, the field and its value, param when that is not the field, code */
const wrong = [
	['negative_prompt', [5, ['a'], {}, 'a'.repeat(40_000)]],
	['aspect_ratio', ['wide', '16', '16:', ':9', '0:0', '-16:9', 'a:b', '16:9:4', 5, '1000000:1']],
	['resolution', ['big', '5p', 'p', '720', 720, '-720p']],
	['fps', [0, -1, 'x', 1.5, 100_000, [24]]],
	['n', [0, -1, 5, 1.5, 'two', [1], 1e30]],
	['timeout', [-1, 'x', [5], {}]],
	['stream', ['perhaps', 5, [], {}]],
	['fail_fast', ['perhaps', 2, {}]],
	['response_format', ['png', 5, '', ['url']]],
	['seconds', ['', ' 4', '4s', '4.0000001', '00000000000000000000000004x', '-0', [4], {}, 1e30]],
	['size', ['', 'x', '128X128x', '128 x 128', '128x128\n', '-128x128', '128x128x128', [128, 128], 128]],
	['seed', [1.5, '1e400', [1], '', 1e30]],
	['webhook_url', [5, '', 'not a link', 'ftp://example.com/', 'http://', 'https://user:word@example.com/', 'file:///etc/passwd', 'https://exa mple.com/',
		`https://example.com/${'a'.repeat(3000)}`, 'http://127.0.0.1:9/', 'http://[::1]/', 'http://169.254.169.254/', 'https://example.com:99999/']],
	['input_reference', [[], 'not a link', '', {}, {image_url: 5}, {image_url: ''}, {image_url: {}}, {image_url: 'ftp://example.com/a.png'}, {file_id: 7}, {file_id: ''},
		{file_id: `file_${'0'.repeat(32)}`}, {file_id: `video_${'0'.repeat(32)}`}, {file_id: '../../etc'}, {image_url: dataUrl(png(8, 8)), file_id: 'file_1'},
		{image_url: 'data:'}, {image_url: 'data:image/png,'}, {image_url: 'data:image/png;base64,'}, {image_url: `data:text/html;base64,${btoa('<p>')}`},
		{image_url: 'http://127.0.0.1:9/a.png'}, {image_url: 'http://[fe80::1]/a.png'}]],
	['metadata', ['a', 5, ['a'], true, {a: 1}, {a: true}, {a: null}, {a: {b: 'c'}}, {a: ['b']}, {'': 'a'}, {['k'.repeat(65)]: 'a'}, {a: 'ä'.repeat(513)},
		Object.fromEntries(Array.from({length: 17}, (_, i) => [`k${i}`, 'v']))]],
	['image', [{}, [], true, {image_url: 5}]],
	['last_frame', [5, [], {}]],
];
const short = value => String(JSON.stringify(value)).slice(0, 50);
const fields = wrong.flatMap(([name, values]) => values.map(value =>
	[`${name} ${short(value)}`, {json: {...good, [name]: value}}, [400, 404], null, [name, ...(/input_reference|image|last/.test(name) ? [null] : [])]]));

const form = lines => ({body: Buffer.from(lines.join('\r\n'), 'latin1'), headers: {'content-type': 'multipart/form-data; boundary=b'}});
const part = (name, value, more = []) => ['--b', `Content-Disposition: form-data; name="${name}"`, ...more, '', value];
const inForms = [
	['a form: nesting that does not end', form([...part('prompt', 'a'), ...part('input_reference[image_url', 'x'), '--b--', '']), 400, null, undefined],
	['a form: a reference of brackets', form([...part('prompt', 'a'), ...part('input_reference[image_url][x][y][z]', 'x'), '--b--', '']), 400, null, undefined],
	['a form: a reference by nothing', form([...part('prompt', 'a'), ...part('input_reference[]', 'x'), '--b--', '']), 400, null, undefined],
	['a form: a picture by a bad link', form([...part('prompt', 'a'), ...part('input_reference[image_url]', 'gopher://x'), '--b--', '']), 400, 'invalid_value', ['input_reference', 'input_reference[image_url]']],
	['a form: a file that is not there', form([...part('prompt', 'a'), ...part('input_reference[file_id]', 'file_0'), '--b--', '']), [400, 404], null, undefined],
	['a form: two prompts', form([...part('prompt', 'a'), ...part('prompt', 'b'), ...part('seconds', 'x'), '--b--', '']), 400, null, ['prompt', 'seconds']],
	['a form: the prompt in brackets', form([...part('prompt[0]', 'a'), '--b--', '']), 400, null, 'prompt'],
	['a form: a prompt that is not UTF-8', form([...part('prompt', '\xff\xfe'), '--b--', '']), 400, null, ['prompt', null]],
	['a form: a prompt with a NUL', form([...part('prompt', 'a\0b'), '--b--', '']), 400, null, ['prompt', null]],
	['a form: a part without name', form(['--b', 'Content-Disposition: form-data', '', 'a', '--b--', '']), 400, null, undefined],
	['a form: a part without header', form(['--b', '', 'a', '--b--', '']), 400, null, undefined],
	['a form: only its end', form(['--b--', '']), 400, null, undefined],
	['a form: 2000 fields', form([...Array.from({length: 2000}, (_, i) => part(`f${i}`, 'x')).flat(), '--b--', '']), [400, 413], null, undefined],
	['a form: a header of 64 KB', form([...part('prompt', 'a', [`X-Long: ${'a'.repeat(65_536)}`]), '--b--', '']), [400, 413, 431], null, undefined],
	['a form: metadata without a key', form([...part('prompt', 'a'), ...part('metadata', '{"a":"b"}'), '--b--', '']), 400, 'invalid_value', 'metadata'],
	['a form: metadata of an empty key', form([...part('prompt', 'a'), ...part('metadata[]', 'b'), '--b--', '']), 400, 'invalid_value', 'metadata'],
	['a form: metadata in metadata', form([...part('prompt', 'a'), ...part('metadata[a][b]', 'c'), '--b--', '']), 400, 'invalid_value', 'metadata'],
	['a form: metadata whose bracket stays open', form([...part('prompt', 'a'), ...part('metadata[a', 'c'), '--b--', '']), 400, 'invalid_value', 'metadata'],
	['a form: metadata that is not UTF-8', form([...part('prompt', 'a'), ...part('metadata[a]', '\xff'), '--b--', '']), 400, null, 'metadata'],
	['a form: a key of metadata that is not UTF-8', form([...part('prompt', 'a'), ...part('metadata[\xff]', 'a'), '--b--', '']), 400, null, ['metadata', null]],
	['a form: 17 pairs of metadata', form([...part('prompt', 'a'), ...Array.from({length: 17}, (_, i) => part(`metadata[${i}]`, 'x')).flat(), '--b--', '']), 400, 'invalid_value', 'metadata'],
	['a form: two pictures', {form: (() => {
		const both = formOf(good, png(64, 64), 'input_reference');
		both.append('input_reference', new Blob([png(32, 32)]), 'b.png');
		return both;
	})()}, 400, null, ['input_reference', null]],
];

for (const path of ['/v1/videos', '/v1/videos/generations'])
	for (const row of [...bodies, ...fields, ...inForms])
		shared.test(`POST ${path}: ${row[0]}`, async stack => {
			await assertRefused(apiOf(stack), 'POST', path, row);
		});

shared.test('POST /v1/videos makes one video: n is for /v1/videos/generations', async stack => {
	for (const options of [{json: {...good, n: 2}}, {form: formOf({...good, n: 2})}])
		await assertRefused(apiOf(stack), 'POST', '/v1/videos', ['', options, 400, 'invalid_value', 'n']);
});

shared.test('a private address that a request names is never asked', async (stack, t) => {
	const hook = await startReceiver();
	t.after(hook.stop);
	for (const link of [hook.url, hook.url.replace('127.0.0.1', 'localhost'), hook.url.replace('127.0.0.1', '[::ffff:127.0.0.1]'),
		hook.url.replace('127.0.0.1', '2130706433'), hook.url.replace('127.0.0.1', '0x7f.1')])
		for (const fields of [{input_reference: {image_url: link}}, {image: link}])
			await assertRefused(apiOf(stack), 'POST', '/v1/videos', ['', {json: {...good, ...fields}}, 400, null, ['input_reference', 'image']]);
	assert.deepEqual(hook.events, []);
});

/* ---- addresses, methods, keys ---- */

const some = 'video_00000000000000000000000000000000';
const methods = [
	['PUT', '/v1/videos', ['GET', 'HEAD', 'POST']],
	['DELETE', '/v1/videos', ['GET', 'HEAD', 'POST']],
	['POST', '/v1/models', ['GET', 'HEAD']],
	['POST', `/v1/videos/${some}`, ['GET', 'HEAD', 'DELETE']],
	['GET', `/v1/videos/${some}/cancel`, ['POST']],
	['DELETE', `/v1/videos/${some}/content`, ['GET', 'HEAD']],
	['POST', `/v1/videos/${some}/events`, ['GET', 'HEAD']],
	['PATCH', '/v1/videos/generations', ['POST']],
	['POST', '/healthz', ['GET', 'HEAD']],
	['DELETE', '/metrics', ['GET', 'HEAD']],
	['POST', '/video-chat', ['GET', 'HEAD']],
];
for (const [method, path, allowed] of methods)
	shared.test(`${method} ${path}: 405 with Allow`, async stack => {
		const answer = await apiOf(stack).call(method, path);
		assert.equal(answer.status, 405, answer.bytes.toString());
		assert.equal(errorOf(answer).code, 'method_not_allowed');
		const seen = answer.headers.get('allow').split(', ');
		for (const each of allowed)
			assert.ok(seen.includes(each), `Allow: ${seen}`);
	});

for (const path of ['/', '/v1', '/v1/', '/v2/videos', '/v1/videos/a/b/c', '/v1/video', '/etc/passwd', '/video-chat/../../etc/passwd',
	'/v1/videos//content', `/${'a'.repeat(4000)}`])
	shared.test(`GET ${path.slice(0, 40)}: 404`, async stack => {
		const answer = await apiOf(stack).get(path);
		assert.equal(answer.status, 404, answer.bytes.toString());
		assert.match(errorOf(answer).code, /^(unknown_url|not_found)$/);
	});

const routes = id => [
	['GET', `/v1/videos/${id}`], ['DELETE', `/v1/videos/${id}`], ['POST', `/v1/videos/${id}/cancel`],
	['GET', `/v1/videos/${id}/content`], ['GET', `/v1/videos/${id}/content.mp4`], ['HEAD', `/v1/videos/${id}/content`],
	['GET', `/v1/videos/${id}/content?variant=thumbnail`], ['GET', `/v1/videos/${id}/events`],
	['GET', `/v1/videos?after=${id}`],
];

for (const id of ['x', some, 'video_', `video_${'f'.repeat(64)}`, 'video_%2e%2e%2f%2e%2e', '%00', '😀'])
	shared.test(`an id that is none, ${id.slice(0, 20)}: 404 on every route`, async stack => {
		for (const [method, path] of routes(encodeURI(id).replaceAll('%25', '%'))) {
			const answer = await apiOf(stack).call(method, path);
			assert.ok(answer.status === 404 || answer.status === 400, `${method} ${path}: ${answer.status} ${answer.bytes}`);
		}
	});

shared.test('another key\'s id is 404 on every route, and nothing happens to it', async stack => {
	const other = apiOf(stack, await newKey(stack, 'nosy'));
	for (const [method, path] of routes(video.id)) {
		const answer = await other.call(method, path);
		assert.equal(answer.status, 404, `${method} ${path}: ${answer.bytes}`);
		if (method !== 'HEAD')
			assert.equal(errorOf(answer).code, 'not_found');
	}
	assert.deepEqual(await other.list(), []);
	assert.deepEqual(await apiOf(stack).video(video.id), video);
});

const keys = [
	['no key', {}], ['an empty key', {authorization: 'Bearer '}], ['a wrong key', {authorization: `Bearer av_${'x'.repeat(43)}`}],
	['another scheme', {authorization: 'Basic dXNlcjpwYXNz'}], ['a very long key', {authorization: `Bearer ${'x'.repeat(5000)}`}],
];
for (const [what, headers] of keys)
	shared.test(`${what}: 401 on every route that wants one`, async stack => {
		const nobody = apiOf(stack, null);
		const wanting = [['POST', '/v1/videos'], ['POST', '/v1/videos/generations'], ['GET', '/v1/videos'], ['GET', '/v1/models'],
			...routes(video.id)];
		for (const [method, path] of wanting) {
			const json = method === 'POST' && !path.includes(video.id) ? good : undefined;
			const answer = await nobody.call(method, path, {headers, json});
			assert.equal(answer.status, 401, `${method} ${path}: ${answer.status}`);
			assert.match(answer.headers.get('www-authenticate'), /^Bearer/);
			if (method !== 'HEAD')
				assert.equal(errorOf(answer).code, 'invalid_api_key');
		}
		for (const path of ['/healthz', '/readyz', '/video-chat'])
			assert.equal((await nobody.get(path)).status, 200, path);
	});

shared.test('a signed link works without a key, a changed one does not', async stack => {
	const nobody = apiOf(stack, null);
	const {url} = await apiOf(stack).video(video.id);
	assert.equal((await nobody.get(url)).status, 200);
	const changed = [
		url.replace(/exp=\d/, 'exp=9'), url.replace(/sig=./, match => `sig=${match[4] === '0' ? '1' : '0'}`),
		url.replace(/owner=key_./, match => `owner=key_${match[10] === '0' ? '1' : '0'}`), `${url}&variant=spritesheet`,
		url.replace(video.id, some),
	];
	for (const each of changed) {
		const answer = await nobody.get(each);
		assert.ok(answer.status === 403 || answer.status === 404, `${each}: ${answer.status}`);
	}
});

const queries = [
	['limit=101', 'limit'], ['limit=-1', 'limit'], ['limit=x', 'limit'], ['order=up', 'order'],
];
for (const [query, param] of queries)
	shared.test(`GET /v1/videos?${query}: 400`, async stack => {
		const answer = await apiOf(stack).get(`/v1/videos?${query}`);
		assert.equal(answer.status, 400, answer.bytes.toString());
		assert.equal(errorOf(answer).param, param);
	});

shared.test('an unknown variant is refused, one that is not ready is 409 and not to be tried again', async stack => {
	const api = apiOf(stack);
	const unknown = await api.get(`/v1/videos/${video.id}/content?variant=music`);
	assert.equal(unknown.status, 400);
	assert.equal(errorOf(unknown).param, 'variant');
	const {id} = await api.create({model: 'toy'});
	const early = await api.get(`/v1/videos/${id}/content`);
	assert.equal(early.status, 409);
	assert.equal(errorOf(early).code, 'video_not_ready');
	assert.equal(early.headers.get('x-should-retry'), 'false');
	await api.remove(id);
});

/* ---- byte by byte ---- */

const head = (stack, lines) => [...lines, `Host: 127.0.0.1:${stack.port}`, `Authorization: Bearer ${stack.key}`];
const formStart = '--cut\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nhello\r\n' +
	'--cut\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n';

shared.test('a client that leaves in the middle of an upload leaves nothing behind', async stack => {
	const blobs = blobsOf(stack);
	const before = (await apiOf(stack).list()).length;
	const connection = await rawConnection(stack);
	await connection.send([...head(stack, ['POST /v1/videos HTTP/1.1', 'Content-Type: multipart/form-data; boundary=cut',
		`Content-Length: ${3 * MB}`]), '', formStart].join('\r\n'));
	await connection.send(Buffer.concat([png(64, 64), Buffer.alloc(MB)]));
	await until('the upload to have begun', () => halfBlobsOf(stack).length > 0);
	await connection.close();
	await noHalfBlobs(stack);
	assert.deepEqual(blobsOf(stack), blobs);
	assert.equal((await apiOf(stack).list()).length, before);
});

shared.test('a body that is too large is refused before it is sent', async stack => {
	for (const path of ['/v1/videos', '/v1/videos/generations']) {
		const connection = await rawConnection(stack);
		await connection.send([...head(stack, [`POST ${path} HTTP/1.1`, 'Content-Type: multipart/form-data; boundary=cut',
			`Content-Length: ${26 * MB}`]), '', ''].join('\r\n'));
		const answer = await connection.answer();
		assert.equal(answer.status, 413, answer.text);
		assert.equal(answer.body.error.code, 'request_too_large');
		await connection.close();
	}
});

shared.test('an image that turns out too large is refused without reading it all', async stack => {
	const connection = await rawConnection(stack);
	await connection.send([...head(stack, ['POST /v1/videos HTTP/1.1', 'Content-Type: multipart/form-data; boundary=cut',
		`Content-Length: ${24 * MB}`]), '', formStart].join('\r\n'));
	let sent = 0;
	let answered = false;
	const answer = connection.answer(20_000).finally(() => answered = true);
	await connection.send(png(64, 64));
	/* Sixteen of the twenty-four: what is missing never comes, and it need not. */
	while (!answered && sent < 16 * MB) {
		const sending = connection.send(Buffer.alloc(256 * 1024));
		await Promise.race([sending, answer.catch(() => {})]);
		sent += 256 * 1024;
	}
	const {status, text} = await answer;
	assert.equal(status, 413, text);
	await connection.close();
	await noHalfBlobs(stack);
});

shared.test('a bad key is refused before the body is sent', async stack => {
	const connection = await rawConnection(stack);
	await connection.send(['POST /v1/videos HTTP/1.1', `Host: 127.0.0.1:${stack.port}`, 'Authorization: Bearer av_wrong',
		'Content-Type: multipart/form-data; boundary=cut', `Content-Length: ${5 * MB}`, '', ''].join('\r\n'));
	assert.equal((await connection.answer()).status, 401);
	await connection.close();
	assert.deepEqual(halfBlobsOf(stack), []);
});

const raw = [
	['no Host', ['GET /healthz HTTP/1.1'], '', [400]],
	['a Host that is nonsense', ['GET /healthz HTTP/1.1', 'Host: a"b<c>'], '', [400]],
	['no HTTP', ['hello'], '', [400]],
	['a length and chunks', ['POST /v1/videos HTTP/1.1', 'Host: a', 'Content-Length: 5', 'Transfer-Encoding: chunked'], '0\r\n\r\n', [400]],
	['a length that is no number', ['POST /v1/videos HTTP/1.1', 'Host: a', 'Content-Length: x'], '', [400]],
	['a header block of 100 KB', ['GET /healthz HTTP/1.1', 'Host: a', ...Array.from({length: 1000}, (_, i) => `X-${i}: ${'a'.repeat(90)}`)], '', [431, 400, 413]],
	['an address of 100 KB', [`GET /${'a'.repeat(100_000)} HTTP/1.1`, 'Host: a'], '', [414, 431, 400]],
	['a NUL in the address', ['GET /v1/videos/%00 HTTP/1.1', 'Host: a'], '', [400, 401, 404]],
];
for (const [what, lines, body, wanted] of raw)
	shared.test(`raw: ${what}`, async stack => {
		let status;
		try {
			({status} = await rawRequest(stack, lines, body));
		} catch (error) {
			/* Hanging up is an answer to what is not HTTP. */
			assert.match(error.message, /closed without an answer/);
			status = 400;
		}
		assert.ok(wanted.includes(status), `status ${status}`);
		assert.equal((await fetch(`${stack.url}/healthz`)).status, 200);
	});

shared.test('chunked bodies work like others, and have the same limits', async stack => {
	const body = JSON.stringify({prompt: ''});
	const answer = await rawRequest(stack, head(stack, ['POST /v1/videos HTTP/1.1', 'Content-Type: application/json',
		'Transfer-Encoding: chunked']), `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`);
	assert.equal(answer.status, 400);
	assert.equal(answer.body.error.param, 'prompt');
});

/* ---- and after all that ---- */

shared.test('after all that nothing was made or stored, and nobody has died', stack => assertNothingLeft(stack, before));
