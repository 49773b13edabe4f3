/** Where a video is asked for. */

import { useSignal } from "@preact/signals";

import { t } from "../i18n/index";
import { metadataOf, newId } from "../state/notes";
import { go } from "../state/route";
import { attempt } from "../state/studio";
import { Icon } from "./icon";
import { useStudio } from "./studio";

/** conversation: null begins a new one. */
export function Composer({ conversation }: { conversation: string | null }) {
	const { client, videos } = useStudio();
	const prompt = useSignal("");

	async function send() {
		const id = conversation ?? newId();
		const video = await attempt(() =>
			client.create({
				prompt: prompt.value.trim(),
				metadata: metadataOf({ conversation: id }),
			}),
		);

		if (!video) return;
		prompt.value = "";
		videos.put(video);
		go({ at: "conversation", id });
	}

	return (
		<form
			class="composer"
			onSubmit={(e) => {
				e.preventDefault();
				void send();
			}}
		>
			<textarea
				aria-label={t("prompt")}
				placeholder={t("prompt_hint")}
				value={prompt}
				onInput={(e) => (prompt.value = e.currentTarget.value)}
			/>
			<button type="submit" class="send" aria-label={t("send")}>
				<Icon name="send" />
			</button>
		</form>
	);
}
