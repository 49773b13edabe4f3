/** For who does not know yet what to film. */

import { t } from "../../i18n/index";
import { wanted } from "../../state/desk";
import type { Draft } from "../../state/draft";

const ideas = ["idea1", "idea2", "idea3"] as const;

export function Ideas({ draft }: { draft: Draft }) {
	if (draft.prompt.value || draft.parent.value || draft.sending.value) return null;

	function take(text: string) {
		draft.prompt.value = text;
		wanted.value++;
	}

	return (
		<ul class="ideas" aria-label={t("ideas")}>
			{ideas.map((key) => (
				<li key={key}>
					<button type="button" class="idea" onClick={() => take(t(key))}>
						{t(key)}
					</button>
				</li>
			))}
		</ul>
	);
}
