/** The models as they are offered to be picked: in groups by what they start from. */

import type { Model } from "../api/types";
import { takesImage, takesText } from "./fitting";
import { matches, wordsIn } from "./search";

type Capability = "both" | "text" | "image";

export interface Shelf {
	capability: Capability;
	/** Those that can begin now first, then by name. */
	models: Model[];
}

const order: readonly Capability[] = ["both", "text", "image"];

function capabilityOf(model: Model): Capability {
	if (!takesImage(model)) return "text";
	return takesText(model) ? "both" : "image";
}

export function shelvesOf(models: readonly Model[], search: string): Shelf[] {
	const words = wordsIn(search);
	const found = models.filter((model) =>
		matches(words, [model.name, model.id, model.owned_by, ...model.aliases]),
	);
	const sorted = found.sort(
		(a, b) => Number(b.available) - Number(a.available) || a.name.localeCompare(b.name),
	);

	return order
		.map((capability) => ({
			capability,
			models: sorted.filter((model) => capabilityOf(model) === capability),
		}))
		.filter((shelf) => shelf.models.length)
		.sort((a, b) => Number(b.models[0]!.available) - Number(a.models[0]!.available));
}
