/** UUIDv7 (RFC 9562): 48 bits of ms since 1970, the version, and chance. */

export type RandomBytes = (n: number) => Uint8Array;

export const chance: RandomBytes = (n) => crypto.getRandomValues(new Uint8Array(n));

export function uuid7(ms: number, random: RandomBytes = chance): string {
	const bytes = random(16);

	for (let i = 0, t = Math.max(0, Math.floor(ms)); i < 6; i++) {
		bytes[5 - i] = t % 256;
		t = Math.floor(t / 256);
	}
	bytes[6] = 0x70 | (bytes[6]! & 0x0f);
	bytes[8] = 0x80 | (bytes[8]! & 0x3f);
	const hex = Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

	return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The time in an id; NaN when it is no UUIDv7. */
export function timeOf(id: string): number {
	return /^[0-9a-f]{8}-[0-9a-f]{4}-7/i.test(id)
		? Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
		: Number.NaN;
}
