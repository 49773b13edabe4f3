/** Elements without markup: a page that allows no HTML from scripts allows these. */

type Attributes = Record<string, string | number | boolean | undefined>;
type Child = Node | string | null;

export interface Maker {
	<K extends keyof HTMLElementTagNameMap>(
		tag: K,
		attributes?: Attributes,
		...children: Child[]
	): HTMLElementTagNameMap[K];
}

export function maker(document: Document): Maker {
	return (tag, attributes = {}, ...children) => {
		const element = document.createElement(tag);

		for (const [name, value] of Object.entries(attributes)) {
			if (value === true) element.setAttribute(name, "");
			else if (value !== undefined && value !== false)
				element.setAttribute(name, String(value));
		}
		element.append(...children.filter((child) => child !== null));
		return element;
	};
}

/** Only when it is another: what is read aloud is read once. */
export function setText(node: Node, text: string) {
	if (node.textContent !== text) node.textContent = text;
}

/** Redraws a list only when `key` has changed, so that it can be read and selected in peace. */
export function setList(list: HTMLElement, key: string, make: () => Node[]) {
	if (list.dataset.key === key) return;
	list.dataset.key = key;
	list.replaceChildren(...make());
}
