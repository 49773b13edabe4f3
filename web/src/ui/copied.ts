/** Copies a text from where there is no button that could say so by itself: a toast says it. */

import { t } from "../i18n/index";
import { say } from "../state/toasts";
import { copyText } from "./copy";

export async function copied(text: string, done: string): Promise<void> {
	const good = await copyText(text);

	say(good ? { kind: "info", text: done } : { kind: "bad", text: t("copy_failed") });
}
