/** A mark before the tab's title while a human is wanted. The rest of the title stays the page's. */

const JOINT = " · ";

export interface TitleMark {
	/** "" takes it away. */
	set(words: string): void;
}

export function markTitle(document: Pick<Document, "title">): TitleMark {
	let shown = "";

	return {
		set(words) {
			const mark = words ? `⚠ ${words}${JOINT}` : "";
			const { title } = document;
			const plain =
				shown && title.startsWith(shown)
					? title.slice(shown.length)
					: title;

			shown = mark;
			if (title !== mark + plain) document.title = mark + plain;
		},
	};
}
