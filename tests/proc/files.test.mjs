/*
 * /v1/files: images that wait for a request that names them.
 */
import assert from 'node:assert/strict';

import {apiOf, formOf, newKey} from '../lib/api.mjs';
import {png} from '../lib/media.mjs';
import {sharedStack} from '../lib/stack.mjs';
import {connectWorker, model} from '../lib/worker.mjs';

const shared = sharedStack({sandbox: false});
const picture = png(32, 16, () => [10, 200, 30]);

const send = (api, {bytes = picture, fields = {purpose: 'vision'}, ...options} = {}) =>
	api.post('/v1/files', {form: formOf(fields, bytes, 'file'), ...options});

shared.test('a file is made, told, listed, served and deleted', async stack => {
	const api = apiOf(stack);
	const file = await api.good(send(api));
	assert.match(file.id, /^file_[0-9a-f]{32}$/);
	assert.deepEqual([file.object, file.bytes, file.filename, file.purpose, file.mime_type, file.width, file.height],
		['file', picture.length, 'picture', 'vision', 'image/png', 32, 16]);
	assert.ok(file.expires_at > file.created_at);
	assert.deepEqual(await api.good(api.get(`/v1/files/${file.id}`)), file);
	const content = await api.get(`/v1/files/${file.id}/content`);
	assert.deepEqual([content.status, content.headers.get('content-type')], [200, 'image/png']);
	assert.deepEqual(content.bytes, picture);
	const part = await api.get(`/v1/files/${file.id}/content`, {headers: {range: 'bytes=1-3'}});
	assert.deepEqual([part.status, part.bytes.toString()], [206, 'PNG']);
	const list = await api.good(api.get('/v1/files'));
	assert.deepEqual(list.data.map(each => each.id), [file.id]);
	assert.deepEqual(await api.good(api.call('DELETE', `/v1/files/${file.id}`)),
		{id: file.id, object: 'file', deleted: true});
	for (const path of ['', '/content'])
		assert.equal((await api.get(`/v1/files/${file.id}${path}`)).status, 404);
});

shared.test('files come page by page, in either order, and by purpose', async stack => {
	const api = apiOf(stack, await newKey(stack, 'pages'));
	const made = [];
	for (const purpose of ['vision', 'user_data', 'vision'])
		made.push((await api.good(send(api, {fields: {purpose}}))).id);
	const ids = async query => (await api.good(api.get(`/v1/files?${query}`))).data.map(each => each.id);
	assert.deepEqual(await ids('order=asc'), made);
	assert.deepEqual(await ids(`order=asc&limit=1&after=${made[0]}`), [made[1]]);
	assert.deepEqual(await ids('purpose=user_data'), [made[1]]);
	const page = await api.good(api.get('/v1/files?limit=2'));
	assert.deepEqual([page.first_id, page.last_id, page.has_more], [made[2], made[1], true]);
	assert.equal((await api.get('/v1/files?limit=x')).body.error.param, 'limit');
	assert.equal((await api.get('/v1/files?order=up')).body.error.param, 'order');
});

shared.test('one key neither sees nor uses the files of another', async stack => {
	const mine = apiOf(stack);
	const theirs = apiOf(stack, await newKey(stack, 'stranger'));
	const {id} = await mine.good(send(mine));
	for (const [method, path] of [['GET', ''], ['GET', '/content'], ['DELETE', '']])
		assert.equal((await theirs.call(method, `/v1/files/${id}${path}`)).status, 404);
	assert.deepEqual((await theirs.good(theirs.get('/v1/files'))).data, []);
	const used = await theirs.post('/v1/videos', {json: {prompt: 'x', input_reference: {file_id: id}}});
	assert.deepEqual([used.status, used.body.error.param], [400, 'input_reference']);
	assert.equal((await mine.get(`/v1/files/${id}`)).status, 200);
});

shared.test('a job starts from a file, and keeps it when it is deleted', async stack => {
	const api = apiOf(stack);
	const {id} = await api.good(send(api));
	const worker = await connectWorker(stack, {models: [model('files')]});
	await api.offered('files');
	await api.create({model: 'files', input_reference: {file_id: id}});
	await api.good(api.call('DELETE', `/v1/files/${id}`));
	const given = await worker.next('job');
	assert.deepEqual([given.inputs.length, given.inputs[0].role, given.inputs[0].mime], [1, 'first_frame', 'image/png']);
	const answer = await fetch(new URL(given.inputs[0].url, stack.url));
	assert.deepEqual(Buffer.from(await answer.arrayBuffer()), picture);
	await worker.close();
});

shared.test('the same key and file make one file, the same key and another file none', async stack => {
	const api = apiOf(stack);
	const headers = {'idempotency-key': 'file-1'};
	const first = await api.good(send(api, {headers}));
	assert.equal((await api.good(send(api, {headers}))).id, first.id);
	const other = await send(api, {headers, bytes: png(8, 8, () => [0, 0, 0])});
	assert.deepEqual([other.status, other.body.error.code], [422, 'idempotency_key_reused']);
	const elsewhere = await api.post('/v1/videos', {json: {prompt: 'x'}, headers});
	assert.equal(elsewhere.status, 422);
});

shared.test('what is no file of an image is refused, and leaves nothing', async stack => {
	const api = apiOf(stack, await newKey(stack, 'nothing'));
	const refused = async (wanted, options) => {
		const answer = await api.post('/v1/files', options);
		assert.deepEqual([answer.status, answer.body.error.code, answer.body.error.param], wanted);
	};
	await refused([400, 'missing_required_parameter', 'file'], {form: formOf({purpose: 'vision'})});
	await refused([400, 'invalid_image', 'file'], {form: formOf({}, Buffer.from('no image'), 'file')});
	await refused([400, 'invalid_image', 'file'], {form: formOf({}, Buffer.alloc(0), 'file')});
	await refused([413, 'request_too_large', 'file'],
		{form: formOf({}, Buffer.concat([picture, Buffer.alloc(11 << 20)]), 'file')});
	await refused([400, 'invalid_value', 'purpose'], {form: formOf({purpose: 'x'.repeat(65)}, picture, 'file')});
	await refused([415, 'unsupported_media_type', null], {json: {file: 'data:;base64,AAAA'}});
	const two = formOf({}, picture, 'file');
	two.append('file', new Blob([picture]), 'again');
	await refused([400, 'invalid_value', 'file'], {form: two});
	assert.deepEqual((await api.good(api.get('/v1/files'))).data, []);
});
