/** The button that lets an image be picked. */

import { useRef } from "preact/hooks";

import { t } from "../../i18n/index";
import { setImage } from "../../state/desk";
import type { Draft } from "../../state/draft";
import type { Range } from "../../state/fitting";
import type { Role } from "../../state/images";
import { Icon } from "../icon";

const TYPES = "image/png,image/jpeg,image/webp,image/gif";

/** Opens the system's picker; what is picked becomes this image. */
export function FilePicker({ role, label, children, ...more }: {
	role: Role;
	label: string;
	class: string;
	children: preact.ComponentChildren;
}) {
	const input = useRef<HTMLInputElement>(null);

	function picked() {
		const file = input.current!.files?.[0];

		if (file) void setImage(file, role, file.name);
		input.current!.value = ""; // so that the same one can be picked again
	}

	return (
		<>
			<button
				type="button"
				class={more.class}
				aria-label={label}
				title={label}
				onClick={() => input.current!.click()}
			>
				{children}
			</button>
			<input
				ref={input}
				type="file"
				hidden
				accept={TYPES}
				data-role={role}
				onChange={picked}
			/>
		</>
	);
}

export function AddImage({ draft, range }: { draft: Draft; range: Range | null }) {
	if (draft.pictures.first.value || range?.first === false) return null;
	return (
		<FilePicker role="first" label={t("image_add")} class="tool">
			<Icon name="image" />
		</FilePicker>
	);
}
