/** The models as they are offered to be picked: in groups by what they start from. */

import type { Model } from "../api/types";
import { takesImage, takesText } from "./fitting";

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

const plain = (text: string): string =>
	text
		.normalize("NFD")
		.replace(/\p{M}/gu, "")
		.toLowerCase();

/** Each word is somewhere in its name, id or maker. */
function fits(model: Model, words: readonly string[]): boolean {
	const text = plain([model.name, model.id, model.owned_by, ...model.aliases].join(" "));

	return words.every((word) => text.includes(word));
}

export function shelvesOf(models: readonly Model[], search: string): Shelf[] {
	const words = plain(search).split(/\s+/).filter(Boolean);
	const found = models.filter((model) => fits(model, words));
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
