/** Where a key is asked for. */

import { useSignal } from "@preact/signals";

import { wordsOf } from "../api/errors";
import { t } from "../i18n/index";
import { doorSays, signIn } from "../state/studio";
import { Preferences } from "./preferences";

/** What is no key is said without asking the gateway. */
function shapeOf(key: string): string {
	if (key.startsWith("wk_")) return t("key_worker");
	return /^av_[\w-]{43}$/.test(key) ? "" : t("key_shape");
}

export function Door() {
	const key = useSignal("");
	const keep = useSignal(false);
	const busy = useSignal(false);

	async function knock(event: Event) {
		const wanted = key.value.trim();

		event.preventDefault();
		doorSays.value = shapeOf(wanted);
		if (doorSays.value) return;
		busy.value = true;
		try {
			await signIn(wanted, keep.value);
		} catch (e) {
			doorSays.value = wordsOf(e);
		} finally {
			busy.value = false;
		}
	}

	return (
		<main class="door">
			<form onSubmit={knock} autocomplete="off">
				<h1>{t("door_title")}</h1>
				<p class="soft">{t("door_text")}</p>
				<label for="key">{t("key")}</label>
				<input
					id="key"
					type="password"
					required
					autocomplete="off"
					autocapitalize="none"
					spellcheck={false}
					placeholder="av_…"
					value={key}
					onInput={(e) => {
						key.value = e.currentTarget.value;
						doorSays.value = "";
					}}
				/>
				<label class="tick">
					<input
						type="checkbox"
						checked={keep}
						onChange={(e) => (keep.value = e.currentTarget.checked)}
					/>
					<span>{t("keep")}</span>
				</label>
				<p class="wrong" role="alert">
					{doorSays}
				</p>
				<button type="submit" class="main" disabled={busy}>
					{t("sign_in")}
				</button>
				<p class="soft small">
					{t("door_hint")} <code>./arena key</code>
				</p>
			</form>
			<Preferences />
		</main>
	);
}
