/*
 * The routes that the page's scripts use. Each handler: (c, match) => answer; c is the request as
 * server.mjs makes it.
 */
import {modelOf} from './catalogue.mjs';
import {createWrong, loginWrong, parse, tokenWrong} from './checks.mjs';
import {isUuid7} from './ids.mjs';
import {sendRun} from './stream.mjs';

/* The words of the quota: when the first of the last runs is ten hours old. */
const quotaOver = ({knobs, seen}) => seen.evaluations.filter(each => each.status === 200).length >= knobs.quota;

/** The session that a path names, or the answer that there is none for this user. */
function sessionOf(c, id) {
	const wrong = loginWrong(c.knobs, c);
	const run = c.site.runs.find(id);
	if (wrong || !run)
		return c.refuse(wrong ?? 'not_found');
	return run.owner === c.knobs.owner ? run : c.refuse('no_access');
}

async function create(c) {
	const {site, knobs, seen} = c;
	const body = parse(await c.body());
	const entry = {id: body?.id, mode: body?.mode, prompt: body?.userMessage?.content, body, at: Date.now(),
		status: undefined, refused: undefined, ended: undefined};
	seen.evaluations.push(entry);
	if (body?.id && seen.evaluations.some(each => each !== entry && each.id === body.id))
		seen.violations.push(`the session ${body.id} was asked for twice`);
	const wrong = loginWrong(knobs, c) ?? c.takeRefusal('create') ?? createWrong(site, body) ??
		(site.runs.find(body.id) ? 'invalid_content' : undefined) ?? (quotaOver(site) ? 'quota_hours' : undefined);
	if (wrong) {
		entry.refused = wrong;
		return entry.status = await c.refuse(wrong);
	}
	entry.status = 200;
	const run = site.runs.create({id: body.id, mode: body.mode, prompt: body.userMessage.content,
		attachments: body.userMessage.experimental_attachments ?? [], userMessageId: body.userMessageId,
		messageIds: [body.modelAMessageId, body.modelBMessageId].slice(0, body.mode === 'direct' ? 1 : 2),
		modelIds: [body.modelAId, body.modelBId], owner: knobs.owner});
	entry.ended = await sendRun(c, site.runs, run, knobs.ending);
	return undefined;
}

function resume(c, [, id]) {
	const run = sessionOf(c, id);
	c.seen.resumes.push({id, found: Boolean(run?.id)});
	if (!run?.id)
		return run;
	if (c.knobs.resume === 'missing')
		return c.refuse('not_found');
	return sendRun(c, c.site.runs, run, {stream: 'whole', early: 'early', cut: 'cut'}[c.knobs.resume]);
}

function stop(c, [, id, messageId]) {
	const run = sessionOf(c, id);
	if (!run?.id)
		return run;
	c.seen.stops.push({id, messageId});
	return c.site.runs.stop(run, messageId) ? c.json(200, {stoppedAt: new Date(c.site.now()).toISOString()})
		: c.refuse('not_found');
}

function record(c, [, id]) {
	const run = sessionOf(c, id);
	c.seen.records.push({id, found: Boolean(run?.id)});
	return run?.id ? c.json(200, c.site.runs.record(run)) : run;
}

async function vote(c) {
	const body = parse(await c.body()) ?? {};
	const entry = {value: body.value, session: body.evaluationSessionId, body, status: undefined};
	c.seen.votes.push(entry);
	const wrong = c.takeRefusal('vote') ?? loginWrong(c.knobs, c) ??
		(['model_a', 'model_b', 'tie', 'both_bad'].includes(body.value) && isUuid7(body.evaluationSessionId)
			? tokenWrong(c.site, body) : 'invalid_content');
	if (wrong)
		return entry.status = await c.refuse(wrong);
	const run = sessionOf(c, body.evaluationSessionId);
	if (!run?.id)
		return entry.status = await run;
	const {a, b} = run.sides;
	if (run.vote || a.messageId !== body.messageAId || b?.messageId !== body.messageBId)
		return entry.status = await c.json(409, {error: run.vote ? 'Already voted' : 'Messages do not match'});
	run.vote = body.value;
	entry.status = 200;
	const say = side => ({id: side.model, publicName: modelOf(c.knobs.catalogue, side.model)?.publicName});
	return c.json(200, c.knobs.reveal === 'answer' ? {success: true, modelA: say(a), modelB: say(b)} : {success: true});
}

function me(c) {
	return loginWrong({...c.knobs, loginGate: false}, c) ? c.refuse('unauthorized')
		: c.json(200, {id: 'u7f3a', email: c.knobs.login === 'guest' ? null : 'person@example.com',
			isAnonymous: c.knobs.login === 'guest', username: 'person'});
}

function refresh(c) {
	c.seen.refreshes.push({at: Date.now(), login: c.knobs.login});
	if (c.knobs.login === 'expired')
		c.knobs.login = 'in';
	return c.knobs.login === 'in' ? c.json(200, {success: true}) : c.refuse('unauthorized');
}

async function signUp(c) {
	const body = parse(await c.body()) ?? {};
	const why = c.site.tokens.use('turnstile', body.turnstileToken);
	c.seen.signUps.push({body, why});
	if (why)
		return c.json(400, {error: 'Turnstile verification failed'});
	if (c.knobs.login === 'visitor')
		c.knobs.login = 'guest';
	return c.json(200, {success: true});
}

/* A person's click on "Log in". */
function logIn(c) {
	c.knobs.login = 'in';
	return c.json(200, {success: true});
}

function models(c) {
	const {catalogueMode, catalogue} = c.knobs;
	c.seen.catalogues.push({at: Date.now()});
	if (catalogueMode === 'broken')
		return c.send(200, '<!DOCTYPE html><title>Arena</title>', {'content-type': 'text/html'});
	return catalogueMode === 'endpoint' ? c.json(200, catalogue) : c.json(404, {error: 'Not found'});
}

/** method, path, name (for the knob `refuse`), handler. */
export const API = [
	['POST', /^\/nextjs-api\/stream\/create-evaluation$/, 'create', create],
	['GET', /^\/nextjs-api\/stream\/resume-video-workflow\/([^/]+)$/, 'resume', resume],
	['POST', /^\/nextjs-api\/stream\/stop\/([^/]+)\/messages\/([^/]+)$/, 'stop', stop],
	['GET', /^\/api\/evaluation\/([^/]+)$/, 'record', record],
	['POST', /^\/api\/vote$/, 'vote', vote],
	['POST', /^\/nextjs-api\/refresh$/, 'refresh', refresh],
	['POST', /^\/nextjs-api\/sign-up$/, 'signUp', signUp],
	['POST', /^\/nextjs-api\/log-in$/, 'logIn', logIn],
	['GET', /^\/api\/me$/, 'me', me],
	['GET', /^\/nextjs-api\/model-catalog$/, 'models', models],
];

/* These use their refusal up themselves, after they have written down what was asked. */
export const REFUSES_ITSELF = new Set(['create', 'vote']);
