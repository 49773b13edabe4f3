/**
 * Who is logged in, and how a visitor without a login is let in: as the page does it. What fails in
 * passing is tried again at growing pauses; what the site refuses rests, over reloads too.
 */

import { SiteError, type Account, type Site, type SiteErrorKind } from "../site/index";
import type { Store } from "../store";
import { growing, isAbort } from "../wait";

/** Of visitors whom the site did not let in. */
export interface DoorNote {
	/** Nobody tries before. */
	until: number;
	/** Refusals in a row. */
	refused: number;
	at: number;
}

export interface DoorDeps {
	site: Pick<Site, "whoami" | "visit">;
	store: Store;
	/** Has the site refused anything lately? Then nobody new is to come in its place. */
	troubled: () => boolean;
	log: (message: string) => void;
	signal: AbortSignal;
	now: () => number;
	random: () => number;
}

export interface Door {
	/** As the site said last. */
	readonly account: Account | null;
	whoami(): Promise<Account | null>;
	/** Nobody is in: lets a visitor in when it is time to. Who is in then. */
	letIn(): Promise<Account | null>;
}

const MIN = 60_000;
/** In passing: a widget that has not loaded, a network that is away. */
const FIRST_MS = 10_000;
const MOST_MS = 10 * MIN;
/** Refused, without a time: so long, doubling. */
const REFUSED_MS = 20 * MIN;
const REFUSED_MOST_MS = 120 * MIN;
/** No site means more than this; and what is older says nothing about now. */
const DAY_MS = 24 * 60 * MIN;

const passing: SiteErrorKind[] = ["network", "platform"];

/** Did it fail in passing? A widget too may fail so; a page of Cloudflare's is a refusal. */
const passes = (e: unknown) =>
	!(e instanceof SiteError) ||
	passing.includes(e.kind) ||
	(e.kind === "challenge" && e.attention === "challenge");

/** What is noted of a refusal; waitMs undefined: it said no time. Pure. */
export function refusedAt(
	before: DoorNote | null,
	now: number,
	waitMs: number | undefined,
): DoorNote {
	const refused = before && now - before.at < DAY_MS ? before.refused : 0;
	const wait = waitMs ?? Math.min(REFUSED_MS * 2 ** refused, REFUSED_MOST_MS);

	return { until: now + Math.min(wait, DAY_MS), refused: refused + 1, at: now };
}

export function createDoor(deps: DoorDeps): Door {
	const { site, store, troubled, log, signal, now, random } = deps;
	let account: Account | null = null;
	/** A person's own login was seen here: when it ends, it is theirs to renew. */
	let person = false;
	let failures = 0;
	let nextTry = 0;
	let trying: Promise<void> | null = null;

	async function whoami() {
		account = await site.whoami(signal);
		if (account) person = !account.guest;
		return account;
	}

	const closed = () =>
		person ||
		troubled() ||
		now() < Math.max(nextTry, store.get("door")?.until ?? 0);

	function failed(e: unknown) {
		const words = e instanceof Error ? e.message : String(e);
		const wait = e instanceof SiteError ? e.retryAfterMs : undefined;

		nextTry = now() + growing(failures++, FIRST_MS, 2, MOST_MS, random);
		if (!passes(e))
			void store.put("door", refusedAt(store.get("door"), now(), wait));
		log(`a visitor was not let in: ${words}`);
	}

	async function visit() {
		try {
			await site.visit(signal);
			// taken, and nobody is in all the same: one more would be one too many
			if (!(await whoami()))
				throw new SiteError(
					"login",
					"The site took the visitor, and does not know it.",
				);
			failures = 0;
			if (store.get("door")) void store.put("door", null);
		} catch (e) {
			if (isAbort(e)) throw e;
			failed(e);
		}
	}

	return {
		get account() {
			return account;
		},
		whoami,
		async letIn() {
			if (closed()) return null;
			trying ??= visit().finally(() => {
				trying = null;
			});
			await trying;
			return account;
		},
	};
}
