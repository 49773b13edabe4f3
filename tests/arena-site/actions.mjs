/*
 * Server actions: functions of the site behind ids that change with every deployment and are found
 * in the page's chunks.
 */
import {createHash} from 'node:crypto';

import {loginWrong, parse} from './checks.mjs';

const hash = text => createHash('sha1').update(text).digest('hex');

/** The id of an action in this deployment. */
export const actionId = (knobs, name) => `70${hash(`${knobs.deployment} ${name}`)}`;

/** The hash in the names of the chunks of this deployment. */
export const buildId = knobs => hash(`build ${knobs.deployment}`).slice(0, 16);

const done = data => ({success: true, data});

const ACTIONS = {
	generateUploadUrl(site, [name, type]) {
		if (typeof name !== 'string' || !/^image\/(png|jpeg|webp)$/.test(type))
			return {success: false, error: 'Unsupported file type'};
		const key = `u7f3a/${site.now()}-${hash(name + Math.random()).slice(0, 12)}.${type.slice(6)}`;
		return done({uploadUrl: site.bucket.uploadLink(key), key});
	},
	getSignedUrl(site, [key]) {
		return site.bucket.files.has(key) ? done({url: site.bucket.link(key)}) : {success: false, error: 'File not found'};
	},
};

export const ACTION_NAMES = Object.keys(ACTIONS);

/** Answers a POST with Next-Action. */
export async function serveAction(c) {
	const {knobs} = c.site;
	const name = ACTION_NAMES.find(each => actionId(knobs, each) === c.headers['next-action']);
	c.seen.actions.push({name, id: c.headers['next-action']});
	if (!name)
		return c.send(404, 'Server action not found.', {'content-type': 'text/plain', 'x-nextjs-action-not-found': '1'});
	const wrong = loginWrong(knobs, c) ?? c.takeRefusal(name);
	if (wrong)
		return c.refuse(wrong);
	const args = parse(await c.body());
	if (!Array.isArray(args))
		return c.refuse('server_error');
	const head = JSON.stringify({a: '$@1', f: '', b: buildId(knobs)});
	return c.send(200, `0:${head}\n1:${JSON.stringify(ACTIONS[name](c.site, args))}\n`, {'content-type': 'text/x-component'});
}
