/*
 * What the site looks at before it makes a run, in its order. Each check answers the name of a
 * refusal or undefined.
 */
import {modelOf} from './catalogue.mjs';
import {isUuid7, timeOf} from './ids.mjs';

const MODES = ['battle', 'direct', 'direct-battle', 'side-by-side'];

/** Who asks? */
export function loginWrong(knobs, c) {
	if (!/(^|; )arena-auth=\w+/.test(c.headers.cookie ?? ''))
		return 'unauthorized';
	if (!['in', 'guest'].includes(knobs.login))
		return 'unauthorized';
	return knobs.loginGate && knobs.login === 'guest' ? 'login_gate' : undefined;
}

/** The body as the page sends it: JSON, whatever its type says; undefined when it is none. */
export function parse(bytes) {
	try {
		const body = JSON.parse(bytes);
		return body && typeof body === 'object' ? body : undefined;
	} catch {
		return undefined;
	}
}

function idsWrong(knobs, body, now) {
	const ids = [body.id, body.userMessageId, body.modelAMessageId,
		...(body.mode === 'direct' ? [] : [body.modelBMessageId])];
	if (!ids.every(isUuid7) || new Set(ids).size !== ids.length)
		return 'invalid_content';
	return ids.some(id => Math.abs(timeOf(id) - now) > knobs.idToleranceMs) ? 'spoofed' : undefined;
}

function modelsWrong(knobs, body) {
	const named = [body.modelAId, body.modelBId].filter(Boolean);
	if (body.mode === 'battle')
		return named.length ? 'invalid_content' : undefined;
	const count = body.mode === 'direct' ? 1 : 2;
	return named.length < count || named.some(id => !modelOf(knobs.catalogue, id)?.userSelectable) ? 'model' : undefined;
}

function contentWrong(bucket, body) {
	const {content, experimental_attachments: files = []} = body.userMessage ?? {};
	if (typeof content !== 'string' || !content.trim() || content.length > 2500)
		return 'invalid_content';
	if (!Array.isArray(files) || files.length > 1)
		return 'invalid_content';
	return files.every(each => bucket.keyOf(each.url) === each.name && /^image\/(png|jpeg|webp)$/.test(each.contentType))
		? undefined : 'invalid_content';
}

/** Is the token good? Uses it up. */
export function tokenWrong(site, body) {
	const {knobs, tokens} = site;
	if (knobs.recaptcha === 'off')
		return undefined;
	if (body.recaptchaV2Token) {
		if (tokens.use('v2', body.recaptchaV2Token))
			return 'recaptcha';
		knobs.verification = false;
		return undefined;
	}
	const why = tokens.use('v3', body.recaptchaV3Token);
	return why || knobs.recaptcha === 'low' || knobs.verification ? 'recaptcha' : undefined;
}

/** All of a create-evaluation but the login. */
export function createWrong(site, body) {
	const {knobs} = site;
	if (!body || body.modality !== 'video' || !MODES.includes(body.mode))
		return 'invalid_content';
	if (body.mode === 'direct' && !knobs.directAllowed)
		return 'direct';
	return idsWrong(knobs, body, site.now()) ?? modelsWrong(knobs, body) ?? contentWrong(site.bucket, body) ??
		tokenWrong(site, body);
}
