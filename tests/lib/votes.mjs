/*
 * What a worker says of itself and of its videos besides making them: that it needs a human, rests,
 * or gives a job back for that; and votes on two videos, from the request to the worker and back. The
 * same over both transports: a file of tests for each of them calls voteTests().
 */
import assert from 'node:assert/strict';

import {apiOf} from './api.mjs';
import {tinyMp4} from './media.mjs';
import {eventsOf} from './sse.mjs';
import {sharedStack} from './stack.mjs';
import {until} from './wait.mjs';
import {connectWorker, model} from './worker.mjs';

let count = 0;
async function battleOf(stack, transport) {
	const id = `duel-${++count}`;
	const connect = more => connectWorker(stack, {transport, models: [model(id, {outputs: 2})], ...more});
	const worker = await connect();
	const api = apiOf(stack);
	const made = await until('the model to be known', () => api.create({model: id}));
	const job = await worker.next('job');
	const finish = async () => {
		worker.accept(job);
		worker.progress(job, 50, 'drawing', {upstream_ref: `session of ${id}`});
		await worker.upload(job, tinyMp4('one'), {name: 'one'});
		await worker.upload(job, tinyMp4('two'), {name: 'two'});
		worker.result(job, [{upload: 'one', label: 'a'}, {upload: 'two', label: 'b'}]);
		assert.equal((await worker.answered(job)).status, 'completed');
	};
	const vote = winner => api.post(`/v1/videos/${made.id}/vote`, {json: {winner}});
	return {api, worker, job, id, made, connect, finish, vote};
}

const voted = (worker, vote, more) => worker.send({type: 'voted', job: vote.job, ok: true, message: '', names: ['Red', 'Blue'], ...more});

const figure = async (stack, name) => {
	const text = await (await fetch(`${stack.url}/metrics`)).text();
	const line = text.split('\n').find(each => each.startsWith(`${name} `));
	return line && Number(line.split(' ')[1]);
};

/** All of them over one transport: 'websocket' or 'http'. */
export function voteTests(transport) {
	const shared = sharedStack({sandbox: false});
	const battle = stack => battleOf(stack, transport);
	const connectOf = (stack, options) => connectWorker(stack, {transport, ...options});

	shared.test('a vote goes to the worker that made the videos, and reveals their names', async stack => {
		const {api, worker, made, id, finish, vote} = await battle(stack);
		assert.equal((await vote('a')).body.error.code, 'video_not_ready');
		await finish();
		const before = await api.video(made.id);
		assert.deepEqual([before.vote, ...before.outputs.map(each => [each.label, each.model_name])], [null, ['a', null], ['b', null]]);
		const listening = new AbortController();
		const stream = await fetch(`${stack.url}/v1/events`, {headers: {authorization: `Bearer ${api.key}`}, signal: listening.signal});
		const states = (async () => {
			const seen = [];
			for await (const {data} of eventsOf(stream))
				if (data.id === made.id && data.vote && seen.push(data.vote.state) && data.vote.state === 'sent')
					return seen;
		})();
		const answer = vote('b');
		const said = await worker.next('vote');
		assert.deepEqual([said.job, said.winner, said.upstream_ref], [made.id, 'b', `session of ${id}`]);
		voted(worker, said);
		const {status, body} = await answer;
		assert.equal(status, 200);
		assert.deepEqual(body.vote, {winner: 'b', state: 'sent', message: null});
		assert.deepEqual(body.outputs.map(each => each.model_name), ['Red', 'Blue']);
		assert.equal((await states).at(-1), 'sent', 'an event tells it');
		listening.abort();
		assert.equal((await vote('b')).status, 200, 'the same once more');
		const other = await vote('a');
		assert.deepEqual([other.status, other.body.error.code], [409, 'conflict']);
		assert.equal(worker.frames.filter(each => each.type === 'vote').length, 1);
		await worker.close();
	});

	shared.test('bad votes are refused, and votes that nobody can cast', async stack => {
		const {worker, vote, finish, api, made, id} = await battle(stack);
		await finish();
		assert.deepEqual([(await vote('c')).status, (await vote('c')).body.error.param], [400, 'winner']);
		assert.equal((await api.post(`/v1/videos/${made.id}/vote`, {json: {}})).body.error.code, 'missing_required_parameter');
		assert.equal((await api.post(`/v1/videos/video_${'0'.repeat(32)}/vote`, {json: {winner: 'a'}})).status, 404);
		await worker.close();
		await until('the worker to be gone', async () =>
			(await api.good(api.get('/v1/models'))).data.some(each => each.id === id && !each.available));
		const refused = await vote('a');
		assert.deepEqual([refused.status, refused.body.error.code], [503, 'model_unavailable']);
	});

	shared.test('a vote is kept over kill -9 of everything that carries it, and counts once', async stack => {
		const {api, worker, made, connect, finish, vote} = await battle(stack);
		await finish();
		const answer = vote('tie').catch(() => undefined); // the gateway is killed
		await worker.next('vote');
		for (const name of ['jobs', 'bridge', 'gateway']) {
			const was = stack.kill(name);
			await stack.restarted(name, was);
		}
		await answer;
		const back = await until('the bridge to be back', () => connect({id: worker.id}));
		const again = await back.next('vote');
		assert.deepEqual([again.job, again.winner], [made.id, 'tie']);
		voted(back, again);
		voted(back, again, {ok: false, message: 'too late'});
		const over = await until('the vote to be over', async () => {
			const now = await api.video(made.id);
			return now.vote.state !== 'pending' && now;
		});
		assert.equal(over.vote.state, 'sent');
		assert.deepEqual(over.outputs.map(each => each.model_name), ['Red', 'Blue']);
		await back.close();
	});

	shared.test('a vote that failed says why, and may be cast again', async stack => {
		const {worker, finish, vote} = await battle(stack);
		await finish();
		const first = vote('a');
		voted(worker, await worker.next('vote'), {ok: false, message: 'It cannot be voted on now.', names: []});
		const {status, body} = await first;
		assert.equal(status, 200);
		assert.deepEqual(body.vote, {winner: 'a', state: 'failed', message: 'It cannot be voted on now.'});
		const second = vote('b');
		voted(worker, await worker.next('vote'));
		assert.equal((await second).body.vote.state, 'sent');
		await worker.close();
	});

	shared.test('a job that is given back for a human costs no try, says why, and keeps what is under way', async stack => {
		const {api, worker, job, made} = await battle(stack);
		worker.accept(job);
		worker.progress(job, 10, 'drawing', {upstream_ref: 'there-1'});
		worker.attention('login', 'Log in there, please.', 'https://example.com/login');
		await worker.release(job, 'login', {message: 'Somebody must log in.', not_before: Date.now() + 1500});
		const waits = await api.video(made.id);
		assert.deepEqual([waits.status, waits.attempts, waits.stage, waits.note], ['queued', 0, 'login', 'Somebody must log in.']);
		await until('the figure of attention', async () => await figure(stack, 'arena_bridge_attention{reason="login"}') === 1);
		const shown = async () => (await api.good(api.get('/v1/workers'))).data.find(each => each.id === worker.id);
		const mine = await until('the worker to be listed so', async () => {
			const now = await shown();
			return now?.state === 'attention' && now;
		});
		const {since, ...rest} = mine.attention;
		assert.deepEqual(rest, {reason: 'login', message: 'Log in there, please.', url: 'https://example.com/login'});
		assert.ok(since * 1000 > Date.now() - 60_000);
		worker.attentionOver();
		await until('the figure to fall', async () => await figure(stack, 'arena_bridge_attention{reason="login"}') === 0);
		worker.ready(1);
		const again = await worker.next('job');
		assert.deepEqual([again.job, again.attempt, again.upstream_ref], [made.id, 1, 'there-1']);
		assert.equal((await api.video(made.id)).note, null);
		await worker.close();
	});

	shared.test('who rests has no slots in the estimates, and what waits is told', async stack => {
		const id = `duel-${++count}`;
		const worker = await connectOf(stack, {models: [model(id)], ready: 0});
		const api = apiOf(stack);
		await until('the model to be known', () => api.create({model: id}));
		await api.create({model: id});
		await worker.next(frame => frame.type === 'queue' && frame.waiting === 2);
		const state = name => figure(stack, `arena_bridge_worker_states{state="${name}"}`);
		await until('a ready worker', async () => await state('ready') === 1);
		worker.rest({until_ms: Date.now() + 600_000, note: 'a pause'});
		await until('a worker that cools down', async () => await state('cooling_down') === 1);
		worker.rest({until_ms: Date.now() + 100, note: 'a short one'});
		await until('the cool-down to end by itself', async () => await state('ready') === 1);
		worker.rest({paused: true});
		await until('a paused worker', async () => await state('paused') === 1);
		await worker.close();
	});

	shared.test('who is replaced is told so before the end', async stack => {
		const first = await connectOf(stack, {models: [model('twin')]});
		const second = await connectOf(stack, {id: first.id, models: [model('twin')]});
		assert.equal((await first.next('bye')).reason, 'replaced');
		const {code, reason} = await first.over;
		assert.match(reason, /another connection/);
		if (transport === 'websocket')
			assert.equal(code, 4003);
		await second.close();
	});
}
