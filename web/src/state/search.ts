/** Finding by words: in any order, without regard to case and accents. */

/** "Zürich" and "zurich" are the same to who searches. */
function plain(text: string): string {
	return text
		.normalize("NFD")
		.replace(/\p{Diacritic}/gu, "")
		.toLowerCase();
}

export const wordsIn = (query: string): string[] => plain(query).split(/\s+/).filter(Boolean);

/** Every word is somewhere in one of the texts. */
export function matches(words: readonly string[], texts: readonly string[]): boolean {
	if (!words.length) return true;
	const all = texts.map(plain);

	return words.every((word) => all.some((text) => text.includes(word)));
}
