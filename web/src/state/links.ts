/** The gateway's links are whole addresses, as clients elsewhere need them; the page stays where it is. */

/** The same file, from where the page came. */
export function here(link: string, origin = location.origin): string {
	const { pathname, search } = new URL(link, origin);

	return pathname + search;
}

/** The same file, to be saved: the gateway names it. */
export function toKeep(link: string, origin = location.origin): string {
	const url = new URL(link, origin);

	url.searchParams.set("download", "1");
	return url.pathname + url.search;
}

/** It will be refused: the gateway has another one. */
export function isExpired(link: string, nowMs: number, origin = location.origin): boolean {
	const ends = new URL(link, origin).searchParams.get("exp");

	return ends !== null && Number(ends) * 1000 <= nowMs;
}
