/**
 * The composer's desk: its drafts, and what cards ask of it: "use these settings", "remix", "use
 * the last frame as first".
 */

import { signal } from "@preact/signals";

import type { Video } from "../api/types";
import { say } from "./toasts";
import { choose } from "./choices";
import { OTHERS } from "./conversations";
import { createDrafts, type Draft, type Drafts } from "./draft";
import { faultOf, keptPicture, newPicture, type Picture, type Role } from "./images";
import { notesOf } from "./notes";
import { go, route, type Route } from "./route";
import { studio, type Studio } from "./studio";

const desks = new WeakMap<Studio, Drafts>();

export function draftsOf(now: Studio): Drafts {
	let drafts = desks.get(now);

	if (!drafts)
		desks.set(now, (drafts = createDrafts(now.cache.name("drafts"), now.client, now.signal)));
	return drafts;
}

/** The conversation that a request from here belongs to; null: it begins one. */
export function placeOf(at: Route): string | null {
	return at.at === "conversation" && at.id !== OTHERS ? at.id : null;
}

/** Grows when the prompt box should have the focus. */
export const wanted = signal(0);

/** The draft that is on the screen; where there is none, that of the conversation is opened. */
function draftFor(now: Studio, conversation: string | undefined): Draft {
	const { at } = route.peek();

	if (at === "new" || at === "conversation") return draftsOf(now).of(placeOf(route.peek()));
	go(conversation ? { at: "conversation", id: conversation } : { at: "new" });
	return draftsOf(now).of(conversation ?? null);
}

function setPicture(draft: Draft, role: Role, picture: Picture | null) {
	draft.pictures[role].peek()?.drop();
	draft.pictures[role].value = picture;
	draft.wrong.value = null;
}

/** An image of the reader's, or of a video's last frame. What cannot be used is said. */
export async function setImage(
	file: Blob,
	role: Role,
	name = "image.png",
	conversation?: string,
): Promise<boolean> {
	const now = studio.peek();
	const fault = await faultOf(file);

	if (!now || studio.peek() !== now) return false;
	if (fault) {
		say({ kind: "bad", text: fault });
		return false;
	}
	setPicture(draftFor(now, conversation), role, newPicture(now.client, file, name));
	wanted.value++;
	return true;
}

export function removeImage(draft: Draft, role: Role) {
	setPicture(draft, role, null);
	wanted.value++;
}

/** Its prompt, images and settings, ready to be changed and sent again. */
export function useSettingsOf(video: Video) {
	const now = studio.peek();
	const { conversation, first, last } = notesOf(video);

	if (!now) return;
	const draft = draftFor(now, conversation);
	const picture = (id?: string) => (id ? keptPicture(now.client, id, "") : null);

	choose({
		models: [video.model],
		several: false,
		size: video.size,
		seconds: Number(video.seconds),
		variations: 1,
		negative: video.negative_prompt ?? "",
		fps: video.fps ?? 0,
		...(video.seed === null ? { locked: false } : { seed: video.seed, locked: true }),
	});
	draft.prompt.value = video.prompt ?? "";
	draft.parent.value = video.remixed_from_video_id;
	setPicture(draft, "first", picture(first));
	setPicture(draft, "last", picture(last));
	wanted.value++;
}

export const canRemix = (video: Video): boolean =>
	video.status === "completed" &&
	Boolean(studio.value?.models.find(video.model)?.operations.includes("remix"));

/** The next prompt changes this video. */
export function remix(video: Video) {
	const now = studio.peek();

	if (!now) return;
	draftFor(now, notesOf(video).conversation).parent.value = video.id;
	wanted.value++;
}
