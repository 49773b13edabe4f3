/** A request as code. */

import { useSignal } from "@preact/signals";

import { masked, snippet, snippetKinds, type SnippetKind } from "../api/snippets";
import type { Video } from "../api/types";
import { t } from "../i18n/index";
import { Choice } from "./choice";
import { CopyButton } from "./copy-button";
import { Dialog } from "./dialog";
import { useStudio } from "./studio";

const names: Record<SnippetKind, string> = { curl: "curl", python: "Python", javascript: "JavaScript" };

export function CodeView({ video, close }: { video: Video; close(): void }) {
	const { key } = useStudio();
	const kind = useSignal<SnippetKind>("curl");
	const text = snippet(kind.value, location.origin, video);

	return (
		<Dialog title={t("code")} class="wide code-view" onClose={close}>
			<div class="code-bar">
				<Choice
					label={t("code_kind")}
					value={kind.value}
					options={snippetKinds.map((each) => [each, names[each]])}
					choose={(each) => (kind.value = each)}
				/>
				<CopyButton text={text} label={t("code_copy")} words />
			</div>
			<pre tabIndex={0} aria-label={names[kind.value]} dir="ltr">
				<code>{text}</code>
			</pre>
			<p class="soft small">
				{t("code_key")} <code>export ARENA_API_KEY={masked(key)}</code>
			</p>
		</Dialog>
	);
}
