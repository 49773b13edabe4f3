/*
 * What lies in the blob store: DATA/blobs/xx/SHA256, and DATA/blobs/tmp while something comes in.
 */
import fs from 'node:fs';
import path from 'node:path';

import {until} from './wait.mjs';

const files = (folder, prefix = '') => fs.existsSync(folder)
	? fs.readdirSync(folder, {withFileTypes: true}).flatMap(each => each.isDirectory()
		? files(path.join(folder, each.name), `${prefix}${each.name}/`) : [`${prefix}${each.name}`])
	: [];

/** Complete files. */
export const blobsOf = stack => files(path.join(stack.data, 'blobs')).filter(name => !name.startsWith('tmp/'));

/** Files that are being written. */
export const halfBlobsOf = stack => files(path.join(stack.data, 'blobs', 'tmp'));

/** Waits until nothing half-written is left. */
export const noHalfBlobs = (stack, ms = 10_000) => until('DATA/blobs/tmp to be empty', () => {
	const left = halfBlobsOf(stack);
	if (left.length)
		throw new Error(`there is ${left.join(' ')}`);
	return true;
}, {ms});
