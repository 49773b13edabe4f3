/** When the next run may begin: the site's limits and a gentle pace, both kept over reloads. */

import type { SiteError } from "../site/index";
import type { Store } from "../store";
import type { EngineState, PaceSettings } from "../types";
import {
	NO_LIMITS,
	accepted,
	limited,
	restsUntil,
	troubled,
	unverified,
	verified,
	type Limits,
} from "./limits";
import { nextStart, started } from "./pace";

export interface Rest {
	/** 0: now. */
	until(): number;
	/** Of the limits alone. */
	limitUntil(): number;
	/** Of a verification that failed; 0: the site believes this page. */
	unverifiedUntil(): number;
	now(): EngineState["rest"];
	/** The site has said to wait. */
	told(kind: "limit" | "verification", e: SiteError): Promise<void>;
	began(): Promise<void>;
	accepted(): void;
	/** A human has made a run by hand. */
	verified(): void;
	/** Was there any trouble lately? */
	troubled(): boolean;
}

export function createRest(store: Store, pace: () => PaceSettings, now: () => number): Rest {
	const limits = () => store.get("limits") ?? NO_LIMITS;
	const paceUntil = () => {
		const next = nextStart(store.get("starts"), pace());

		return next > now() ? next : 0;
	};
	const limitUntil = () => restsUntil(limits(), now());

	function become(next: Limits) {
		if (next !== limits()) void store.put("limits", next);
	}

	return {
		until: () => Math.max(limitUntil(), paceUntil()),
		limitUntil,
		unverifiedUntil: () => (limits().reason === "verification" ? limitUntil() : 0),
		now() {
			const until = limitUntil();

			if (until >= paceUntil())
				return until
					? {
							reason: limits().reason,
							until,
							message: limits().message,
						}
					: { reason: null, until: 0, message: "" };
			return {
				reason: "pace",
				until: paceUntil(),
				message: "A pause between two runs.",
			};
		},
		told(kind, e) {
			const next =
				kind === "limit"
					? limited(limits(), now(), e.retryAfterMs, e.message)
					: unverified(limits(), now(), e.message);

			return store.put("limits", next);
		},
		began: () => store.put("starts", started(store.get("starts"), pace(), now())),
		accepted: () => become(accepted(limits())),
		verified: () => become(verified(limits())),
		troubled: () => troubled(limits(), now()),
	};
}
