/**
 * Tokens from the page's own widgets, made just before they are used, and used once. Where a widget
 * wants a human it is shown and left to the human.
 */

import { sleep as realSleep, unlessAborted, type Sleep } from "../wait";
import { SiteError } from "./errors";

interface Enterprise {
	ready(fn: () => void): void;
	execute(key: string, options: { action: string }): PromiseLike<string>;
}

interface TurnstileOptions {
	sitekey: string;
	callback(token: string): void;
	"error-callback"(code?: string): void;
	"expired-callback"(): void;
	"before-interactive-callback"(): void;
	"after-interactive-callback"(): void;
}

interface Turnstile {
	render(container: HTMLElement, options: TurnstileOptions): string | undefined;
	remove(widget: string): void;
}

export interface TokenPage {
	document: Document;
	grecaptcha?: { enterprise?: Enterprise };
	turnstile?: Turnstile;
}

export interface Tokens {
	recaptcha(action: string, signal?: AbortSignal): Promise<string>;
	turnstile(signal?: AbortSignal): Promise<string>;
}

export interface TokenDeps {
	page: TokenPage;
	/** A widget has turned interactive (true), or is done with its human (false). */
	interactive: (wanted: boolean) => void;
	sleep?: Sleep;
}

const LOAD_MS = 10_000;
const MAKE_MS = 30_000;
/** For a human to do what a widget asks. */
const HUMAN_MS = 10 * 60_000;
const LOOK_MS = 250;

/** The key with which the page itself loads its widget. The newest: keys are changed. */
export function recaptchaKey(document: Document): string {
	const scripts = document.querySelectorAll<HTMLScriptElement>(
		'script[src*="recaptcha/enterprise.js"]',
	);

	for (const script of [...scripts].reverse()) {
		const key = /[?&]render=([^&]+)/.exec(script.src)?.[1];

		if (key && key !== "explicit") return decodeURIComponent(key);
	}
	return "";
}

/** The key of the page's own widget. */
export function turnstileKey(document: Document): string {
	for (const el of document.querySelectorAll<HTMLElement>("[data-sitekey]")) {
		const key = el.dataset.sitekey ?? "";

		if (/^[0-9]x/.test(key)) return key;
	}
	for (const frame of document.querySelectorAll("iframe")) {
		const key = /challenges\.cloudflare\.com.*\/([0-9]x[A-Za-z0-9_-]+)/.exec(
			frame.src,
		)?.[1];

		if (key) return key;
	}
	return "";
}

/** Before its script has come, a widget's name in the window may be an element's whose id it is. */
function ready<T>(widget: T | undefined, needs: keyof T): T | null {
	return typeof widget?.[needs] === "function" ? widget : null;
}

function failed(what: string, why: unknown): SiteError {
	const words = why instanceof Error ? why.message : typeof why === "string" ? why : "";

	return new SiteError("challenge", `The page's ${what} failed${words ? `: ${words}` : ""}.`);
}

export function createTokens({ page, interactive, sleep = realSleep }: TokenDeps): Tokens {
	/** What is made, unless it takes too long or nobody wants it any more. */
	async function within(
		ms: number,
		what: string,
		made: Promise<string>,
		signal?: AbortSignal,
	): Promise<string> {
		const timer = new AbortController();
		const late = sleep(ms, timer.signal).then(() =>
			Promise.reject(failed(what, "no answer")),
		);

		late.catch(() => undefined);
		try {
			return await unlessAborted(Promise.race([made, late]), signal);
		} finally {
			timer.abort();
		}
	}

	/** The page loads its widgets when it likes. */
	async function loaded<T>(
		what: string,
		find: () => T | null,
		signal?: AbortSignal,
	): Promise<T> {
		for (let waited = 0; ; waited += LOOK_MS) {
			const found = find();

			if (found) return found;
			if (waited >= LOAD_MS) throw failed(what, "it has not loaded");
			await sleep(LOOK_MS, signal);
		}
	}

	async function recaptcha(action: string, signal?: AbortSignal): Promise<string> {
		const what = "verification (reCAPTCHA)";
		const { widget, key } = await loaded(
			what,
			() => {
				const widget = ready(page.grecaptcha?.enterprise, "ready");
				const key = recaptchaKey(page.document);

				return widget && key ? { widget, key } : null;
			},
			signal,
		);
		const made = new Promise<string>((resolve, reject) => {
			widget.ready(() => {
				try {
					widget.execute(key, { action }).then(
						resolve,
						(e: unknown) => reject(failed(what, e)),
					);
				} catch (e) {
					reject(failed(what, e));
				}
			});
		});
		const token = await within(MAKE_MS, what, made, signal);

		if (!token) throw failed(what, "no token");
		return token;
	}

	async function turnstile(signal?: AbortSignal): Promise<string> {
		const what = "verification (Turnstile)";
		const { widget, key } = await loaded(
			what,
			() => {
				const widget = ready(page.turnstile, "render");
				const key = turnstileKey(page.document);

				return widget && key ? { widget, key } : null;
			},
			signal,
		);
		const place = page.document.createElement("div");
		let id: string | undefined;

		place.style.cssText = "position:fixed;left:16px;bottom:16px;z-index:2147483646";
		page.document.body.append(place);
		try {
			const made = new Promise<string>((resolve, reject) => {
				const options: TurnstileOptions = {
					sitekey: key,
					callback: resolve,
					"error-callback": (code) => reject(failed(what, code)),
					"expired-callback": () =>
						reject(failed(what, "it expired")),
					"before-interactive-callback": () => interactive(true),
					"after-interactive-callback": () => interactive(false),
				};

				try {
					id = widget.render(place, options);
				} catch (e) {
					reject(failed(what, e));
				}
			});

			return await within(HUMAN_MS, what, made, signal);
		} finally {
			interactive(false);
			if (id !== undefined) widget.remove(id);
			place.remove();
		}
	}
	return { recaptcha, turnstile };
}
