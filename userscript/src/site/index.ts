/** The site, as the rest of the script sees it. */

import type { Winner } from "../types";
import { sleep as realSleep, type Sleep } from "../wait";
import { whoami, withLogin, type Account } from "./account";
import { createApi, isCreate } from "./api";
import { fetchCatalogue, type SiteModel } from "./catalogue";
import { watchChallenges, type ChallengePage, type ChallengeWatch } from "./challenges";
import { createClock } from "./clock";
import { SiteError, type SiteErrorKind } from "./errors";
import { bySide, look } from "./evaluation";
import { createFollow, type RunEvent } from "./follow";
import { hookFetch, type HookedPage } from "./hook";
import { uuid7 } from "./ids";
import type { Fields } from "../json";
import { createRecorder, type Recorder } from "./recorder";
import type { Side } from "./stream";
import {
	fillBody,
	keepTemplate,
	wantsTurnstile,
	type RunAttachment,
	type RunIds,
} from "./template";
import { createTokens, type TokenPage } from "./tokens";
import { createUploader } from "./upload";
import { createVote } from "./vote";

export type { Account, RunEvent, SiteModel };
export { SiteError, type SiteErrorKind };
export type { Challenge } from "./challenges";
export type { Recorder, RecorderState } from "./recorder";

export type RunMode = "battle" | "direct";

export interface RunRequest {
	prompt: string;
	image?: { bytes: Blob; name: string; mime: string };
	mode: RunMode;
	/** The site's id of the model, for `direct`. */
	modelId?: string;
}

export interface Site {
	whoami(signal?: AbortSignal): Promise<Account | null>;
	/** As the page does for a visitor who has no login: with a token of its own Turnstile widget. */
	visit(signal?: AbortSignal): Promise<void>;
	catalogue(signal?: AbortSignal): Promise<SiteModel[]>;
	/**
	 * One run. Its session is told before the site is asked for it: who keeps that before asking for
	 * the next event never asks twice. All failures are SiteErrors, or AbortError.
	 */
	start(run: RunRequest, signal?: AbortSignal): AsyncGenerator<RunEvent>;
	/** A session of an earlier start, of this page or another; `gone` when the site does not know it. */
	resume(ref: string, mode: RunMode, signal?: AbortSignal): AsyncGenerator<RunEvent>;
	/** Rejects when a side of it could not be stopped. */
	stop(ref: string): Promise<void>;
	/** The names of the two models, a and b. */
	vote(ref: string, winner: Winner, signal?: AbortSignal): Promise<string[]>;
	/** What is on screen for a human to do; told at once and at each change. Returns the way out. */
	watchChallenges: ChallengeWatch["on"];
	/** The page itself made a run, and the site took it. */
	onPageRun(fn: () => void): () => void;
	recorder: Recorder;
}

/** The page's window, in the page's world. */
export type SitePage = HookedPage & TokenPage & ChallengePage;

export interface SiteDeps {
	page: SitePage;
	version: string;
	/** The last request of the page, kept over reloads; nothing of what was asked for is in it. */
	template: { get(): Fields | null; set(template: Fields): void };
	log: (message: string) => void;
	now?: () => number;
	sleep?: Sleep;
	random?: () => number;
}

/** After these nobody knows whether the request arrived: the session tells. */
const unsure: SiteErrorKind[] = ["network", "platform"];

function chunksOf(document: Document): string[] {
	return [...document.querySelectorAll<HTMLScriptElement>("script[src]")]
		.map((script) => script.src)
		.filter((src) => src.includes("/_next/static/chunks/"));
}

export function createSite(deps: SiteDeps): Site {
	const { page, version, template, log } = deps;
	const { now = Date.now, sleep = realSleep, random = Math.random } = deps;
	const hook = hookFetch(page);
	const clock = createClock(now);
	const plain = createApi({ fetch: hook.fetch, clock, now });
	const api = withLogin(plain, now);
	const challenges = watchChallenges(page);
	const tokens = createTokens({ page, sleep, interactive: challenges.raise });
	const uploader = createUploader({
		api: plain,
		chunks: () => chunksOf(page.document),
		page: () => page.location.href,
		put: hook.fetch,
	});
	const follow = createFollow({ api, clock, sleep, random, unknown: new Set() });
	const ownRuns = new Set<() => void>();
	/** Messages of the runs of this page, so that they can be stopped at once. */
	const messages = new Map<string, RunIds>();
	let models: SiteModel[] = [];

	hook.on((request) => {
		if (!isCreate(request.method, request.path)) return;
		const kept = keepTemplate(request.body);

		if (kept) template.set(kept);
		request.answer.then(
			(answer) => {
				if (answer.ok) for (const fn of ownRuns) fn();
				answer.body?.cancel().catch(() => undefined);
			},
			() => undefined,
		);
	});

	const sidesOf = (mode: RunMode): Side[] => (mode === "battle" ? ["a", "b"] : ["a"]);

	function newIds(): RunIds {
		const id = () => uuid7(clock.now());

		return { session: id(), user: id(), a: id(), b: id() };
	}

	/** Asks the site for a run: the one request that must not be made twice. */
	async function ask(
		run: RunRequest,
		ids: RunIds,
		attachments: RunAttachment[],
		signal?: AbortSignal,
	) {
		const shape = template.get();
		const turnstile = wantsTurnstile(shape)
			? await tokens.turnstile(signal)
			: undefined;
		const recaptcha = await tokens.recaptcha("chat_submit", signal);
		const { mode, modelId, prompt } = run;

		return api.call("create", {
			body: fillBody(shape, {
				ids,
				mode,
				modelId,
				prompt,
				attachments,
				recaptcha,
				turnstile,
			}),
			signal,
		});
	}

	async function* start(run: RunRequest, signal?: AbortSignal): AsyncGenerator<RunEvent> {
		const image = run.image;
		const attachments = image
			? [await uploader.upload(image.bytes, image.name, image.mime, signal)]
			: [];
		const sides = follow.sides(sidesOf(run.mode));
		const tried = new Set<string>();

		for (let ids = newIds(); ;) {
			let answer: Response | null = null;

			messages.set(ids.session, ids);
			yield { kind: "session", ref: ids.session };
			try {
				answer = await ask(run, ids, attachments, signal);
			} catch (e) {
				if (!(e instanceof SiteError)) throw e;
				const first = !tried.has(e.kind) && tried.add(e.kind);

				// refused, so it was not made: when that is mended it is asked for again
				const mended =
					first &&
					(e.kind === "clock" ||
						(e.kind === "login" && (await api.refresh())));

				if (mended) {
					log(`asked for again: ${e.message}`);
					ids = newIds();
				} else if (
					!unsure.includes(e.kind) ||
					!(await follow.exists(ids.session, signal))
				)
					throw e;
				else return yield* follow.session(ids.session, sides, signal);
			}
			if (answer)
				return yield* follow.started(answer, ids.session, sides, signal);
		}
	}

	async function stop(ref: string): Promise<void> {
		const ids = messages.get(ref);
		const found = ids
			? [ids.a, ids.b]
			: Object.values(bySide(await look(api, ref))).map((m) => m.id);
		const body = { stoppedAt: new Date(clock.now()).toISOString() };

		await Promise.all(
			found
				.filter(Boolean)
				.map((mid) => api.call("stop", { sid: ref, mid, body })),
		);
	}

	return {
		whoami: (signal) => whoami(api, signal),
		async visit(signal) {
			await plain.call("signUp", {
				body: { turnstileToken: await tokens.turnstile(signal) },
				signal,
			});
		},
		async catalogue(signal) {
			models = await fetchCatalogue(api, page.document, signal);
			return models;
		},
		start,
		resume: (ref, mode, signal) =>
			follow.session(ref, follow.sides(sidesOf(mode)), signal),
		stop,
		vote: createVote({
			api,
			tokens,
			sleep,
			random,
			nameOf: (id) => models.find((m) => m.id === id)?.name ?? id,
		}),
		watchChallenges: challenges.on,
		onPageRun(fn) {
			ownRuns.add(fn);
			return () => ownRuns.delete(fn);
		},
		recorder: createRecorder(hook, version, now),
	};
}
