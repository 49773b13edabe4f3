/*
 * The site as a script on its page asks it, without a browser: for the tests of the stand-in itself.
 */
import https from 'node:https';

import {uuid7} from './ids.mjs';

const AUTH = 'arena-auth=standin';

/** Calls that answer {status, headers, bytes, text, json}; a broken connection is an error. */
export function visitorOf(site) {
	/* One request; onAnswer, when given, gets the answer before its body has come. */
	function call(method, where, {body, headers = {}, cookie = AUTH, onAnswer, signal} = {}) {
		const url = new URL(where, site.origin);
		return new Promise((resolve, reject) => {
			const request = https.request({host: '127.0.0.1', port: site.port(), method, path: url.pathname + url.search,
				rejectUnauthorized: false, agent: false, signal,
				headers: {host: url.hostname, ...(cookie ? {cookie} : {}), ...headers}}, async answer => {
				onAnswer?.(answer);
				const parts = [];
				try {
					for await (const part of answer)
						parts.push(part);
				} catch (error) {
					reject(Object.assign(error, {parts: Buffer.concat(parts).toString()}));
					return;
				}
				const bytes = Buffer.concat(parts);
				resolve({status: answer.statusCode, headers: answer.headers, bytes, parts, text: bytes.toString(),
					get json() {
						return JSON.parse(bytes);
					}});
			});
			request.on('error', reject);
			request.end(typeof body === 'object' && !Buffer.isBuffer(body) ? JSON.stringify(body) : body);
		});
	}

	/** A token as the page's widget gets one. */
	async function token(kind = 'v3', key = kind === 'turnstile' ? site.knobs.turnstileKey : site.knobs.recaptchaKey) {
		const host = kind === 'turnstile' ? 'challenges.cloudflare.com' : 'www.google.com';
		return (await call('POST', `https://${host}/standin/token`, {cookie: '', body: {kind, key, action: 'chat_submit'}})).json;
	}

	/** The body of a run; more: over it. */
	async function run(more = {}) {
		const id = () => uuid7(site.now());
		return {id: id(), mode: 'battle', modality: 'video', userMessageId: id(), modelAMessageId: id(), modelBMessageId: id(),
			userMessage: {content: 'a boat', experimental_attachments: [], metadata: {}},
			recaptchaV3Token: (await token()).token, ...more};
	}

	const create = async (more, options) =>
		call('POST', '/nextjs-api/stream/create-evaluation', {body: await run(more), ...options});

	/** An action of the site by its name, the id found in the page's chunks as a script finds it. */
	async function action(name, args) {
		const page = (await call('GET', '/video')).text;
		for (const [, chunk] of page.matchAll(/src="(\/_next\/static\/chunks\/[^"]+)"/g)) {
			const code = (await call('GET', chunk)).text;
			const id = new RegExp(`createServerReference\\)\\("([0-9a-f]+)",[^)]*?"${name}"\\)`).exec(code)?.[1];
			if (id)
				return call('POST', '/video', {body: args, headers: {'next-action': id, 'accept': 'text/x-component'}});
		}
		throw new Error(`no chunk knows ${name}`);
	}

	return {call, token, run, create, action,
		get: (where, options) => call('GET', where, options),
		post: (where, body, options) => call('POST', where, {body, ...options})};
}

/** The lines of a stream: [{side, code, value}]. */
export const linesOf = text => text.split('\n').filter(Boolean).map(line => {
	const [, side, code, json] = /^(?:data: )?([ab])(\w):(.*)$/.exec(line);
	return {side, code, value: JSON.parse(json)};
});

/** The links of videos in a stream's text, in order. */
export const linksIn = text => [...text.matchAll(/https:[^"]+\.mp4[^"]*/g)].map(([link]) => link);
