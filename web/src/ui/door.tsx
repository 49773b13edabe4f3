/** Where a key is asked for. */

import { useSignal, type Signal } from "@preact/signals";

import { wordsOf } from "../api/errors";
import { t } from "../i18n/index";
import { doorSays, signIn } from "../state/studio";
import { Icon } from "./icon";
import { Preferences } from "./preferences";
import { Tool } from "./tool";

/** What is no key is said without asking the gateway. */
function shapeOf(key: string): string {
	if (!key) return t("key_none");
	if (key.startsWith("wk_")) return t("key_worker");
	return /^av_[\w-]{43}$/.test(key) ? "" : t("key_shape");
}

/** The box of the key: hidden, unless the reader wants to see it. */
function Secret({ value }: { value: Signal<string> }) {
	const shown = useSignal(false);

	return (
		<div class="secret">
			<input
				id="key"
				class="field"
				type={shown.value ? "text" : ("password" as "text")} // the types want one
				required
				autocomplete="off"
				autocapitalize="none"
				spellcheck={false}
				placeholder="av_…"
				aria-describedby="door-says"
				aria-invalid={doorSays.value !== ""}
				value={value}
				onInput={(e) => {
					value.value = e.currentTarget.value;
					doorSays.value = "";
				}}
			/>
			<Tool
				icon="eye"
				label={t("key_show")}
				aria-pressed={shown}
				onClick={() => (shown.value = !shown.value)}
			/>
		</div>
	);
}

/** Where the key is kept. */
function Keep({ value }: { value: Signal<boolean> }) {
	return (
		<label class="tick" for="keep">
			<input
				id="keep"
				type="checkbox"
				checked={value}
				aria-describedby="keep-else"
				onChange={(e) => (value.value = e.currentTarget.checked)}
			/>
			<span>
				{t("keep")}
				<br />
				<span class="soft small" id="keep-else">
					{t("keep_else")}
				</span>
			</span>
		</label>
	);
}

export function Door() {
	const key = useSignal("");
	const keep = useSignal(false);
	const busy = useSignal(false);

	async function knock(event: Event) {
		const wanted = key.value.trim();

		event.preventDefault();
		doorSays.value = shapeOf(wanted);
		if (doorSays.value) return document.getElementById("key")?.focus();
		busy.value = true;
		try {
			await signIn(wanted, keep.value);
		} catch (e) {
			doorSays.value = wordsOf(e);
			document.getElementById("key")?.focus();
		} finally {
			busy.value = false;
		}
	}

	return (
		<main class="door">
			<form class="door-card sheet" onSubmit={knock} autocomplete="off" noValidate>
				<span class="brand">
					<img src="/video-chat/icon.svg" alt="" width="32" height="32" />
					<span>
						Arena <b>video</b>
					</span>
				</span>
				<h1>{t("door_title")}</h1>
				<p class="soft">{t("door_text")}</p>
				<label for="key">{t("key")}</label>
				<Secret value={key} />
				<Keep value={keep} />
				<div role="alert" id="door-says">
					{doorSays.value && (
						<p class="wrong">
							<Icon name="warn" /> {doorSays}
						</p>
					)}
				</div>
				<button type="submit" class="main" disabled={busy}>
					{busy.value && <span class="spin" />}
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
