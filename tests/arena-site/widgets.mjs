/*
 * The two widgets' own hosts: their scripts, their frames, and where their tokens come from. A token
 * that wants a person comes only from a click inside the widget's frame.
 */
import fs from 'node:fs';

const HOSTS = ['www.google.com', 'challenges.cloudflare.com'];
const own = name => fs.readFileSync(new URL(`browser/${name}`, import.meta.url), 'utf8');

export const isWidgetHost = host => HOSTS.includes(host);

async function script(c, name) {
	await c.site.until(() => !c.knobs.holdWidgets, c.site.signal);
	return c.send(200, own(name), {'content-type': 'text/javascript; charset=utf-8'});
}

/* A frame with a box to tick; the click fetches a token and tells the page about it. */
function frame(c, label, kind) {
	const number = JSON.stringify(c.query.get('n') ?? '');
	return c.send(200, `<!DOCTYPE html><meta charset="utf-8"><title>${label}</title>
<style>body{margin:0;height:100vh;display:flex;align-items:center;gap:12px;padding:0 16px;box-sizing:border-box;
font:14px system-ui;background:#fafafa;border:1px solid #d3d3d3}#box{width:24px;height:24px}</style>
<input type="checkbox" id="box"><label for="box">${label}</label>
<script>
document.querySelector('#box').addEventListener('change', async () => {
	const answer = await fetch('/standin/token', {method: 'POST',
		body: JSON.stringify({kind: ${JSON.stringify(kind)}, key: ${JSON.stringify(c.query.get('k'))}, action: 'click'})});
	parent.postMessage({standin: ${JSON.stringify(kind)}, n: ${number}, ...await answer.json()}, '*');
});
</script>`, {'content-type': 'text/html; charset=utf-8'});
}

/* What a mode says about a token that nobody clicked for: a refusal in words, or undefined. */
const silentWrong = {
	v3: knobs => knobs.recaptcha === 'failing' ? 'The widget could not be reached' : undefined,
	v2: () => undefined,
	turnstile: knobs => knobs.turnstile === 'failing' ? '300010' : undefined,
};

async function token(c) {
	const {kind, key, action} = JSON.parse(await c.body());
	if (kind === 'v3' && c.knobs.recaptcha === 'hanging')
		await c.site.until(() => c.knobs.recaptcha !== 'hanging', c.site.signal);
	const wrong = silentWrong[kind](c.knobs);
	const value = wrong ? undefined : c.site.tokens.issue(kind, key, action);
	return c.json(200, value ? {token: value} : {error: wrong ?? 'Invalid site key or not loaded in api.js'});
}

const ROUTES = {
	'/recaptcha/enterprise.js': c => script(c, 'recaptcha.js'),
	'/recaptcha/enterprise/anchor': c => frame(c, "I'm not a robot", 'v2'),
	'/turnstile/v0/api.js': c => script(c, 'turnstile.js'),
	'/turnstile/v0/frame': c => frame(c, 'Verify you are human', 'turnstile'),
	'/standin/mode': c => c.json(200, {mode: c.knobs.turnstile, lifeMs: c.knobs.turnstileLifeMs}),
	'/standin/token': token,
};

export function serveWidget(c) {
	c.res.setHeader('access-control-allow-origin', '*');
	return c.path in ROUTES ? ROUTES[c.path](c) : c.send(404, '');
}
