/**
 * Whether a socket may be tried. What stands in its way is found out once for each load of the
 * page: its policy, the browser's permission for the local network, or a plain http address.
 */

export type Bar = "policy" | "permission" | "mixed" | "refused";

export interface Choice {
	/** A socket may be tried now. */
	may(): Promise<boolean>;
	/** Requests work and the socket did not: it is tried again later. */
	refused(): void;
	opened(): void;
	/** The constructor threw. */
	threw(): void;
	/** A page of a refused socket: time to try again? */
	due(): boolean;
	readonly bar: Bar | null;
	/** The page's policy has just blocked one. */
	onBlocked(fn: () => void): void;
	/** What was in the way may be gone. */
	onFreed(fn: () => void): void;
}

export interface ChoicePage {
	document: Pick<Document, "addEventListener">;
	navigator: { permissions?: { query(what: { name: string }): Promise<PermissionLike> } };
}

interface PermissionLike {
	state: string;
	addEventListener(type: "change", fn: () => void): void;
}

const FIRST_MS = 30_000;
const MOST_MS = 30 * 60_000;

/** Names of the same permission: newer and older browsers. */
const names = {
	loopback: ["loopback-network", "local-network-access"],
	local: ["local-network", "local-network-access"],
	public: [],
};

export function spaceOf(host: string): keyof typeof names {
	if (/^(localhost|127\.\d+\.\d+\.\d+|\[::1\]|.*\.localhost)$/.test(host)) return "loopback";
	if (
		/^(10|192\.168|172\.(1[6-9]|2\d|3[01])|169\.254)\./.test(host) ||
		/\.local$/.test(host) ||
		/^\[f[cde]/.test(host)
	)
		return "local";
	return "public";
}

async function permissionOf(page: ChoicePage, host: string): Promise<PermissionLike | null> {
	for (const name of names[spaceOf(host)])
		try {
			const found = await page.navigator.permissions?.query({ name });

			if (found) return found;
		} catch {
			// this browser does not know the name
		}
	return null;
}

export function createChoice(page: ChoicePage, url: string, now: () => number): Choice {
	const { host, hostname } = new URL(url);
	const freed = new Set<() => void>();
	const blocked = new Set<() => void>();
	let bar: Bar | null = null;
	let next = 0;
	let pause = FIRST_MS;

	const permission = permissionOf(page, hostname).then((found) => {
		found?.addEventListener("change", () => {
			if (found.state === "denied") bar = "permission";
			else if (bar === "permission" || bar === "refused") {
				bar = null;
				next = 0;
				for (const fn of freed) fn();
			}
		});
		return found;
	});

	page.document.addEventListener("securitypolicyviolation", (event) => {
		const { effectiveDirective, blockedURI } = event;

		if (effectiveDirective !== "connect-src" || !blockedURI.includes(host)) return;
		bar = "policy";
		for (const fn of blocked) fn();
	});

	return {
		async may() {
			if (bar === "policy" || bar === "mixed") return false;
			if ((await permission)?.state === "denied") bar = "permission";
			else if (bar === "permission") bar = null;
			return bar === null || (bar === "refused" && now() >= next);
		},
		refused() {
			bar ??= "refused";
			next = now() + pause;
			pause = Math.min(pause * 2, MOST_MS);
		},
		opened() {
			bar = null;
			pause = FIRST_MS;
		},
		threw() {
			bar = "mixed";
		},
		due: () => bar === "refused" && now() >= next,
		get bar() {
			return bar;
		},
		onBlocked: (fn) => void blocked.add(fn),
		onFreed: (fn) => void freed.add(fn),
	};
}
