/*
 * The userscript's panel, as a person finds it: by its roles and words. Playwright looks into open
 * shadow roots by itself.
 */
import {until} from './wait.mjs';

export function panelOf(page) {
	const root = page.locator('#arena-video-panel');

	const panel = {
		root,
		button: name => root.getByRole('button', {name}),
		/** All its text, as shown. */
		text: () => root.evaluate(host => host.shadowRoot.querySelector('[role=region], section, main, div')?.innerText ?? ''),
		shown: () => root.waitFor({state: 'attached'}),
		says: (pattern, ms = 15_000) => until(`the panel to say ${pattern}`, async () => {
			const text = await panel.text();
			if (pattern.test(text))
				return text;
			throw new Error(`it says: ${text}`);
		}, {ms}),
	};
	return panel;
}
