/** Takes what is secret out of a text that people will pass on. Pure. */

export const BLANKED = "[blanked]";

const secretKey =
	'[^"\\\\]*(?:token|cookie|authorization|secret|password|signature|credential|captcha|api_?key|email)[^"\\\\]*';

/** In order. Quotes may be escaped: JSON is often a string inside JSON. */
const rules: [RegExp, string | ((...found: string[]) => string)][] = [
	[
		new RegExp(`(\\\\*"${secretKey}\\\\*"\\s*:\\s*\\\\*")(?:[^"\\\\]|\\\\[^"])*`, "gi"),
		`$1${BLANKED}`,
	],
	[
		/(https?:\/\/[^\s"'?\\]+)\?((?:[^\s"'\\]|\\u00[0-9a-f]{2})*)/gi,
		(_all, base, query) =>
			`${base}?${query!.replace(/=(?:(?!&|\\u0026).)*/gi, `=${BLANKED}`)}`,
	],
	[/\b(X-Amz-[A-Za-z-]+|sig|signature|token)=(?!\[)[^&\s"'\\]+/gi, `$1=${BLANKED}`],
	[/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, BLANKED],
	[/\b(bearer|basic)\s+[\w.+/=-]{8,}/gi, `$1 ${BLANKED}`],
	[/^((?:set-)?cookie|authorization)\s*:.*$/gim, `$1: ${BLANKED}`],
	[/\b[\w.+-]+@[\w-]+\.[\w.-]+\b/g, BLANKED],
];

export function blank(text: string): string {
	return rules.reduce(
		(left, [what, by]) =>
			typeof by === "string" ? left.replace(what, by) : left.replace(what, by),
		text,
	);
}
