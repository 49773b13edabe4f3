/* A key and a certificate for all names that the stand-in answers to, signed by itself. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import {run} from '../lib/media.mjs';

const NAMES = ['arena.ai', '*.arena.ai', 'lmarena.ai', '*.lmarena.ai', 'www.google.com', 'challenges.cloudflare.com',
	'*.r2.cloudflarestorage.com', '*.r2.cloudflarestorage.com.localhost', 'localhost'];

/** {folder, file, key, cert}: file is the certificate as a file, for those who shall trust it. */
export function makeCert() {
	const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'arena-site-'));
	const [keyFile, file] = ['key.pem', 'cert.pem'].map(each => path.join(folder, each));
	run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '30',
		'-subj', '/CN=arena.ai', '-addext', `subjectAltName=IP:127.0.0.1,${NAMES.map(each => `DNS:${each}`).join(',')}`,
		'-keyout', keyFile, '-out', file]);
	return {folder, file, key: fs.readFileSync(keyFile), cert: fs.readFileSync(file)};
}
