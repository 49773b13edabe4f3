/*
 * docs/openapi.json, held against what the server really answers. Every answer that a test gets from a
 * stack by fetch is checked on the way: its status, its headers, the shape of its JSON, its events. What
 * does not fit is kept, and fails the test file at its end. Clients that use fetch are checked, too.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import {after} from 'node:test';
import {fileURLToPath} from 'node:url';

import Ajv from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

export const document = JSON.parse(fs.readFileSync(path.join(ROOT, 'docs/openapi.json')));

/* Served, but not of the API. */
const PAGES = /^\/(video-chat|docs)(\/|$)|^\/ws$/;

/* Said by the HTTP library about what it cannot read, before there is a route. */
const UNREADABLE = [400, 408, 413, 414, 431, 503];

const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete'];

/* Keys that the document does not have are wrong in an answer; parts that are put together know only theirs. */
const PARTS = new Set([...JSON.stringify(document).matchAll(/"allOf":\[(.*?)\]/g)]
	.flatMap(each => [...each[1].matchAll(/schemas\/(\w+)/g)]).map(each => each[1]));

function strict(node, name) {
	if (Array.isArray(node))
		return node.map(each => strict(each));
	if (node === null || typeof node !== 'object')
		return node;
	const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, strict(value, key)]));
	if (copy.type === 'object' && copy.properties && !('additionalProperties' in copy) && !PARTS.has(name))
		copy.unevaluatedProperties = false;
	return copy;
}

const ajv = new Ajv({strict: false, allErrors: true, validateSchema: false});
formats(ajv);
ajv.addSchema(strict(document), 'api');

const validators = new Map();

/* The validator of what is at a place of the document: ['paths', '/v1/videos', ...]. */
function validatorAt(place) {
	const pointer = place.map(each => encodeURIComponent(each.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
	if (!validators.has(pointer))
		validators.set(pointer, ajv.compile({$ref: `api#/${pointer}`}));
	return validators.get(pointer);
}

const complaints = validate => validate.errors.map(each =>
	`${each.instancePath || '/'} ${each.message} ${JSON.stringify(each.params)}`).join('; ');

/** What is wrong with a value, by the schema at a place of the document; '' when nothing is. */
export function misfit(place, value) {
	const validate = validatorAt(place);
	return validate(value) ? '' : complaints(validate);
}

/* An object of the document and its place, behind a reference when it is one. */
function at(...place) {
	const node = place.reduce((each, key) => each?.[key], document);
	return node?.$ref ? at(...node.$ref.slice(2).split('/')) : {node, place};
}

/* Each path as a pattern; those with fewer parameters first. The name of a model may have slashes. */
const templates = Object.keys(document.paths).map(template => ({
	template,
	parameters: template.split('{').length,
	pattern: new RegExp(`^${template.replaceAll('.', '\\.').replace('{model}', '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
})).sort((a, b) => a.parameters - b.parameters);

/** The path of the document that fits this one, literals first; undefined: none. */
export const templateOf = pathname => templates.find(each => each.pattern.test(pathname))?.template;

/** All operations: ['get /v1/videos', ...]. */
export const operations = Object.entries(document.paths).flatMap(([template, item]) =>
	METHODS.filter(each => item[each]).map(method => `${method} ${template}`));

/** What was answered so far: 'get /v1/videos 200'. */
export const seen = new Set();

/* What did not fit. */
const misfits = [];

const isError = (pathname, body) => misfit(['components', 'schemas', pathname.startsWith('/api/') ? 'RouterError' : 'Error'], body) === '';

function checkHeaders(place, headers) {
	const problems = [];
	for (const name of Object.keys(at(...place).node ?? {})) {
		const found = at(...place, name);
		const value = headers.get(name);
		if (value === null) {
			if (found.node.required)
				problems.push(`the header ${name} is missing`);
			continue;
		}
		const typed = found.node.schema.type === 'integer' && /^-?\d+$/.test(value) ? Number(value) : value;
		const wrong = misfit([...found.place, 'schema'], typed);
		if (wrong)
			problems.push(`the header ${name}: ${value}: ${wrong}`);
	}
	return problems;
}

const typeOf = headers => (headers.get('content-type') ?? '').split(';')[0].trim();

function checkBody(place, headers, text) {
	const type = typeOf(headers);
	const {node} = at(...place);
	if (!node?.[type])
		return [`the type ${type || 'none'} is not one of ${Object.keys(node ?? {}).join(', ') || 'none'}`];
	if (type !== 'application/json')
		return [];
	const wrong = misfit([...place, type, 'schema'], JSON.parse(text));
	return wrong ? [wrong] : [];
}

/**
 * What is wrong with an answer: a list of sentences. text: its body, where that is JSON; has_body: whether there is one.
 */
export function check({method, pathname, status, headers, text, hasBody}) {
	const template = templateOf(pathname);
	const path = document.paths[template];
	const verb = method.toLowerCase();
	const problems = headers.get('x-request-id') ? [] : ['no x-request-id'];
	const error = () => verb === 'head' || (text !== undefined && isError(pathname, JSON.parse(text)));

	if (PAGES.test(pathname))
		return problems;
	if (!path)
		return problems.concat([404, ...UNREADABLE].includes(status) && error() ? [] : ['there is no such path in the document']);
	if (verb === 'options')
		return problems;
	const place = ['paths', template, path[verb] ? verb : verb === 'head' ? 'get' : verb];
	if (!at(...place).node) {
		if (status === 405 && !headers.get('allow'))
			problems.push('no Allow');
		return problems.concat([405, ...UNREADABLE].includes(status) && error() ? [] : ['there is no such operation in the document']);
	}
	const answer = at(...place, 'responses', String(status));
	if (!answer.node)
		return problems.concat(UNREADABLE.includes(status) && error() ? [] : [`the status ${status} is not in the document`]);
	seen.add(`${place[2]} ${template} ${status}`);
	problems.push(...checkHeaders([...answer.place, 'headers'], headers));
	if (hasBody)
		problems.push(...checkBody([...answer.place, 'content'], headers, text));
	return problems;
}

/* Passes server-sent events on, and looks at each whose shape the document tells. */
function eventsChecker(place, tell) {
	const decoder = new TextDecoder();
	let rest = '';
	return new TransformStream({
		transform(chunk, controller) {
			controller.enqueue(chunk);
			const blocks = (rest + decoder.decode(chunk, {stream: true})).split('\n\n');
			rest = blocks.pop();
			for (const block of blocks) {
				const field = name => block.split('\n').find(line => line.startsWith(`${name}: `))?.slice(name.length + 2);
				const data = field('data');
				const name = field('event') ?? 'message';
				if (data === undefined || data === '[DONE]')
					continue;
				if (!at(...place, 'x-events', name).node) {
					tell(`there is no event ${name} in the document`);
					continue;
				}
				const wrong = misfit([...place, 'x-events', name], JSON.parse(data));
				if (wrong)
					tell(`event ${name}: ${wrong}`);
			}
		},
	});
}

const origins = new Set();
const pending = new Set();
const plainFetch = globalThis.fetch;

/** From now on, answers of the server at this address are checked. */
export function watchContract(url) {
	origins.add(url);
}

async function look(answer, about) {
	const hasBody = about.method !== 'HEAD' && ![204, 304].includes(answer.status) && answer.headers.get('content-length') !== '0';
	const isJson = typeOf(answer.headers) === 'application/json';
	let text;
	try {
		text = hasBody && isJson ? await answer.text() : undefined;
	} catch {
		return; /* cut off, by the test or with the server: nothing to compare */
	}
	for (const problem of check({...about, status: answer.status, headers: answer.headers, text, hasBody}))
		misfits.push(`${about.method} ${about.pathname} answered ${answer.status}: ${problem}${text ? `\n  ${text.slice(0, 600)}` : ''}`);
}

/* Tests send paths, too, that say nothing in UTF-8. */
function decoded(pathname) {
	try {
		return decodeURIComponent(pathname);
	} catch {
		return pathname;
	}
}

globalThis.fetch = async function fetch(input, options) {
	const answer = await plainFetch(input, options);
	const url = new URL(input instanceof Request ? input.url : input);
	if (!origins.has(url.origin))
		return answer;
	const about = {method: (options?.method ?? input.method ?? 'GET').toUpperCase(), pathname: decoded(url.pathname)};
	const isStream = typeOf(answer.headers) === 'text/event-stream';
	const task = look(isStream ? new Response(null, answer) : typeOf(answer.headers) === 'application/json' ? answer.clone() : answer, about)
		.finally(() => pending.delete(task));
	pending.add(task);
	if (!isStream || !answer.body)
		return answer;
	const place = at('paths', templateOf(about.pathname), about.method.toLowerCase(), 'responses', String(answer.status)).place;
	const checked = new Response(answer.body.pipeThrough(eventsChecker([...place, 'content', 'text/event-stream'],
		problem => misfits.push(`${about.method} ${about.pathname}: ${problem}`))), answer);
	return Object.defineProperty(checked, 'url', {value: answer.url});
};

after(async () => {
	await Promise.all(pending);
	assert.deepEqual(misfits, [], 'answers that docs/openapi.json does not tell of');
});
