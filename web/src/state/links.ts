/** The gateway's links are whole addresses, as clients elsewhere need them; the page stays where it is. */

/** The same file, from where the page came. */
export function here(link: string, origin = location.origin): string {
	const { pathname, search } = new URL(link, origin);

	return pathname + search;
}

/** Characters of a prompt in the name of a file. */
const NAME = 60;

/** The same file, to be saved under its words: letters and digits of any script, which no system minds. */
export function toKeep(link: string, words: string, origin = location.origin): string {
	const url = new URL(link, origin);
	const plain = words.replace(/[^\p{L}\p{M}\p{N}]+/gu, " ").trim();
	const name = [...plain].slice(0, NAME).join("").trim();

	// "0" and "1" are no names there
	url.searchParams.set("download", name.length > 1 ? name : "1");
	return url.pathname + url.search;
}

/** It will be refused: the gateway has another one. */
export function isExpired(link: string, nowMs: number, origin = location.origin): boolean {
	const ends = new URL(link, origin).searchParams.get("exp");

	return ends !== null && Number(ends) * 1000 <= nowMs;
}
