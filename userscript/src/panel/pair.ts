/** The pairing code of the server's page, once in a browser. */

import { PairingError, browserName, codeOf } from "../pairing";
import { setText } from "./dom";
import type { Kit, Part } from "./part";

export function pairPart({ el, t, actions, page }: Kit): Part {
	const link = el("a", { target: "_blank", rel: "noreferrer" });
	const [before = "", after = ""] = t("pair_how", { link: "\n" }).split("\n");
	const revoked = el("p", { class: "note", hidden: true }, t("pair_revoked"));
	const wrong = el("p", { class: "wrong", role: "alert", id: "wrong" });
	const code = el("input", {
		id: "code",
		autocomplete: "off",
		autocapitalize: "characters",
		spellcheck: "false",
		placeholder: "ABCD-EFGH",
		maxlength: 12,
		"aria-describedby": "wrong",
	});
	const name = el("input", { id: "name", maxlength: 64, value: browserName(page.navigator) });
	const send = el("button", { type: "submit", class: "main" }, t("pair"));
	const form = el(
		"form",
		{},
		el("label", { for: "code" }, t("pair_code")),
		code,
		el("label", { for: "name" }, t("pair_name")),
		name,
		wrong,
		send,
	);
	let server = "";

	function wordsFor(e: unknown): string {
		if (!(e instanceof PairingError)) return String(e);
		if (e.kind === "code") return t("pair_bad");
		if (e.kind === "many") return t("pair_many");
		if (e.kind === "unreachable") return t("pair_unreachable", { server });
		return t("pair_server", { words: e.words });
	}

	async function submit() {
		const typed = codeOf(code.value);

		setText(wrong, "");
		if (typed.length !== 9) {
			setText(wrong, t("pair_shape"));
			return code.focus();
		}
		send.disabled = true;
		setText(send, t("pairing"));
		try {
			await actions().pair(
				typed,
				name.value.trim() || browserName(page.navigator),
			);
			code.value = "";
		} catch (e) {
			setText(wrong, wordsFor(e));
			code.focus();
		} finally {
			send.disabled = false;
			setText(send, t("pair"));
		}
	}

	form.addEventListener("submit", (event) => {
		event.preventDefault();
		void submit();
	});
	return {
		root: el(
			"div",
			{ class: "part" },
			el("h2", {}, t("pair_title")),
			revoked,
			el("p", {}, before, link, after),
			form,
		),
		draw(view) {
			server = view.server;
			link.href = `${server}/video-chat`;
			setText(link, `${server}/video-chat`);
			revoked.hidden = !view.revoked;
		},
	};
}
