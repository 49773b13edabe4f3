/*
 * The userscript's panel in a tab, as a person uses it. What it says is told by words of the script
 * that do not depend on the language (data-status), and by its text. Playwright looks into open shadow
 * roots by itself.
 */
import {until} from './wait.mjs';

/** What the panel's head says once the tab is a worker with a connection. */
const CONNECTED = ['s_ready', 's_busy', 's_attention', 's_cooling_down', 's_paused'];

export function panelOf(page) {
	const host = page.locator('#arena-video-panel');
	const box = host.locator('section[data-status]');

	const panel = {
		host, box,
		/** s_consent, s_pairing, s_ready, ... as in the script's texts. */
		status: () => box.getAttribute('data-status'),
		text: () => box.innerText(),
		title: () => page.title(),

		/** Waits until its status is one of these; answers it. */
		is: (wanted, ms = 15_000) => until(`the panel to be ${[wanted].flat().join(' or ')}`, async () => {
			const status = await panel.status();
			if ([wanted].flat().includes(status))
				return status;
			throw new Error(`it is ${status}: ${await panel.text()}`);
		}, {ms, every: 50}),

		/** Waits until its text matches; answers that. */
		says: (pattern, ms = 15_000) => until(`the panel to say ${pattern}`, async () => {
			const text = await panel.text();
			if (pattern.test(text))
				return text;
			throw new Error(`it says: ${text}`);
		}, {ms, every: 50}),

		shown: () => box.waitFor(),

		/** At its first run: reads (surely) and agrees. */
		async agree() {
			await panel.is('s_consent');
			await box.locator('.tick input').check();
			await box.locator('button.main').click();
			await panel.is(['s_pairing', 's_starting', 's_standby', 's_connecting', ...CONNECTED]);
		},

		/** Types a code, and waits until that was taken or refused; answers the status. */
		async pair(code, name) {
			await panel.is('s_pairing');
			await box.locator('#code').fill(code);
			if (name)
				await box.locator('#name').fill(name);
			await box.locator('form button.main').click();
			return until('the code to be taken or refused', async () => {
				const status = await panel.status();
				return status !== 's_pairing' ? status : (await box.locator('#wrong').allInnerTexts()).join('') && status;
			});
		},

		connected: (ms = 20_000) => panel.is(CONNECTED, ms),

		/** websocket or http, or undefined: how it is connected, as it says in English. */
		async transport() {
			const text = await panel.text();
			return /by WebSocket/.test(text) ? 'websocket' : /by requests/.test(text) ? 'http' : undefined;
		},

		button: name => box.getByRole('button', {name}),
		pause: () => panel.button('Pause').click(),
		resume: () => panel.button('Go on').click(),
	};
	return panel;
}
