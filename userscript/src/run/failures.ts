/** What becomes of a job when the site says no: one table, by what the site meant. */

import type { AttentionReason } from "../types";
import type { SiteError, SiteErrorKind } from "../site/index";

export interface Fate {
	/** fail: the try is over. back: another worker may have it, or this one later; costs no try. */
	do: "fail" | "back";
	/** Of `failed`, or the reason of `release`. */
	code: string;
	retryable?: boolean;
	/** A human is wanted. */
	attention?: AttentionReason;
	/** No run may begin for a while. */
	rest?: "limit" | "verification";
	/** The list of models is not what it was. */
	models?: boolean;
}

const fates: Record<SiteErrorKind, Fate> = {
	content: { do: "fail", code: "content_policy", retryable: false },
	model: { do: "fail", code: "unsupported", retryable: false, models: true },
	too_large: { do: "fail", code: "unsupported", retryable: false },
	network: { do: "fail", code: "upstream_unreachable", retryable: true },
	platform: { do: "fail", code: "upstream_failed", retryable: true },
	gone: { do: "fail", code: "upstream_failed", retryable: true },
	clock: { do: "fail", code: "upstream_failed", retryable: true },
	login: { do: "back", code: "login", attention: "login" },
	challenge: { do: "back", code: "challenge", attention: "challenge" },
	verification: {
		do: "back",
		code: "verification",
		attention: "verification",
		rest: "verification",
	},
	limit: { do: "back", code: "cooling_down", rest: "limit" },
	changed: { do: "back", code: "changed", attention: "changed" },
};

export function fateOf(e: SiteError): Fate {
	const fate = fates[e.kind];

	// Cloudflare's page and the page's own challenge are the same kind, and not the same to a human
	return fate.attention === "challenge" ? { ...fate, attention: e.attention } : fate;
}

/** What goes by itself, or by a human's hand, while a run goes on at the site. */
const passing: SiteErrorKind[] = ["network", "platform", "login", "challenge", "limit", "changed"];

/** The session is there and being made: it is waited for, not asked for again. */
export const passes = (e: SiteError): boolean => !e.final && passing.includes(e.kind);
