/*
 * How the stand-in behaves. Each knob may be turned while it runs; what waits for one (a held run)
 * goes on by itself. Times are milliseconds.
 */
import {CATALOGUE} from './catalogue.mjs';

const DEFAULTS = {
	/* ---- the site ---- */
	clockSkewMs: 0,          // its clock against ours; ids are held against it, the Date header tells it
	idToleranceMs: 60_000,   // how far the time in an id may be off
	csp: 'none',             // none | strict | local (allows ws://127.0.0.1:<localPort>) | any policy as it is
	localPort: 0,
	deployment: 1,           // another number: other names of chunks, other ids of actions
	cloudflare: 'none',      // none | challenge (503, "Just a moment...") | blocked (403, "Attention Required!")
	delayMs: 0,              // before any answer of the API

	/* ---- who is logged in ---- */
	login: 'in',             // in | expired (401 until refreshed) | out (a person must log in) | visitor (may sign up)
	                         // | guest (signed up)
	loginGate: false,        // guests are told to log in
	owner: 'me',             // whose sessions are made and read: another name has no access to them

	/* ---- models ---- */
	catalogue: CATALOGUE,
	catalogueMode: 'endpoint', // endpoint | page (only in the page, as before 2026) | missing | broken (HTML with 200)
	directAllowed: false,    // a new conversation may be `direct`

	/* ---- refusals by route: {create: 'quota_hours'} always, {create: ['server_error']} once each, in order ---- */
	refuse: {},
	quota: Infinity,         // runs before the site's own "You've reached the video rate limit"

	/* ---- tokens ---- */
	recaptcha: 'silent',     // silent | failing | hanging | absent | low (its tokens are refused) | off (none is asked for)
	recaptchaKey: '6LdStandinSiteKeyOneAAAAAAAAAAAAAAAAAAAAA',
	recaptchaLifeMs: 120_000,
	verification: false,     // refuse until a person has ticked the "Security Verification" box
	turnstile: 'silent',     // silent | interactive | failing | absent
	turnstileKey: '0x4AAAAAAAStandinKey1',
	turnstileLifeMs: 300_000,
	holdWidgets: false,      // true: the widgets' scripts do not come before it is false again

	/* ---- files ---- */
	uploadMax: 10_000_000,
	uploadLifeMs: 3_600_000,
	linkLifeMs: 3_600_000,
	linkHost: 'open',        // open: a host that the bridge of the tests may fetch from | closed: one that only a browser finds
	fileCors: true,          // a page of the site may read the files by itself

	/* ---- a run ---- */
	startMs: 20,             // until generation has begun: whoever leaves before loses the session
	loseIfLeft: true,
	durationMs: 60,          // from then until the videos are there
	first: 'a',              // the side whose video is there first
	hold: false,             // true: no video is ready before it is false again
	outcome: 'ok',           // see OUTCOMES in frames.mjs
	videoFrame: 'typed',     // see SHAPES in frames.mjs
	ending: 'whole',         // whole | early (the stream ends once the run has begun) | cut (broken off in mid-line)
	resume: 'stream',        // stream | early | cut | missing (404)
	dataPrefix: false,       // "data: " before each line
	piece: 0,                // bytes per write, whatever they split; 0: a line at a time
	gapMs: 0,                // between writes
	heartbeatMs: 0,          // between heartbeats; 0: one only
	noise: [],               // lines nobody documented, sent as they are
	text: '',                // what side a says besides
	reveal: 'record',        // where the names are after a vote: record | answer
};

const own = structuredClone;

/** {knobs, until}: knobs that know their names; until(condition, signal) waits for knobs to make it true. */
export function makeKnobs(given) {
	const waiting = new Set();
	const values = {};
	const knobs = new Proxy(values, {
		set(_, name, value) {
			if (!(name in DEFAULTS))
				throw new Error(`there is no knob ${String(name)}`);
			values[name] = value;
			for (const check of [...waiting])
				check();
			return true;
		},
		get(_, name) {
			if (typeof name === 'string' && !(name in DEFAULTS) && name !== 'toJSON')
				throw new Error(`there is no knob ${name}`);
			return values[name];
		},
	});

	function until(condition, signal) {
		return new Promise((resolve, reject) => {
			const check = () => {
				if (!condition() && !signal?.aborted)
					return;
				waiting.delete(check);
				signal?.removeEventListener('abort', check);
				if (signal?.aborted)
					reject(signal.reason);
				else
					resolve();
			};
			waiting.add(check);
			signal?.addEventListener('abort', check);
			check();
		});
	}

	Object.assign(knobs, own(DEFAULTS), given);
	return {knobs, until, reset: () => Object.assign(knobs, own(DEFAULTS))};
}
