/** The way to a worker: what to install, and a code that makes a browser one. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { wordsOf } from "../api/errors";
import type { PairingCode } from "../api/types";
import { t } from "../i18n/index";
import { clock } from "../i18n/times";
import { CopyButton } from "./copy-button";
import { Dialog } from "./dialog";
import { pairingOpen } from "./first-steps";
import { useStudio } from "./studio";

const SCRIPT = "/LMArenaVideoInjector.user.js";

/** A code, made when it is asked for (a panel) or at once (the dialog). */
function Code({ atOnce }: { atOnce: boolean }) {
	const { client } = useStudio();
	const code = useSignal<PairingCode | null>(null);
	const trouble = useSignal<unknown>(null);
	const busy = useSignal(false);
	const over = useSignal(false);

	async function another() {
		busy.value = true;
		code.value = trouble.value = null;
		try {
			code.value = await client.pairingCode();
			over.value = false;
		} catch (e) {
			trouble.value = e;
		}
		busy.value = false;
	}
	useEffect(() => {
		if (atOnce) void another();
	}, []);
	useEffect(() => {
		if (!code.value) return;
		const left = code.value.expires_at * 1000 - Date.now();
		const timer = setTimeout(() => (over.value = true), left);

		return () => clearTimeout(timer);
	}, [code.value]);

	if (!atOnce && !code.value && !trouble.value)
		return (
			<button type="button" class="plain slim" disabled={busy} onClick={another}>
				{t("pair_show")}
			</button>
		);
	return (
		<div class="pairing-code">
			<output class="code" data-over={over}>
				{code.value?.code ?? "····-····"}
			</output>
			{code.value && !over.value && <CopyButton text={code.value.code} label={t("pair_copy")} />}
			<button type="button" class="plain slim" disabled={busy} onClick={another}>
				{t("pair_again")}
			</button>
			<p class="small soft" role="status">
				{trouble.value
					? wordsOf(trouble.value)
					: over.value
						? t("pair_over")
						: code.value &&
							t("pair_until", { time: clock(code.value.expires_at, Date.now()) })}
			</p>
		</div>
	);
}

function Step({ title, children }: { title: string; children?: ComponentChildren }) {
	return (
		<li>
			<h3>{title}</h3>
			{children}
		</li>
	);
}

function Steps({ atOnce = false }: { atOnce?: boolean }) {
	return (
		<>
			<ol class="steps">
				<Step title={t("step_manager")}>
					<p class="soft">{t("step_manager_text")}</p>
				</Step>
				<Step title={t("step_allow")}>
					<p class="soft">
						{t("step_allow_text")} <code>chrome://extensions</code>
					</p>
				</Step>
				<Step title={t("step_script")}>
					<p class="soft">
						<a href={SCRIPT} target="_blank" rel="noopener noreferrer">
							{t("pair_script")}
						</a>
						{". "}
						{t("step_script_text")}
					</p>
				</Step>
				<Step title={t("step_site")}>
					<p class="soft">{t("step_site_text")}</p>
				</Step>
				<Step title={t("step_code")}>
					<Code atOnce={atOnce} />
				</Step>
				<Step title={t("step_network")}>
					<p class="soft">{t("step_network_text")}</p>
				</Step>
			</ol>
			<p class="terms small">{t("pair_terms")}</p>
			<p class="soft small">
				{t("step_other")} <a href="/docs">{t("docs")}</a>
			</p>
		</>
	);
}

/** "Add a worker". */
export function PairingDialog() {
	return (
		<Dialog title={t("worker_add")} onClose={() => (pairingOpen.value = false)}>
			<p class="soft">{t("pair_text")}</p>
			<Steps atOnce />
		</Dialog>
	);
}

/** While there is no worker at all. */
export function FirstStepsPanel() {
	return (
		<section class="first-steps sheet" aria-label={t("first_title")}>
			<h2>{t("first_title")}</h2>
			<p class="soft">{t("first_text")}</p>
			<Steps />
		</section>
	);
}
