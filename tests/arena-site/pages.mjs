/*
 * The pages and their chunks: what a browser shows, and where a script finds site keys, ids of
 * actions and, in the old way, the models.
 */
import fs from 'node:fs';

import {ACTION_NAMES, actionId, buildId, serveAction} from './actions.mjs';

const own = name => fs.readFileSync(new URL(`browser/${name}`, import.meta.url), 'utf8');

const PAGES = /^\/(?:|video|c\/[^/]+|\?.*)$/;

const POLICIES = {
	none: () => undefined,
	strict: () => "default-src 'self'; script-src 'self' 'unsafe-inline' https:; style-src 'self' 'unsafe-inline'; " +
		"connect-src 'self' https:; img-src 'self' https: data: blob:; media-src 'self' https: blob:; frame-src https:",
	local: knobs => POLICIES.strict(knobs).replace("connect-src 'self' https:", `$& ws://127.0.0.1:${knobs.localPort}`),
};

/* The chunk that the ids of the actions are in, as a bundler writes it. */
const actionChunk = knobs => `"use strict";(()=>{const n={callServer:0,findSourceMapURL:0,createServerReference:(id,c,e,f,name)=>{
(globalThis.__arenaActions??={})[name]=id;return()=>{}}};
${ACTION_NAMES.map((name, i) => `let r${i}=(0,n.createServerReference)("${actionId(knobs, name)}",n.callServer,void 0,n.findSourceMapURL,"${name}");`).join('')}
let o=(0,n.createServerReference)("${actionId(knobs, 'unrelated')}",n.callServer,void 0,n.findSourceMapURL,"deleteAccount");})();`;

/* Chunks by the first part of their names. */
const CHUNKS = {
	'webpack': () => '"use strict";(()=>{globalThis.__arenaReady=!0})();',
	'4719': actionChunk,
	'app-video': () => own('app.js'),
};

const chunkPath = (knobs, name) => `/_next/static/chunks/${name}-${buildId(knobs)}.js`;

function chunk(c) {
	const name = Object.keys(CHUNKS).find(each => c.path === chunkPath(c.knobs, each));
	return name ? c.send(200, CHUNKS[name](c.knobs), {'content-type': 'text/javascript; charset=utf-8'}) : c.send(404, '');
}

function modelsInPage({knobs}) {
	if (knobs.catalogueMode !== 'page')
		return '';
	const models = knobs.catalogue.flatMap(each => each.models);
	const data = `2:["$","$L1",null,{"initialModels":${JSON.stringify(models)},"initialMode":"battle"}]\n`;
	return `<script>self.__next_f.push([1,${JSON.stringify(data)}])</script>`;
}

function html(c) {
	const {knobs} = c;
	const recaptcha = knobs.recaptcha === 'absent' ? ''
		: `<script src="https://www.google.com/recaptcha/enterprise.js?render=${knobs.recaptchaKey}" async></script>`;
	const turnstile = knobs.turnstile === 'absent' ? ''
		: '<script src="https://challenges.cloudflare.com/turnstile/v0/api.js?render=explicit" async></script>';
	const scripts = Object.keys(CHUNKS).map(name => `<script src="${chunkPath(knobs, name)}" defer></script>`).join('\n');
	return own('page.html').replace('<!--widgets-->', `${recaptcha}\n${turnstile}`)
		.replace('<!--turnstile-->', `<div id="turnstile" data-sitekey="${knobs.turnstileKey}"></div>`)
		.replace('<!--models-->', () => modelsInPage(c)).replace('<!--chunks-->', () => scripts);
}

export const isPage = c => PAGES.test(c.path) || c.path.startsWith('/_next/') || ['/style.css', '/favicon.ico'].includes(c.path);

export function servePage(c) {
	if (c.path.startsWith('/_next/'))
		return chunk(c);
	if (c.path === '/favicon.ico')
		return c.send(204, '');
	if (c.path === '/style.css')
		return c.send(200, own('style.css'), {'content-type': 'text/css'});
	if (c.method === 'POST')
		return serveAction(c);
	const wrong = c.takeRefusal('page');
	if (wrong)
		return c.refuse(wrong);
	const policy = (POLICIES[c.knobs.csp] ?? (() => c.knobs.csp))(c.knobs);
	return c.send(200, html(c), {'content-type': 'text/html; charset=utf-8',
		'set-cookie': 'arena-auth=standin; Path=/; Secure; HttpOnly; SameSite=Lax',
		...(policy ? {'content-security-policy': policy} : {})});
}
