/*
 * Tokens of the two widgets: made for a site key, good once and for a while. `seen.tokens` keeps
 * what became of each.
 */
import {randomBytes} from 'node:crypto';

/** seen(): the list that tokens go into. now(): the site's clock. */
export function makeTokens(knobs, seen, now) {
	const all = new Map();
	const LIFE = {v3: 'recaptchaLifeMs', v2: 'recaptchaLifeMs', turnstile: 'turnstileLifeMs'};
	const KEY = {v3: 'recaptchaKey', v2: 'recaptchaKey', turnstile: 'turnstileKey'};

	return {
		/** A token, or undefined when the key is not the site's (any more). */
		issue(kind, key, action) {
			if (key !== knobs[KEY[kind]])
				return undefined;
			const token = {kind, action, key, value: `${kind}.${randomBytes(60).toString('base64url')}`,
				issued: now(), until: now() + knobs[LIFE[kind]], uses: 0, refused: undefined};
			seen().push(token);
			all.set(`${kind} ${token.value}`, token);
			return token.value;
		},

		/** Uses a token up; answers why it is no good, or undefined. */
		use(kind, value) {
			const token = all.get(`${kind} ${value}`);
			if (!token)
				return value ? 'unknown' : 'missing';
			token.uses++;
			token.used = now();
			token.refused = token.uses > 1 ? 'used'
				: now() > token.until ? 'expired'
					: token.key !== knobs[KEY[kind]] ? 'key' : undefined;
			return token.refused;
		},
	};
}
