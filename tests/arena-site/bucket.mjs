/*
 * The place where files are: put and fetched by signed links that end.
 */
import {createHmac, randomBytes} from 'node:crypto';

const OPEN = 'standin.r2.cloudflarestorage.com.localhost';
const CLOSED = 'standin.r2.cloudflarestorage.com';

export const isBucket = host => host === OPEN || host === CLOSED;

/** site: {knobs, now, port()}. */
export function makeBucket(site) {
	const {knobs} = site;
	const secret = randomBytes(16);
	const files = new Map();

	const sign = (method, key, date, life) =>
		createHmac('sha256', secret).update(`${method}\n${key}\n${date}\n${life}`).digest('hex');

	function signed(method, key, life, host) {
		const date = String(site.now());
		const query = new URLSearchParams({'X-Amz-Algorithm': 'AWS4-HMAC-SHA256', 'X-Amz-Credential': 'standin/auto/s3',
			'X-Amz-Date': date, 'X-Amz-Expires': String(Math.ceil(life / 1000)), 'X-Amz-SignedHeaders': 'host',
			'X-Amz-Signature': sign(method, key, date, life), 'x-life': String(life)});
		return `https://${host}/${key}?${query}`;
	}

	/* Why a link is no good, or undefined. */
	function wrong(method, key, query) {
		const date = query.get('X-Amz-Date');
		const life = Number(query.get('x-life'));
		if (query.get('X-Amz-Signature') !== sign(method === 'HEAD' ? 'GET' : method, key, date, life))
			return 'SignatureDoesNotMatch';
		return site.now() > Number(date) + life ? 'AccessDenied' : undefined;
	}

	return {
		files,
		put: (key, bytes, type) => files.set(key, {bytes, type}),
		uploadLink: key => signed('PUT', key, knobs.uploadLifeMs, CLOSED),
		link: key => signed('GET', key, knobs.linkLifeMs,
			knobs.linkHost === 'open' ? `${OPEN}:${site.port()}` : CLOSED),

		/** The key that a good link leads to, or undefined. */
		keyOf(link) {
			try {
				const url = new URL(link);
				const key = url.pathname.slice(1);
				return isBucket(url.hostname) && !wrong('GET', key, url.searchParams) && files.has(key) ? key : undefined;
			} catch {
				return undefined;
			}
		},

		/** Answers a request to the bucket. */
		async serve(c) {
			const key = decodeURIComponent(c.path.slice(1));
			const xml = (status, code) => c.send(status, `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`,
				{'content-type': 'application/xml'});
			if (c.headers.origin && knobs.fileCors)
				c.res.setHeader('access-control-allow-origin', c.headers.origin);
			if (c.method === 'OPTIONS')
				return c.send(204, '', {'access-control-allow-methods': 'GET, PUT', 'access-control-allow-headers': '*'});
			const why = wrong(c.method, key, c.query);
			if (why)
				return xml(403, why);
			if (c.method === 'PUT') {
				const bytes = await c.body();
				c.seen.uploads.push({key, size: bytes.length, type: c.headers['content-type']});
				if (bytes.length > knobs.uploadMax)
					return xml(413, 'EntityTooLarge');
				files.set(key, {bytes, type: c.headers['content-type']});
				return c.send(200, '');
			}
			const file = files.get(key);
			if (!file)
				return xml(404, 'NoSuchKey');
			c.seen.downloads.push({key, from: c.headers['user-agent'] ?? ''});
			return c.send(200, file.bytes, {'content-type': file.type});
		},
	};
}
