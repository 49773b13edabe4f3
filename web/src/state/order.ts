/** Sending what is asked for, and what to do when not all of it gets through. */

import { batch } from "@preact/signals";

import { idempotencyKey } from "../api/client";
import { ApiError, wordsOf } from "../api/errors";
import type { Wish } from "../api/types";
import { faultIn, wishesOf, type Ask } from "./ask";
import { OTHERS } from "./conversations";
import type { Draft, Drafts } from "./draft";
import type { Picture, Role } from "./images";
import { metadataOf, newId } from "./notes";
import { go, route } from "./route";
import { signOut, type Studio } from "./studio";

export interface Request {
	wish: Wish;
	/** The same when it is sent again: it makes no second video. */
	once: string;
}

export interface Order {
	/** What it was made of: the same again is the same order. */
	readonly print: string;
	readonly prompt: string;
	readonly pictures: Readonly<Record<Role, Picture | null>>;
	readonly parent: string | null;
	readonly conversation: string;
	made: number;
	/** Those that are not made yet; null: its pictures are on their way. */
	requests: Request[] | null;
}

const printOf = ({ prompt, models, choices, pictures, parent }: Ask): string =>
	JSON.stringify([
		prompt,
		models.map((model) => model.id),
		{ ...choices, models: [] },
		pictures.first?.preview.peek(),
		pictures.last?.preview.peek(),
		parent,
	]);

function newOrder(ask: Ask, print: string): Order {
	const { prompt, pictures, parent } = ask;
	const conversation = ask.conversation ?? newId();

	return { print, prompt, pictures, parent, conversation, made: 0, requests: null };
}

async function requestsOf(ask: Ask, order: Order): Promise<Request[]> {
	const { prompt, conversation } = order;
	const files = {
		first: await order.pictures.first?.ready(),
		last: await order.pictures.last?.ready(),
	};
	const wishes: Wish[] = order.parent
		? [{ prompt, parent: order.parent, metadata: metadataOf({ conversation }) }]
		: wishesOf(ask, files, conversation);

	return wishes.map((wish) => ({ wish, once: idempotencyKey() }));
}

/** Which picture the gateway complains of because it has it no more. */
async function goneRole({ client }: Studio, error: unknown, wish: Wish): Promise<Role | null> {
	const param = error instanceof ApiError && error.status === 400 ? error.param : null;
	const role = param?.startsWith("last_frame") ? "last" : "first";
	const file = role === "last" ? wish.last_frame : wish.first_frame;

	if (!file || !(role === "last" || param?.startsWith("input_reference"))) return null;
	try {
		await client.file(file);
		return null;
	} catch (e) {
		return e instanceof ApiError && e.status === 404 ? role : null;
	}
}

/** Sends the picture again, and puts its new id into all requests of the order. */
async function renew(order: Order, role: Role) {
	const picture = order.pictures[role];

	picture?.send();
	const id = await picture?.ready();

	for (const request of order.requests ?? []) {
		const { wish } = request;

		if (role === "first") wish.first_frame = id;
		else if (wish.last_frame) wish.last_frame = id;
		if (wish.metadata?.[role] && id) wish.metadata[role] = id;
		request.once = idempotencyKey();
	}
}

/** `arrived` is called for each that is made. */
async function makeAll(studio: Studio, order: Order, arrived: () => void) {
	const renewed = new Set<Role>();

	while (order.requests?.length) {
		const [next] = order.requests as [Request];

		try {
			studio.videos.put(await studio.client.create(next.wish, next.once));
			order.requests.shift();
			order.made++;
			arrived();
		} catch (e) {
			const role = await goneRole(studio, e, next.wish);

			if (!role || renewed.has(role)) throw e;
			renewed.add(role);
			await renew(order, role);
		}
	}
}

/** What it took from the draft goes back; what was written meanwhile stays. */
function giveBack(draft: Draft, order: Order) {
	draft.prompt.value = [order.prompt, draft.prompt.value].filter(Boolean).join("\n\n");
	for (const role of ["first", "last"] as const)
		draft.pictures[role].value ??= order.pictures[role];
	draft.parent.value ??= order.parent;
	draft.unsent = order;
}

function say(draft: Draft, error: unknown) {
	const known = error instanceof ApiError ? error : null;

	draft.wrong.value = {
		words: wordsOf(error),
		until: known?.waitMs ? Date.now() + known.waitMs : 0,
		requestId: known?.requestId ?? "",
		again: true,
	};
}

/** What is on its way is out of the draft. */
function takeFrom(draft: Draft, order: Order) {
	batch(() => {
		draft.sending.value = order;
		draft.wrong.value = null;
		draft.prompt.value = "";
		draft.pictures.first.value = null;
		draft.pictures.last.value = null;
		draft.parent.value = null;
	});
}

/** The first of a new conversation is there: go to it, with what was written meanwhile. */
function moveTo(home: Draft, draft: Draft, conversation: string) {
	if (home !== draft) {
		home.prompt.value ||= draft.prompt.peek();
		draft.prompt.value = "";
	}
	const at = route.peek();

	if (at.at === "new" || (at.at === "conversation" && at.id === OTHERS))
		go({ at: "conversation", id: conversation });
}

/** Sends what is written. Nothing of it is lost when that fails. */
export async function send(studio: Studio, drafts: Drafts, ask: Ask): Promise<void> {
	const draft = drafts.of(ask.conversation);
	const fault = faultIn(ask);

	if (draft.sending.peek()) return;
	if (fault) {
		draft.wrong.value = { words: fault, until: 0, requestId: "", again: false };
		return;
	}
	const print = printOf(ask);
	const order = draft.unsent?.print === print ? draft.unsent : newOrder(ask, print);
	const home = () => (order.made ? drafts.of(order.conversation) : draft);

	takeFrom(draft, order);
	try {
		order.requests ??= await requestsOf(ask, order);
		await makeAll(studio, order, () => moveTo(home(), draft, order.conversation));
		draft.unsent = null;
		order.pictures.first?.drop();
		order.pictures.last?.drop();
	} catch (e) {
		batch(() => (giveBack(home(), order), say(home(), e)));
		if (e instanceof ApiError && e.status === 401) signOut(wordsOf(e));
	} finally {
		draft.sending.value = null;
	}
}
