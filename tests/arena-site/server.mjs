/*
 * A stand-in for the Arena site, for the tests: an https server on loopback that behaves as the
 * public facts say that the site does. It answers for every host that its page needs (the files'
 * bucket, the widgets), so a browser whose names are all mapped to it never leaves the machine.
 *
 *	const site = await startSite({knobs: {outcome: 'filtered'}});
 *	site.knobs.cloudflare = 'challenge';    // any knob, at any time: knobs.mjs
 *	site.seen.evaluations                   // all that was asked of it
 *	await site.stop();
 */
import fs from 'node:fs';
import http2 from 'node:http2';
import {setTimeout as sleep} from 'node:timers/promises';

import {API, REFUSES_ITSELF} from './api.mjs';
import {isBucket, makeBucket} from './bucket.mjs';
import {makeCert} from './cert.mjs';
import {makeKnobs} from './knobs.mjs';
import {isPage, servePage} from './pages.mjs';
import {REFUSALS, takeRefusal} from './refusals.mjs';
import {makeRuns} from './runs.mjs';
import {makeTokens} from './tokens.mjs';
import {isWidgetHost, serveWidget} from './widgets.mjs';

const BODY_MAX = 30 << 20;

/* What a browser asks for by itself, whatever its flags. */
const BROWSERS_OWN = /(^|\.)(google|googleapis|gstatic|gvt1)\.com$/;

const nothingSeen = () => ({requests: [], evaluations: [], resumes: [], records: [], stops: [], votes: [], actions: [],
	uploads: [], downloads: [], tokens: [], refreshes: [], signUps: [], catalogues: [], violations: [], strangers: []});

async function readBody(req) {
	const parts = [];
	let size = 0;
	for await (const part of req) {
		size += part.length;
		if (size <= BODY_MAX)
			parts.push(part);
	}
	return Buffer.concat(parts);
}

/* One request, with what handlers need. */
function contextOf(site, req, res) {
	const host = req.authority || req.headers[':authority'] || req.headers.host || '';
	const url = new URL(req.url, `https://${host}`);
	let bytes;

	const c = {
		site, knobs: site.knobs, seen: site.seen, req, res, method: req.method, headers: req.headers,
		host: url.hostname, path: url.pathname, query: url.searchParams,
		body: () => bytes ??= readBody(req),
		takeRefusal: route => takeRefusal(site.knobs, route),
		/** Answers; resolves to the status. */
		send(status, body, headers = {}) {
			res.writeHead(status, {'cache-control': 'no-store', ...headers});
			res.end(c.method === 'HEAD' || status === 204 ? undefined : body);
			return status;
		},
		json: (status, body) => c.send(status, JSON.stringify(body), {'content-type': 'application/json'}),
		refuse(name) {
			const answer = REFUSALS[name](site.now());
			return answer ? c.send(answer.status, answer.body, answer.headers) : c.breakOff();
		},
		/** Ends the connection (of HTTP/2: the stream) as a lost network does. */
		breakOff() {
			if (req.stream)
				req.stream.close(http2.constants.NGHTTP2_INTERNAL_ERROR);
			else
				req.socket.destroy();
			return 0;
		},
	};
	return c;
}

async function serveSite(c) {
	const {knobs} = c;
	if (c.path === '/cdn-cgi/challenge-platform/pass') {
		knobs.cloudflare = 'none';
		return c.json(200, {});
	}
	if (knobs.cloudflare !== 'none')
		return c.refuse(`cloudflare_${knobs.cloudflare}`);
	if (isPage(c))
		return servePage(c);
	for (const [method, pattern, name, handler] of API) {
		const match = method === c.method && pattern.exec(c.path);
		if (!match)
			continue;
		if (knobs.delayMs) {
			await c.body(); // it has heard all, whoever goes then
			await c.site.pause(knobs.delayMs);
		}
		const wrong = REFUSES_ITSELF.has(name) ? undefined : c.takeRefusal(name);
		return wrong ? c.refuse(wrong) : handler(c, match);
	}
	return c.json(404, {error: 'Not found'});
}

async function serve(c) {
	const {seen, site} = c;
	if (BROWSERS_OWN.test(c.host) && !isWidgetHost(c.host))
		return c.send(404, '');
	const entry = {at: Date.now(), method: c.method, host: c.host, path: c.path, headers: {...c.headers}, status: undefined};
	seen.requests.push(entry);
	c.res.on('close', () => {
		entry.status = c.res.statusCode;
		entry.whole = c.res.writableEnded;
	});
	c.res.setHeader('date', new Date(site.now()).toUTCString());
	if (isBucket(c.host))
		return site.bucket.serve(c);
	if (isWidgetHost(c.host))
		return serveWidget(c);
	if (/(^|\.)lmarena\.ai$/.test(c.host))
		return c.send(301, '', {location: `https://arena.ai${c.path}`});
	if (/(^|\.)arena\.ai$/.test(c.host))
		return serveSite(c);
	seen.strangers.push(`${c.method} ${c.host}${c.path}`);
	return c.send(404, '');
}

/** port 0: any. knobs: over those of knobs.mjs. */
export async function startSite({port = 0, knobs: given = {}} = {}) {
	const {knobs, until, reset} = makeKnobs(given);
	const ending = new AbortController();
	const cert = makeCert();
	const seen = nothingSeen();
	const site = {knobs, until, seen, signal: ending.signal, reset, ca: cert.file, origin: 'https://arena.ai',
		now: () => Date.now() + knobs.clockSkewMs,
		pause: ms => sleep(ms, undefined, {signal: ending.signal}),
		port: () => server.address().port, errors: [],
		/** Forgets what was seen. */
		forget: () => Object.assign(seen, nothingSeen())};
	site.bucket = makeBucket(site);
	site.tokens = makeTokens(knobs, () => seen.tokens, site.now);
	site.runs = makeRuns(site);

	const server = http2.createSecureServer({key: cert.key, cert: cert.cert, allowHTTP1: true}, (req, res) => {
		req.on('error', () => {}); // who asked has gone
		res.on('error', () => {});
		serve(contextOf(site, req, res)).catch(error => {
			if (ending.signal.aborted || /aborted|premature|destroyed|closed/i.test(error.message))
				return;
			site.errors.push(error.stack);
			console.error(`the stand-in site failed: ${error.stack}`);
			res.destroy?.();
		});
	});
	const sessions = new Set();
	const keep = each => sessions.add(each).size && each.on('close', () => sessions.delete(each));
	server.on('session', keep);
	server.on('secureConnection', keep);
	server.on('sessionError', () => {});
	await new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
	site.url = `https://127.0.0.1:${server.address().port}`;

	site.stop = async () => {
		ending.abort();
		const closed = new Promise(resolve => server.close(resolve));
		for (const each of sessions)
			each.destroy();
		await closed;
		fs.rmSync(cert.folder, {recursive: true, force: true});
	};
	return site;
}
