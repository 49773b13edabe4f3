/** The models that the site offers, asked for again and again. */

import type { Site, SiteModel } from "../site/index";
import type { Model } from "../types";
import { isAbort } from "../wait";
import { mapModels, type Mapped } from "./models";

export interface OfferDeps {
	site: Pick<Site, "catalogue">;
	/** May a model be chosen? */
	direct: () => boolean;
	changed: (models: Model[]) => void;
	log: (message: string) => void;
	signal: AbortSignal;
	now: () => number;
}

export interface Offer {
	announced(): Model[];
	choose: Mapped["choose"];
	/** Asks the site, and announces what it says. */
	refresh(): Promise<void>;
	/** The same, when it is time to. */
	tick(): void;
	/** Announces what is known, under other settings. */
	announce(): void;
}

const AGAIN_MS = 10 * 60_000;

export function createOffer(deps: OfferDeps): Offer {
	const { site, direct, signal, now } = deps;
	let catalogue: SiteModel[] = [];
	let mapped = mapModels(catalogue, direct());
	let askedAt = Number.NEGATIVE_INFINITY;

	function announce() {
		mapped = mapModels(catalogue, direct());
		deps.changed(mapped.announced);
	}

	async function refresh() {
		askedAt = now();
		try {
			catalogue = await site.catalogue(signal);
		} catch (e) {
			const words = e instanceof Error ? e.message : "";

			if (!isAbort(e)) deps.log(`no list of models: ${words}`);
			return;
		}
		announce();
	}

	return {
		announced: () => mapped.announced,
		choose: (...asked) => mapped.choose(...asked),
		refresh,
		tick() {
			if (now() - askedAt > AGAIN_MS) void refresh();
		},
		announce,
	};
}
