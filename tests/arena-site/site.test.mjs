/*
 * The stand-in site itself: that it does what its knobs say, so that tests which rest on it mean something.
 */
import assert from 'node:assert/strict';
import {test} from 'node:test';

import {assertVideo, png} from '../lib/media.mjs';
import {until} from '../lib/wait.mjs';
import {REFUSALS} from './refusals.mjs';
import {startSite} from './server.mjs';
import {SHAPES} from './frames.mjs';
import {uuid7} from './ids.mjs';
import {linesOf, linksIn, visitorOf} from './visitor.mjs';

/** A test on a site of its own. */
function onSite(name, knobs, fn) {
	test(name, {timeout: 60_000}, async () => {
		const site = await startSite({knobs: {startMs: 1, durationMs: 5, ...knobs}});
		try {
			await fn(site, visitorOf(site));
			assert.deepEqual(site.errors, []);
		} finally {
			await site.stop();
		}
	});
}

const sid = '/nextjs-api/stream/create-evaluation';
const record = async (v, id) => (await v.get(`/api/evaluation/${id}`)).json;
const statuses = run => run.messages.slice(1).map(each => each.status);

onSite('a run: both sides in the stream, two real videos, the record, no name before the vote', {}, async (site, v) => {
	const body = await v.run();
	const {status, text} = await v.post(sid, body);
	assert.equal(status, 200);
	const lines = linesOf(text);
	assert.deepEqual(lines.filter(each => each.code === 'f').map(each => each.value.messageId),
		[body.modelAMessageId, body.modelBMessageId]);
	assert.deepEqual(lines.filter(each => each.code === 'd').map(each => each.value.finishReason), ['stop', 'stop']);
	const links = linksIn(text);
	assert.equal(links.length, 2);
	const [a, b] = await Promise.all(links.map(link => v.get(link, {cookie: ''})));
	assertVideo(a.bytes, {width: 320, height: 180, seconds: 1});
	assertVideo(b.bytes, {width: 320, height: 180, seconds: 1});
	assert.notDeepEqual(a.bytes, b.bytes);
	const said = await record(v, body.id);
	assert.deepEqual(statuses(said), ['success', 'success']);
	assert.deepEqual(said.messages.slice(1).map(each => each.modelId), [null, null]);
	assert.equal(said.messages[1].experimental_attachments[0].contentType, 'video/mp4');
	assert.equal(site.seen.evaluations[0].ended, 'whole');
	assert.deepEqual(site.seen.violations, []);
});

onSite('the same session asked for twice is a violation', {}, async (site, v) => {
	const body = await v.run();
	await v.post(sid, body);
	assert.equal((await v.post(sid, {...body, recaptchaV3Token: (await v.token()).token})).status, 400);
	assert.equal(site.seen.violations.length, 1);
});

onSite('tokens: once, not for long, of this key, and at all', {}, async (site, v) => {
	const refused = async (more, words = 'recaptcha validation failed') => {
		const answer = await v.create(more);
		assert.equal(answer.status, 403);
		assert.equal(answer.json.error, words);
	};
	const {token} = await v.token();
	assert.equal((await v.create({recaptchaV3Token: token})).status, 200);
	await refused({recaptchaV3Token: token});
	assert.equal(site.seen.tokens.find(each => each.value === token).refused, 'used');
	await refused({recaptchaV3Token: undefined});
	await refused({recaptchaV3Token: 'v3.made-up'});
	const late = (await v.token()).token;
	site.knobs.clockSkewMs = 121_000;
	await refused({recaptchaV3Token: late});
	const old = (await v.token()).token;
	site.knobs.recaptchaKey = 'another';
	await refused({recaptchaV3Token: old});
	assert.match((await v.token('v3', 'the old key')).error, /Invalid site key/);
	site.knobs.recaptcha = 'failing';
	assert.match((await v.token()).error, /could not be reached/);
	site.knobs.recaptcha = 'low';
	await refused({});
	site.knobs.recaptcha = 'off';
	assert.equal((await v.create({recaptchaV3Token: undefined})).status, 200);
});

onSite('verification: nothing passes before a person has ticked the box', {verification: true}, async (site, v) => {
	assert.equal((await v.create()).status, 403);
	const {token} = await v.token('v2');
	assert.equal((await v.create({recaptchaV3Token: undefined, recaptchaV2Token: token})).status, 200);
	assert.equal((await v.create()).status, 200);
});

onSite('ids are UUIDs of version 7 by the site\'s clock, which its Date header tells', {clockSkewMs: 600_000}, async (site, v) => {
	const answer = await v.create({id: uuid7(Date.now())});
	assert.equal(answer.status, 400);
	assert.equal(answer.json.error, 'Evaluation session ID seems spoofed, offset too big');
	assert.ok(Math.abs(Date.parse(answer.headers.date) - Date.now() - 600_000) < 3000, answer.headers.date);
	assert.equal((await v.create({id: crypto.randomUUID()})).json.error, 'Invalid content');
	assert.equal((await v.create()).status, 200);
});

onSite('modes and models: battle names none, direct is refused, the others need what can be chosen', {}, async (site, v) => {
	const id = name => site.knobs.catalogue.flatMap(each => each.models).find(each => each.name === name).id;
	assert.match((await v.create({mode: 'direct', modelAId: id('veo-3')})).json.error, /'direct' mode is not allowed/);
	assert.equal((await v.create({modelAId: id('veo-3')})).json.error, 'Invalid content');
	const beside = (a, b) => v.create({mode: 'side-by-side', modelAId: a, modelBId: b});
	assert.equal((await beside(id('veo-3'), id('pika-v2.2'))).status, 200);
	assert.equal((await beside(id('veo-3'), id('quiet-otter'))).json.error, 'Model(s) not found');
	site.knobs.directAllowed = true;
	const direct = await v.create({mode: 'direct', modelAId: id('veo-3'), modelBMessageId: undefined});
	assert.equal(linksIn(direct.text).length, 1);
});

onSite('prompts: none, and longer than 2,500 characters, are invalid', {}, async (site, v) => {
	for (const content of ['', ' ', 'x'.repeat(2501)])
		assert.equal((await v.create({userMessage: {content}})).json.error, 'Invalid content');
	assert.equal((await v.create({userMessage: {content: 'x'.repeat(2500)}})).status, 200);
	assert.equal((await v.post(sid, 'no JSON')).status, 400);
});

onSite('login: without a cookie, expired, out, a visitor who signs up, the gate', {login: 'expired'}, async (site, v) => {
	const me = async options => (await v.get('/api/me', options)).status;
	assert.equal(await me(), 401);
	assert.equal((await v.create()).status, 401);
	assert.equal((await v.post('/nextjs-api/refresh')).status, 200);
	assert.deepEqual([await me(), await me({cookie: ''})], [200, 401]);
	site.knobs.login = 'out';
	assert.equal((await v.post('/nextjs-api/refresh')).status, 401);
	await v.post('/nextjs-api/log-in');
	assert.equal(await me(), 200);
	site.knobs.login = 'visitor';
	assert.equal((await v.post('/nextjs-api/sign-up', {turnstileToken: 'made up'})).status, 400);
	const {token: turnstileToken} = await v.token('turnstile');
	assert.equal((await v.post('/nextjs-api/sign-up', {turnstileToken})).status, 200);
	assert.equal((await v.post('/nextjs-api/sign-up', {turnstileToken})).status, 400, 'good once');
	assert.equal((await v.create()).status, 200);
	site.knobs.loginGate = true;
	assert.equal((await v.create()).json.error, 'LOGIN_GATE');
});

onSite('every refusal comes as it is told, and a list is used up in its order', {}, async (site, v) => {
	const seen = {};
	for (const name of Object.keys(REFUSALS).filter(each => each !== 'broken')) {
		site.knobs.refuse = {create: [name]};
		const answer = await v.create();
		seen[name] = answer.status;
		assert.equal(answer.text, REFUSALS[name](site.now()).body);
	}
	assert.deepEqual([seen.quota_hours, seen.too_large, seen.cloudflare_challenge, seen.prompt_failed], [429, 413, 503, 429]);
	site.knobs.refuse = {create: ['broken'], models: 'server_error', resume: ['bad_gateway']};
	await assert.rejects(v.create(), /socket hang up/);
	assert.equal((await v.create()).status, 200, 'the list is used up');
	assert.deepEqual([(await v.get('/nextjs-api/model-catalog')).status, (await v.get('/nextjs-api/model-catalog')).status], [500, 500]);
	assert.equal((await v.get(`/nextjs-api/stream/resume-video-workflow/${uuid7(1)}`)).status, 502);
	assert.equal((await v.get(`/nextjs-api/stream/resume-video-workflow/${uuid7(1)}`)).json.error, 'Session not found');
});

onSite('the quota ends in the site\'s own words', {quota: 1}, async (site, v) => {
	assert.equal((await v.create()).status, 200);
	assert.match((await v.create()).json.error, /try again in 10 hours/);
});

onSite('the stream ends early: the run goes on, resume tells all of it, the record has it', {ending: 'early', hold: true},
	async (site, v) => {
		const body = await v.run();
		assert.deepEqual(linksIn((await v.post(sid, body)).text), []);
		assert.deepEqual(statuses(await record(v, body.id)), ['pending', 'pending']);
		const resumed = v.get(`/nextjs-api/stream/resume-video-workflow/${body.id}`);
		await until('it to be watched', () => site.runs.find(body.id).watchers === 1);
		site.knobs.hold = false;
		assert.equal(linksIn((await resumed).text).length, 2);
		assert.deepEqual(statuses(await record(v, body.id)), ['success', 'success']);
		site.knobs.resume = 'missing';
		assert.equal((await v.get(`/nextjs-api/stream/resume-video-workflow/${body.id}`)).status, 404);
		site.knobs.owner = 'somebody else';
		assert.match((await v.get(`/api/evaluation/${body.id}`)).json.error, /does not have access/);
	});

onSite('the stream is cut in mid-line', {ending: 'cut'}, async (site, v) => {
	const body = await v.run();
	const error = await v.post(sid, body).then(() => assert.fail('it was whole'), each => each);
	assert.match(error.parts, /\na2:\[\{"type":"heartb$/);
	await until('the run to be over all the same', async () => statuses(await record(v, body.id))[0] === 'success');
	assert.equal(site.seen.evaluations[0].ended, 'cut');
});

onSite('who leaves before generation has begun loses the session', {startMs: 150}, async (site, v) => {
	const body = await v.run();
	const leave = new AbortController();
	await assert.rejects(v.post(sid, body, {signal: leave.signal, onAnswer: () => leave.abort()}));
	await until('it to be lost', async () => (await v.get(`/api/evaluation/${body.id}`)).status === 404);
});

onSite('torn, slow, with data: before lines, text and frames that nobody knows', {piece: 1, dataPrefix: true,
	text: 'Grüße 🌋', noise: ['az:{"new":true}', 'a2:[{"type":"mystery"}]']}, async (site, v) => {
	const {text, parts} = await v.create();
	assert.ok(text.split('\n').filter(Boolean).every(line => line.startsWith('data: ')));
	assert.ok(linesOf(text).some(each => each.code === '0' && each.value === 'Grüße 🌋'));
	assert.ok(text.includes('az:{"new":true}') && text.includes('mystery'));
	assert.ok(parts.some(part => part.length === 1 && part[0] >= 0x80), 'characters were torn');
	assert.equal(linksIn(text).length, 2);
});

onSite('a video is said in each shape', {}, async (site, v) => {
	for (const shape of Object.keys(SHAPES)) {
		site.knobs.videoFrame = shape;
		assert.equal(linksIn((await v.create()).text).length, shape === 'none' ? 0 : 2, shape);
	}
});

onSite('the second side may be there first', {first: 'b'}, async (site, v) => {
	const {text} = await v.create();
	assert.deepEqual(linesOf(text).filter(each => each.code === 'd').map(each => each.side), ['b', 'a']);
});

onSite('a run ends in each way', {}, async (site, v) => {
	const end = async outcome => {
		site.knobs.outcome = outcome;
		const body = await v.run();
		const {text} = await v.post(sid, body);
		return [statuses(await record(v, body.id)).join(' '), linksIn(text).length, /[ab][03e]:"[^"]*"|finishReason":"content-filter|"message"/.exec(text)?.[0]];
	};
	assert.deepEqual(await end('only_a'), ['success failed', 1, 'b3:"The provider timed out"']);
	assert.deepEqual(await end('filtered'), ['flagged flagged', 0, 'finishReason":"content-filter']);
	assert.deepEqual(await end('provider'), ['failed failed', 0, 'a3:"Provider says: die Übertragung brach ab 🛑"']);
	assert.deepEqual(await end('platform'), ['failed failed', 0, '"message"']);
	assert.deepEqual(await end('platform_text'), ['failed failed', 0, 'ae:"Something went wrong with this response"']);
	assert.deepEqual(await end('arena_error'), ['failed failed', 0, 'a0:"hasArenaError"']);
	assert.deepEqual(await end('empty'), ['success success', 0, undefined]);
});

onSite('stop: both sides stopped, the stream ends without a video', {hold: true}, async (site, v) => {
	const body = await v.run();
	const stream = v.post(sid, body);
	await until('it to run', () => site.runs.find(body.id)?.phase === 'running');
	for (const id of [body.modelAMessageId, body.modelBMessageId])
		assert.ok(Date.parse((await v.post(`/nextjs-api/stream/stop/${body.id}/messages/${id}`)).json.stoppedAt));
	assert.deepEqual(linksIn((await stream).text), []);
	assert.deepEqual(statuses(await record(v, body.id)), ['stopped', 'stopped']);
});

onSite('vote: once, by the messages of the session, with a token; then the names', {}, async (site, v) => {
	const body = await v.run();
	await v.post(sid, body);
	const ballot = async more => v.post('/api/vote', {value: 'model_a', messageAId: body.modelAMessageId,
		messageBId: body.modelBMessageId, evaluationSessionId: body.id, recaptchaV3Token: (await v.token()).token, ...more});
	assert.equal((await ballot({value: 'a'})).status, 400);
	assert.equal((await ballot({recaptchaV3Token: 'no'})).status, 403);
	assert.equal((await ballot({messageAId: body.modelBMessageId})).status, 409);
	assert.equal((await ballot()).status, 200);
	assert.equal((await ballot()).json.error, 'Already voted');
	const named = (await record(v, body.id)).messages.slice(1).map(each => each.modelId);
	assert.deepEqual(named, site.knobs.catalogue[1].models.slice(0, 2).map(each => each.id));
	site.knobs.reveal = 'answer';
	const second = await v.run();
	await v.post(sid, second);
	const answer = await ballot({messageAId: second.modelAMessageId, messageBId: second.modelBMessageId, evaluationSessionId: second.id});
	assert.equal(answer.json.modelA.publicName, 'veo-3');
});

onSite('an image: action ids in chunks that change, signed upload, signed link, a run with it', {}, async (site, v) => {
	const done = async (name, args) => JSON.parse(/^1:(.*)$/m.exec((await v.action(name, args)).text)[1]);
	const bytes = png(64, 64);
	const {data: {uploadUrl, key}} = await done('generateUploadUrl', ['a.png', 'image/png']);
	assert.equal((await v.call('PUT', uploadUrl.replace('x-life=3600000', 'x-life=9600000'), {body: bytes})).status, 403);
	assert.equal((await v.call('PUT', uploadUrl, {body: bytes, headers: {'content-type': 'image/png'}})).status, 200);
	const {data: {url}} = await done('getSignedUrl', [key]);
	assert.deepEqual((await v.get(url, {cookie: ''})).bytes, bytes);
	const attached = contentType => v.create({userMessage: {content: 'it moves',
		experimental_attachments: [{name: key, contentType, url}]}});
	assert.equal((await attached('image/png')).status, 200);
	assert.equal(site.runs.all.values().next().value.sides.a.model, site.knobs.catalogue[2].models[0].id);
	assert.equal((await attached('image/gif')).status, 400);
	const page = (await v.get('/video')).text;
	site.knobs.deployment = 2;
	assert.notEqual((await v.get('/video')).text, page);
	assert.equal((await v.get(/src="(\/_next[^"]+)"/.exec(page)[1])).status, 404);
	assert.equal((await v.post('/video', ['a.png', 'image/png'], {headers: {'next-action': '70ab'}})).status, 404);
	assert.equal((await done('generateUploadUrl', ['a.png', 'image/gif'])).success, false);
	site.knobs.uploadMax = 10;
	const small = (await done('generateUploadUrl', ['a.png', 'image/png'])).data.uploadUrl;
	assert.equal((await v.call('PUT', small, {body: bytes})).status, 413);
	site.knobs.clockSkewMs = 3_700_000;
	assert.equal((await v.get(url)).status, 403, 'links end');
});

onSite('files: for whom, with and without leave for other origins', {linkHost: 'closed'}, async (site, v) => {
	const [link] = linksIn((await v.create()).text);
	assert.equal(new URL(link).host, 'standin.r2.cloudflarestorage.com');
	const from = {headers: {origin: site.origin}};
	assert.equal((await v.get(link, from)).headers['access-control-allow-origin'], site.origin);
	site.knobs.fileCors = false;
	assert.equal((await v.get(link, from)).headers['access-control-allow-origin'], undefined);
	site.knobs.linkHost = 'open';
	assert.match(linksIn((await v.create()).text)[0], /\.localhost:\d+\//);
});

onSite('the catalogue: by its endpoint, in the page, broken, missing, changed', {}, async (site, v) => {
	const get = () => v.get('/nextjs-api/model-catalog', {cookie: ''});
	assert.equal((await get()).json[1].arena, 'text-to-video');
	site.knobs.catalogue = [];
	assert.deepEqual((await get()).json, []);
	site.knobs.catalogueMode = 'broken';
	assert.match((await get()).headers['content-type'], /html/);
	site.reset();
	site.knobs.catalogueMode = 'page';
	assert.equal((await get()).status, 404);
	const pushed = JSON.parse(/__next_f\.push\((\[1,.*\])\)<\/script>/.exec((await v.get('/video')).text)[1])[1];
	assert.ok(JSON.parse(pushed.slice(2))[3].initialModels.length > 10);
});

onSite('Cloudflare stands before all, until a person passes', {cloudflare: 'challenge'}, async (site, v) => {
	for (const where of ['/video', '/api/me', '/nextjs-api/model-catalog']) {
		const answer = await v.get(where);
		assert.equal(answer.status, 503);
		assert.match(answer.text, /<title>Just a moment\.\.\.<.*_cf_chl_opt/s);
	}
	await v.post('/cdn-cgi/challenge-platform/pass');
	assert.equal((await v.get('/video')).status, 200);
	site.knobs.cloudflare = 'blocked';
	assert.match((await v.get('/video')).text, /Attention Required!/);
});

onSite('policies, the old name, strangers, and knobs that do not exist', {csp: 'strict'}, async (site, v) => {
	const policy = async () => (await v.get('/video')).headers['content-security-policy'];
	assert.match(await policy(), /connect-src 'self' https:;/);
	Object.assign(site.knobs, {csp: 'local', localPort: 3102});
	assert.match(await policy(), /connect-src 'self' https: ws:\/\/127\.0\.0\.1:3102;/);
	site.knobs.csp = 'none';
	assert.equal(await policy(), undefined);
	const moved = await v.get('https://lmarena.ai/video');
	assert.deepEqual([moved.status, moved.headers.location], [301, 'https://arena.ai/video']);
	await v.get('https://elsewhere.test/x');
	assert.deepEqual(site.seen.strangers, ['GET elsewhere.test/x']);
	assert.throws(() => site.knobs.csb = 'none', /no knob csb/);
	assert.throws(() => site.knobs.csb, /no knob csb/);
});
