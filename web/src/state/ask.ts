/** What is asked for with one press of "send", and the requests that come of it. */

import type { Model, Wish } from "../api/types";
import { t } from "../i18n/index";
import { randomSeed, type Choices } from "./choices";
import { fitSeconds, fitSize, takesImage, takesLast, takesText } from "./fitting";
import type { Picture, Role } from "./images";
import { metadataOf, newId, type GroupKind } from "./notes";

export interface Ask {
	prompt: string;
	models: readonly Model[];
	choices: Choices;
	pictures: Readonly<Record<Role, Picture | null>>;
	parent: string | null;
	conversation: string | null;
}

/** As the gateway counts: an emoji is one, where a string has two. */
export const lengthOf = (text: string): number => [...text].length;

/** Why it cannot be asked for so, in words; null: it can. */
export function faultIn({ prompt, models, pictures, parent }: Ask): string | null {
	const length = lengthOf(prompt);
	const narrow = models.find((model) => model.max_prompt && length > model.max_prompt);
	const noImage = models.find((model) => pictures.first && !takesImage(model));
	const noText = models.find((model) => !pictures.first && !takesText(model));

	if (!prompt) return t("no_prompt");
	if (parent) return null; // its own model and settings
	if (narrow) return t("prompt_long", { model: narrow.name, most: narrow.max_prompt });
	if (noImage) return t("text_only", { model: noImage.name });
	if (pictures.last && !pictures.first) return t("first_missing");
	return noText ? t("image_only", { model: noText.name }) : null;
}

function kindOf(models: readonly Model[], { variations }: Choices): GroupKind | undefined {
	if (models.length > 1) return "compare";
	return variations > 1 ? "variations" : undefined;
}

function settingsFor(model: Model | undefined, choices: Choices, seed: number): Partial<Wish> {
	if (!model) return {};
	const honours = (name: string) => model.parameters.includes(name);

	return {
		model: model.id,
		size: fitSize(model, choices.size),
		seconds: fitSeconds(model, choices.seconds),
		seed: honours("seed") ? seed : undefined,
		negative_prompt: (honours("negative_prompt") && choices.negative.trim()) || undefined,
		fps: (honours("fps") && choices.fps) || undefined,
	};
}

/** One for each variation, and the same on all models, so that only they differ. */
const seedsOf = ({ variations, locked, seed }: Choices): number[] =>
	Array.from({ length: variations }, (_, i) => (locked ? (seed + i) >>> 0 : randomSeed()));

/** Of several models the first variations come first. `files` are the ids of its pictures. */
export function wishesOf(
	{ prompt, models, choices }: Ask,
	files: Readonly<Partial<Record<Role, string>>>,
	conversation: string,
): Wish[] {
	const kind = kindOf(models, choices);
	const group = kind && newId();
	const wanted: (Model | undefined)[] = models.length ? [...models] : [undefined];

	return seedsOf(choices).flatMap((seed) =>
		wanted.map((model): Wish => {
			const last = !model || takesLast(model) ? files.last : undefined;

			return {
				prompt,
				...settingsFor(model, choices, seed),
				first_frame: files.first,
				last_frame: last,
				metadata: metadataOf({ conversation, group, kind, first: files.first, last }),
			};
		}),
	);
}
