/** Parts of the page that are fetched when they are first shown. */

import { signal } from "@preact/signals";
import type { ComponentType } from "preact";

import { t } from "../i18n/index";

type State<P> = ComponentType<P> | "no" | "coming" | "failed";

/** quiet: nothing stands in its place until it is there. */
export function later<P extends object>(
	load: () => Promise<ComponentType<P>>,
	quiet = false,
): ComponentType<P> {
	const state = signal<State<P>>("no");

	return function Later(props: P) {
		const Part = state.value;

		if (Part === "no") {
			state.value = "coming";
			load().then(
				(part) => (state.value = part),
				() => (state.value = "failed"),
			);
		}
		if (typeof Part !== "string") return <Part {...props} />;
		if (quiet && Part !== "failed") return null;
		return (
			<div class="loading" aria-busy={Part !== "failed"}>
				{Part === "failed" ? (
					<>
						<p role="alert">{t("part_failed")}</p>
						<button type="button" class="plain" onClick={() => location.reload()}>
							{t("reload")}
						</button>
					</>
				) : (
					<span class="spin" role="status" aria-label={t("part_loading")} />
				)}
			</div>
		);
	};
}
