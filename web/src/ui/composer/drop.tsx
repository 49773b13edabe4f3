/** An image may be dropped or pasted anywhere on the page. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { t } from "../../i18n/index";
import { choices } from "../../state/choices";
import { draftsOf, placeOf, setImage } from "../../state/desk";
import { chosenOf, rangeOf } from "../../state/fitting";
import type { Role } from "../../state/images";
import { route } from "../../state/route";
import { say } from "../../state/toasts";
import { Icon } from "../icon";
import { useStudio } from "../studio";

const hasFiles = (event: DragEvent): boolean =>
	event.dataTransfer?.types.includes("Files") ?? false;

const roleAt = (event: Event): Role =>
	(event.target as Element | null)?.closest?.("[data-role=last]") ? "last" : "first";

/** What came with the hand; the first image of several. */
function take(files: FileList, role: Role) {
	const file = [...files].find((each) => each.type.startsWith("image/")) ?? files[0];

	if (file) void setImage(file, role, file.name);
	else say({ kind: "bad", text: t("no_image") });
}

/** The first image's place, or the last one's where that is free and the other is not. */
function useFreeRole() {
	const studio = useStudio();

	return (): Role => {
		const draft = draftsOf(studio).of(placeOf(route.peek()));
		const range = rangeOf(chosenOf(studio.models.all.peek(), choices.peek()));
		const { first, last } = draft.pictures;

		return range?.last && first.peek() && !last.peek() ? "last" : "first";
	};
}

/** Listens on the whole page. over(): is something held above it? */
function listen(over: (now: boolean) => void, freeRole: () => Role): () => void {
	const stopper = new AbortController();
	const on = <K extends keyof WindowEventMap>(name: K, fn: (e: WindowEventMap[K]) => void) =>
		addEventListener(name, fn, { signal: stopper.signal });

	on("dragenter", (e) => hasFiles(e) && over(true));
	on("dragover", (e) => {
		if (!hasFiles(e)) return;
		e.preventDefault();
		over(true);
	});
	on("dragleave", (e) => !e.relatedTarget && over(false));
	on("drop", (e) => {
		over(false);
		if (!hasFiles(e) || !e.dataTransfer) return;
		e.preventDefault();
		take(e.dataTransfer.files, roleAt(e));
	});
	on("paste", (e) => {
		const data = e.clipboardData;

		// text that has a picture of itself beside it is pasted as text
		if (!data?.files.length || data.types.includes("text/plain")) return;
		e.preventDefault();
		take(data.files, freeRole());
	});
	return () => stopper.abort();
}

export function Dropzone() {
	const over = useSignal(false);
	const { models } = useStudio();
	const freeRole = useFreeRole();
	const range = rangeOf(chosenOf(models.all.value, choices.value));
	const roles: Role[] = range?.last ? ["first", "last"] : ["first"];

	useEffect(() => listen((now) => (over.value = now), freeRole), []);
	if (!over.value) return null;
	return (
		<div class="dropzone">
			{roles.map((role) => (
				<div class="place" data-role={role} key={role}>
					<Icon name="image" />
					<p>{t(roles.length > 1 ? `drop_${role}` : "drop_here")}</p>
				</div>
			))}
		</div>
	);
}
