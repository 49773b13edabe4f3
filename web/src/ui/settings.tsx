/** The page of settings. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";

import { masked } from "../api/snippets";
import { t } from "../i18n/index";
import { canNotify, notifyOff, notifyOn, notifying } from "../state/notify";
import { keysOpen } from "../state/shortcuts";
import { forget, keepKey, keptHere, signOut } from "../state/studio";
import { say } from "../state/toasts";
import { Choice } from "./choice";
import { LanguageChoice, ThemeChoice } from "./preferences";
import { useStudio } from "./studio";
import { SureButton } from "./sure";

/** Put in by the build. */
declare const VERSION: string;

function Section({ title, children }: { title: string; children: ComponentChildren }) {
	return (
		<section class="setting-card sheet">
			<h2>{title}</h2>
			{children}
		</section>
	);
}

function Row({ label, children }: { label: ComponentChildren; children: ComponentChildren }) {
	return (
		<div class="setting-row">
			<div>{label}</div>
			{children}
		</div>
	);
}

function Notifying() {
	const can = canNotify();
	const on = notifying.value && can === "yes";

	async function turn() {
		if (on) notifyOff();
		else if (!(await notifyOn())) say({ kind: "bad", text: t("notify_blocked") });
	}

	return (
		<Row
			label={
				<>
					<span id="notify-label">{t("notify")}</span>
					<p class="soft small">
						{t(can === "no" ? "notify_no" : can === "blocked" ? "notify_blocked" : "notify_text")}
					</p>
				</>
			}
		>
			<button
				type="button"
				class="switch"
				role="switch"
				aria-checked={on}
				aria-labelledby="notify-label"
				disabled={can === "no" || can === "blocked"}
				onClick={turn}
			/>
		</Row>
	);
}

function Key() {
	const { key } = useStudio();
	const where = useSignal(keptHere());

	function keep(on: "session" | "device") {
		if (keepKey(on)) where.value = on;
		else say({ kind: "bad", text: t("keep_failed") });
	}

	return (
		<>
			<Row label={t("key")}>
				<code>{masked(key)}</code>
			</Row>
			<Row label={t("key_kept")}>
				<Choice
					label={t("key_kept")}
					value={where.value}
					options={(["session", "device"] as const).map((each) => [each, t(`key_${each}`)])}
					choose={keep}
				/>
			</Row>
			<Row label={<p class="soft small">{t("sign_out_text")}</p>}>
				<button type="button" class="plain slim" onClick={() => signOut()}>
					{t("sign_out")}
				</button>
			</Row>
		</>
	);
}

function About() {
	return (
		<>
			<Row label={t("version")}>
				<code>{VERSION}</code>
			</Row>
			<p class="setting-links">
				<a href="/docs">{t("docs_api")}</a>
				<a href="/openapi.json">openapi.json</a>
				<a href="/LMArenaVideoInjector.user.js">{t("userscript")}</a>
				<button type="button" class="link" onClick={() => (keysOpen.value = true)}>
					{t("keys")}
				</button>
			</p>
		</>
	);
}

export function Settings() {
	return (
		<section class="settings" aria-labelledby="settings-title">
			<h1 id="settings-title">{t("settings")}</h1>
			<Section title={t("look")}>
				<Row label={t("language")}>
					<LanguageChoice />
				</Row>
				<Row label={t("theme")}>
					<ThemeChoice />
				</Row>
			</Section>
			<Section title={t("notifications")}>
				<Notifying />
			</Section>
			<Section title={t("your_key")}>
				<Key />
			</Section>
			<Section title={t("kept")}>
				<Row label={<p class="soft small">{t("kept_text")}</p>}>
					<SureButton label={t("kept_clear")} run={forget} />
				</Row>
			</Section>
			<Section title={t("about")}>
				<About />
			</Section>
		</section>
	);
}
