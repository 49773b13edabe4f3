/* The ids of the site: UUIDs of version 7, whose first 48 bits are the time. */
import {randomBytes} from 'node:crypto';

const SHAPE = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

export const isUuid7 = id => typeof id === 'string' && SHAPE.test(id);

/** The time in an id. */
export const timeOf = id => parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

export function uuid7(now) {
	const bytes = randomBytes(16);
	bytes.writeUIntBE(now, 0, 6);
	bytes[6] = bytes[6] & 15 | 0x70;
	bytes[8] = bytes[8] & 63 | 0x80;
	return bytes.toString('hex').replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
