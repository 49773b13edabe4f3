/** Who this browser is at its server: a code from the server's page becomes a worker's token. */

import type { Gm } from "./gm";
import { fields, parse, text } from "./json";

export interface Pairing {
	/** The token is for this server and no other. */
	server: string;
	token: string;
	name: string;
}

/** The code was not taken, or nobody could be asked. */
export class PairingError extends Error {
	constructor(
		readonly kind: "code" | "many" | "unreachable" | "server",
		/** The server's, or "". */
		readonly words: string,
	) {
		super(words || kind);
		this.name = "PairingError";
	}
}

export interface Pairings {
	/** null: not paired with this server. */
	get(): Promise<Pairing | null>;
	/** Rejects with PairingError. */
	pair(code: string, name: string): Promise<Pairing>;
	forget(): Promise<void>;
	/** This browser's worker id, the same for good. */
	workerId(): Promise<string>;
	/** Another tab has paired, or forgotten. */
	onChange(fn: () => void): void;
}

const KEY = "pairing";
const WORKER = "worker";

/** As people type it: any case, with or without the dash. */
export function codeOf(typed: string): string {
	const plain = typed.toUpperCase().replace(/[^A-Z0-9]/g, "");

	return plain.length === 8 ? `${plain.slice(0, 4)}-${plain.slice(4)}` : plain;
}

function read(value: string | null, server: string): Pairing | null {
	const kept = fields(parse(value ?? ""));

	if (kept?.server !== server || typeof kept.token !== "string") return null;
	return { server, token: kept.token, name: text(kept.name) };
}

export function createPairings(gm: Gm, server: string): Pairings {
	async function ask(code: string, name: string) {
		try {
			return await gm.request({
				method: "POST",
				url: `${server}/worker/pair`,
				headers: { "Content-Type": "application/json" },
				body: JSON.stringify({ code: codeOf(code), name }),
				timeout: 15_000,
			});
		} catch (e) {
			throw new PairingError("unreachable", e instanceof Error ? e.message : "");
		}
	}

	return {
		get: async () => read(await gm.getValue(KEY), server),
		async pair(code, name) {
			const answer = await ask(code, name);
			const { status } = answer;
			const body = fields(parse(answer.text));
			const words = text(fields(body?.error)?.message);

			if (status === 400) throw new PairingError("code", words);
			if (status === 429) throw new PairingError("many", words);
			if (status !== 200 || typeof body?.token !== "string")
				throw new PairingError("server", words);
			const pairing = {
				server,
				token: body.token,
				name: text(body.name) || name,
			};

			await gm.setValue(KEY, JSON.stringify(pairing));
			return pairing;
		},
		forget: () => gm.deleteValue(KEY),
		async workerId() {
			const kept = await gm.getValue(WORKER);

			if (kept && /^[\w-]{1,64}$/.test(kept)) return kept;
			const made = `tab-${gm.page.crypto.randomUUID()}`;

			await gm.setValue(WORKER, made);
			return made;
		},
		onChange: (fn) =>
			gm.addValueChangeListener(KEY, (_value, remote) => {
				if (remote) fn();
			}),
	};
}

/** A name that people know their browser by: "Chrome on Linux". */
export function browserName(navigator: Pick<Navigator, "userAgent">): string {
	const agent = navigator.userAgent;
	const first = (table: [RegExp, string][], otherwise: string) =>
		table.find(([pattern]) => pattern.test(agent))?.[1] ?? otherwise;
	const browser = first(
		[
			[/Edg\//, "Edge"],
			[/OPR\//, "Opera"],
			[/Firefox\//, "Firefox"],
			[/Chrome\//, "Chrome"],
			[/Safari\//, "Safari"],
		],
		"Browser",
	);
	const system = first(
		[
			[/Android/, "Android"],
			[/Windows/, "Windows"],
			[/iPhone|iPad/, "iOS"],
			[/Mac OS X/, "macOS"],
			[/CrOS/, "ChromeOS"],
			[/Linux/, "Linux"],
		],
		"",
	);

	return system ? `${browser} on ${system}` : browser;
}
