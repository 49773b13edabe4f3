/** Who is logged in, as far as the site tells; and the one way to ask it again after a 401. */

import { jsonBy, type Api, type CallOptions, type Route } from "./api";
import { SiteError } from "./errors";
import { fields, text } from "../json";

export interface Account {
	name: string;
	/** Without a login of its own: a visitor whom the site knows. */
	guest: boolean;
}

/** A session is refreshed once; when that does not help, again only after a while. */
const AGAIN_MS = 60_000;

export function readAccount(value: unknown): Account {
	const outer = fields(value);
	const user = fields(outer?.user) ?? outer;

	return {
		name: text(user?.name) || text(user?.username) || text(user?.displayName),
		guest: user?.isAnonymous === true,
	};
}

/** The same routes, with a refresh of the login and a second try after a 401. */
export function withLogin(api: Api, now: () => number): Api & { refresh(): Promise<boolean> } {
	let last = Number.NEGATIVE_INFINITY;

	async function refresh(): Promise<boolean> {
		if (now() - last < AGAIN_MS) return false;
		last = now();
		return api.call("refresh", { body: {} }).then(
			() => true,
			() => false,
		);
	}

	async function call(route: Route, options?: CallOptions): Promise<Response> {
		try {
			return await api.call(route, options);
		} catch (e) {
			// a request with a token cannot be made again as it is: tokens are good once
			const again = route !== "create" && route !== "vote";

			if (
				!again ||
				!(e instanceof SiteError) ||
				e.kind !== "login" ||
				!(await refresh())
			)
				throw e;
			return api.call(route, options);
		}
	}
	return {
		raw: api.raw,
		call,
		json: jsonBy(call),
		refresh,
	};
}

/** null: nobody is. */
export async function whoami(api: Api, signal?: AbortSignal): Promise<Account | null> {
	try {
		return readAccount(await api.json("me", { signal }));
	} catch (e) {
		if (e instanceof SiteError && e.kind === "login") return null;
		throw e;
	}
}
