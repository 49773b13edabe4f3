/** What is good to know before sending: what had to change, and what will wait. */

import type { Model } from "../../api/types";
import { t } from "../../i18n/index";
import { pixels } from "../../i18n/times";
import { choices } from "../../state/choices";
import type { Draft } from "../../state/draft";
import { isCalled, notesOn, takesImage, takesLast, type Note } from "../../state/fitting";
import { useStudio } from "../studio";

function said({ model, what, wished, got }: Note): string {
	const text = (value: string) =>
		what === "size" ? pixels(value) : t("second", { n: value });

	return t("fitted", { model: model.name, wished: text(wished), got: text(got) });
}

/** A model that was chosen and is not there any more. */
function lost(models: readonly Model[]): string[] {
	const [wished] = choices.value.models;
	const [now] = models;
	const known = (id: string) => models.some((model) => isCalled(model, id));

	if (!wished || !now || choices.value.models.some(known)) return [];
	return [t("model_lost", { wished, now: now.name })];
}

function onPictures({ pictures }: Draft, models: readonly Model[]): string[] {
	const words: string[] = [];

	for (const model of models) {
		if (pictures.first.value && !takesImage(model))
			words.push(t("text_only", { model: model.name }));
		else if (pictures.last.value && !takesLast(model))
			words.push(t("last_unused", { model: model.name }));
	}
	return words;
}

function many(models: readonly Model[]): string[] {
	const { variations: each } = choices.value;

	if (models.length < 2 || each < 2) return [];
	return [t("many", { n: models.length * each, each })];
}

export function Hints({ draft, models }: { draft: Draft; models: readonly Model[] }) {
	const { models: all } = useStudio();
	const waiting = models.filter((model) => !model.available).map((model) => model.name);
	const hints = [
		...(all.loaded.value ? lost(models) : []),
		...many(models),
		...onPictures(draft, models),
		...notesOn(models, choices.value).map(said),
		...(waiting.length ? [t("will_wait", { models: waiting.join(", ") })] : []),
	];

	return (
		<ul class="hints soft small" aria-live="polite">
			{hints.map((hint) => (
				<li key={hint}>{hint}</li>
			))}
		</ul>
	);
}
