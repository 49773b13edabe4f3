/** The images that go along: how each is sent, and a way to take it out. */

import { t } from "../../i18n/index";
import { removeImage } from "../../state/desk";
import type { Draft } from "../../state/draft";
import type { Range } from "../../state/fitting";
import type { Picture, Role } from "../../state/images";
import { Icon } from "../icon";
import { FilePicker } from "./add";

function Sent({ picture }: { picture: Picture }) {
	const sent = picture.sent.value;

	switch (sent.at) {
		case "sending":
			return (
				<progress max={1} value={sent.part} aria-label={t("image_sending")} />
			);
		case "failed":
			return (
				<p class="fault small" role="alert">
					{sent.words}
					<button type="button" class="link" onClick={() => picture.send()}>
						{t("image_again")}
					</button>
				</p>
			);
		case "gone":
			return (
				<p class="fault small" role="alert">
					{t("image_missing")}
				</p>
			);
		default:
			return null;
	}
}

function Slot({ draft, role, picture }: { draft: Draft; role: Role; picture: Picture }) {
	const label = t(picture.sent.value.at === "sending" ? "image_stop" : "image_away");

	return (
		<figure class="slot" data-role={role} data-sent={picture.sent.value.at}>
			<FilePicker role={role} label={t("image_other")} class="thumb">
				{picture.preview.value && <img src={picture.preview} alt={picture.name} />}
			</FilePicker>
			<figcaption class="small">{t(`frame_${role}`)}</figcaption>
			<button
				type="button"
				class="away"
				aria-label={label}
				title={label}
				onClick={() => removeImage(draft, role)}
			>
				<Icon name="close" />
			</button>
			<Sent picture={picture} />
		</figure>
	);
}

export function Pictures({ draft, range }: { draft: Draft; range: Range | null }) {
	const first = draft.pictures.first.value;
	const last = draft.pictures.last.value;

	if (!first && !last) return null;
	return (
		<div class="pictures" role="group" aria-label={t("images")}>
			{first && <Slot draft={draft} role="first" picture={first} />}
			{last && <Slot draft={draft} role="last" picture={last} />}
			{!last && range?.last && (
				<FilePicker role="last" label={t("image_last_add")} class="slot open">
					<Icon name="plus" />
					<span class="small">{t("frame_last")}</span>
				</FilePicker>
			)}
		</div>
	);
}
