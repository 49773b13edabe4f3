/** An image may be dropped or pasted anywhere on the page. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { t } from "../../i18n/index";
import { choices } from "../../state/choices";
import { draftsOf, placeOf, setImage } from "../../state/desk";
import { chosenOf, rangeOf } from "../../state/fitting";
import type { Role } from "../../state/images";
import { route } from "../../state/route";
import type { Studio } from "../../state/studio";
import { say } from "../../state/toasts";
import { Icon } from "../icon";
import { useStudio } from "../studio";

const hasFiles = (event: DragEvent): boolean =>
	event.dataTransfer?.types.includes("Files") ?? false;

const roleAt = (event: Event): Role =>
	(event.target as Element | null)?.closest?.("[data-role=last]") ? "last" : "first";

/** What came with the hand: one image, or two for the first and the last. */
async function take(files: FileList, role: Role, both: boolean) {
	const images = [...files].filter((each) => each.type.startsWith("image/"));
	const [one, two] = images.length ? images : [...files];

	if (!one) return say({ kind: "bad", text: t("no_image") });
	if (two && both) await setImage(two, "last", two.name);
	return setImage(one, two && both ? "first" : role, one.name);
}

const takesBoth = ({ models }: Studio): boolean =>
	rangeOf(chosenOf(models.all.value, choices.value))?.last ?? false;

/** The first image's place, or the last one's where that is free and the other is not. */
function freeRole(studio: Studio): Role {
	const { first, last } = draftsOf(studio).of(placeOf(route.peek())).pictures;

	return takesBoth(studio) && first.peek() && !last.peek() ? "last" : "first";
}

/** Listens on the whole page. over(): is something held above it? */
function listen(over: (now: boolean) => void, studio: Studio): () => void {
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
		void take(e.dataTransfer.files, roleAt(e), takesBoth(studio));
	});
	on("paste", (e) => {
		const data = e.clipboardData;

		// text that has a picture of itself beside it is pasted as text
		if (!data?.files.length || data.types.includes("text/plain")) return;
		e.preventDefault();
		void take(data.files, freeRole(studio), takesBoth(studio));
	});
	return () => stopper.abort();
}

export function Dropzone() {
	const over = useSignal(false);
	const studio = useStudio();
	const roles: Role[] = takesBoth(studio) ? ["first", "last"] : ["first"];

	useEffect(() => listen((now) => (over.value = now), studio), [studio]);
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
