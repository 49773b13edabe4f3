/** What is on its way, and what did not get through. */

import { t } from "../../i18n/index";
import { span } from "../../i18n/times";
import type { Draft, Wrong } from "../../state/draft";
import { now } from "../../state/now";
import { CopyButton } from "../copy-button";

/** As it will stand in the conversation. */
export function Pending({ draft }: { draft: Draft }) {
	const order = draft.sending.value;

	if (!order) return null;
	return (
		<div class="pending" role="status">
			<p class="asked">
				<bdi>{order.prompt}</bdi>
			</p>
			<p class="soft small">{t("sending")}</p>
		</div>
	);
}

/** Counts down to when it can be sent again; is not read out each second. */
function Wait({ until }: { until: number }) {
	const left = Math.ceil((until - now.value) / 1000);

	return <p class="small">{left > 0 ? t("send_in", { time: span(left) }) : t("send_now")}</p>;
}

/** left: how many of several were not sent. */
function Told({ wrong, left, again }: { wrong: Wrong; left: number; again(): void }) {
	return (
		<div class="trouble">
			<div role="alert">
				<p>
					{wrong.words}
					{left > 0 && ` ${t("send_left", { n: left })}`}
				</p>
			</div>
			{wrong.until > 0 && <Wait until={wrong.until} />}
			{wrong.again && (
				<button type="button" class="plain" onClick={again}>
					{t("send_again")}
				</button>
			)}
			{wrong.requestId && (
				<p class="id small">
					<code>{wrong.requestId}</code>
					<CopyButton text={wrong.requestId} label={t("copy_id")} />
				</p>
			)}
		</div>
	);
}

export function Trouble({ draft, again }: { draft: Draft; again(): void }) {
	const wrong = draft.wrong.value;
	const order = draft.unsent;
	const left = order?.made ? (order.requests?.length ?? 0) : 0;

	return wrong && <Told wrong={wrong} left={left} again={again} />;
}
