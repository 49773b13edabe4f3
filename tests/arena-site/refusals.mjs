/*
 * Every way in which the site says no, by name: status, headers and body, in its own words.
 */

const json = (status, body, headers = {}) =>
	({status, headers: {'content-type': 'application/json', ...headers}, body: JSON.stringify(body)});
const text = (status, body, headers = {}) =>
	({status, headers: {'content-type': 'text/plain;charset=UTF-8', ...headers}, body});
const html = (status, title, body) => ({status,
	headers: {'content-type': 'text/html; charset=UTF-8', server: 'cloudflare', 'cf-ray': '8f00stand0in-TST'},
	body: `<!DOCTYPE html><html lang="en-US"><head><title>${title}</title></head><body>${body}</body></html>`});

/* What Cloudflare shows instead of a page. The button stands for what a person does there. */
const PASS = `<button id="pass" onclick="fetch('/cdn-cgi/challenge-platform/pass',{method:'POST'}).then(()=>location.reload())">
Verify you are human</button>`;

export const REFUSALS = {
	invalid_content: () => json(400, {error: 'Invalid content'}),
	spoofed: () => json(400, {error: 'Evaluation session ID seems spoofed, offset too big'}),
	direct: () => json(400, {error: "'direct' mode is not allowed when starting a new conversation"}),
	unauthorized: () => json(401, {error: 'Unauthorized'}),
	login_gate: () => json(403, {error: 'LOGIN_GATE', message: 'Please log in to continue'}),
	no_access: () => json(403, {error: 'User does not have access to evaluation session'}),
	recaptcha: () => json(403, {error: 'recaptcha validation failed'}),
	not_found: () => json(404, {error: 'Session not found'}),
	model: () => json(404, {error: 'Model(s) not found'}),
	too_large: () => json(413, {error: 'Request Entity Too Large'}),
	too_large_html: () => html(413, '413 Request Entity Too Large', '<center><h1>413</h1></center>'),

	quota_hours: () => json(429, {error: "You've reached the video rate limit. Please try again in 10 hours."}),
	quota_minutes: () => json(429, {error: "You've reached the video rate limit. Please try again in 25 minutes."}),
	quota_hour: () => text(429, "You've reached the video rate limit. Please try again in 1 hour."),
	quota_seconds: () => json(429, {message: 'Too many requests. Try again in 90 seconds.'}),
	retry_after: () => json(429, {error: 'Too Many Requests'}, {'retry-after': '120'}),
	retry_after_short: () => json(429, {error: 'Too Many Requests'}, {'retry-after': '2'}),
	retry_after_date: now => json(429, {error: 'Too Many Requests'},
		{'retry-after': new Date(now + 120_000).toUTCString()}),
	too_many: () => text(429, 'Too Many Requests'),
	too_many_html: () => html(429, 'Too Many Requests', '<h1>Error 1015</h1> You are being rate limited'),
	prompt_failed: () => json(429, {error: 'prompt failed'}),

	server_error: () => json(500, {error: 'Internal Server Error'}),
	bad_gateway: () => html(502, 'arena.ai | 502: Bad gateway', '<h1>Bad gateway</h1>'),
	unavailable: () => text(503, 'Service Unavailable'),
	cloudflare_challenge: () => html(503, 'Just a moment...', `<h1>arena.ai</h1>
<p>Verifying you are human. This may take a few seconds.</p>${PASS}<script>window._cf_chl_opt={cvId:'3',cType:'managed'}</script>`),
	cloudflare_blocked: () => html(403, 'Attention Required! | Cloudflare', `<h1>Sorry, you have been blocked</h1>${PASS}`),

	/* No answer at all: the connection breaks. */
	broken: () => null,
};

/** The next refusal for a route, or undefined; a list in the knob is used up. */
export function takeRefusal(knobs, route) {
	const wanted = knobs.refuse[route];
	const name = Array.isArray(wanted) ? wanted.shift() : wanted;
	if (name === undefined)
		return undefined;
	if (!(name in REFUSALS))
		throw new Error(`there is no refusal ${name}`);
	return name;
}
