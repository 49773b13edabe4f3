/** A browser and a server around the connection: sockets, requests, permission and time are ours. */

import { NetworkError, type GmAnswer, type GmRequest } from "../../src/gm";
import type { WireDeps } from "../../src/connection";
import type { BridgeFrame, WorkerFrame } from "../../src/types";
import { abortError } from "../../src/wait";
import { settle } from "./wait";

/** Time that stands still unless it is moved. */
export class Clock {
	time = 1_000_000;
	asked: number[] = [];
	#waiting: { at: number; go: () => void }[] = [];

	now = () => this.time;
	sleep = (ms: number, signal?: AbortSignal) =>
		new Promise<void>((resolve, reject) => {
			if (signal?.aborted) return reject(abortError());
			this.asked.push(ms);
			this.#waiting.push({ at: this.time + ms, go: resolve });
			signal?.addEventListener("abort", () => reject(abortError()), {
				once: true,
			});
		});
	async move(ms: number) {
		this.time += ms;
		const due = this.#waiting.filter((one) => one.at <= this.time);

		this.#waiting = this.#waiting.filter((one) => one.at > this.time);
		for (const one of due) one.go();
		await settle();
	}
}

export class Socket {
	static all: Socket[] = [];
	static refuse = false;

	readonly OPEN = 1;
	readyState = 0;
	binaryType = "";
	sent: WorkerFrame[] = [];
	bytes: Uint8Array[] = [];
	onopen: () => void = () => undefined;
	onmessage: (event: { data: unknown }) => void = () => undefined;
	onclose: (event: { code: number; reason: string }) => void = () => undefined;

	constructor(
		readonly url: string,
		readonly protocol: string,
	) {
		if (Socket.refuse) throw new DOMException("insecure", "SecurityError");
		Socket.all.push(this);
	}
	open() {
		this.readyState = 1;
		this.onopen();
	}
	say(frame: BridgeFrame) {
		this.onmessage({ data: JSON.stringify(frame) });
	}
	end(code = 1006, reason = "") {
		this.readyState = 3;
		this.onclose({ code, reason });
	}
	send(data: string | Uint8Array) {
		if (typeof data === "string") this.sent.push(JSON.parse(data) as WorkerFrame);
		else this.bytes.push(data);
	}
	close() {
		this.readyState = 3;
	}
}

export const welcome = (more: Partial<BridgeFrame> = {}): BridgeFrame =>
	({
		type: "welcome",
		bridge: "b",
		worker: "w",
		heartbeat_ms: 20_000,
		lease_ms: 60_000,
		limits: { frame: 1012, window: 3000, video: 1 << 20 },
		jobs: [],
		...more,
	}) as BridgeFrame;

/** The server's side of the plain requests. */
export class Server {
	down = false;
	requests: GmRequest[] = [];
	answers: Record<string, (request: GmRequest) => GmAnswer | Promise<GmAnswer>> = {};
	#poll: { signal?: AbortSignal; go: (answer: GmAnswer) => void } | null = null;

	static json = (body: unknown, status = 200): GmAnswer => ({
		status,
		headers: new Headers(),
		text: JSON.stringify(body),
	});

	paths = (name: string) =>
		this.requests.filter((r) => new URL(r.url).pathname === `/worker/${name}`);
	pushed = () =>
		this.paths("push").flatMap((r) => JSON.parse(String(r.body)) as WorkerFrame[]);

	request = async (request: GmRequest): Promise<GmAnswer> => {
		const name = new URL(request.url).pathname.replace("/worker/", "");

		this.requests.push(request);
		if (this.down) throw new NetworkError("no answer");
		const answer = this.answers[name];

		if (answer) return answer(request);
		if (name === "open") return Server.json({ session: "s1", poll_ms: 25_000 });
		if (name !== "poll") return Server.json({ ok: true });
		return new Promise((resolve, reject) => {
			this.#poll = { signal: request.signal, go: resolve };
			request.signal?.addEventListener("abort", () => reject(abortError()), {
				once: true,
			});
		});
	};
	/** Answers the poll that is held. */
	say(seq: number, ...frames: BridgeFrame[]) {
		this.#poll?.go(Server.json({ seq, frames }));
	}
	pollWith(answer: GmAnswer) {
		this.#poll?.go(answer);
	}
}

export class Page {
	permission: { state: string; fn?: () => void } | null = null;
	violation: (event: { effectiveDirective: string; blockedURI: string }) => void = () =>
		undefined;
	WebSocket = Socket as unknown as typeof WebSocket;
	document = {
		addEventListener: (_type: string, fn: unknown) => {
			this.violation = fn as Page["violation"];
		},
	};
	navigator = {
		permissions: {
			query: async ({ name }: { name: string }) => {
				const { permission } = this;

				if (!permission || name !== "loopback-network")
					throw new TypeError("unknown");
				return {
					get state() {
						return permission.state;
					},
					addEventListener: (_type: string, fn: () => void) => {
						permission.fn = fn;
					},
				};
			},
		},
	};
	become(state: string) {
		if (!this.permission) throw new Error("no permission here");
		this.permission.state = state;
		this.permission.fn?.();
	}
}

export function outerRig() {
	const clock = new Clock();
	const server = new Server();
	const page = new Page();

	Socket.all = [];
	Socket.refuse = false;
	const deps: WireDeps = {
		request: server.request,
		page: page as unknown as WireDeps["page"],
		server: "http://127.0.0.1:3102",
		token: "wk_1",
		worker: { id: "tab-1", name: "Chrome", kind: "browser", version: "1" },
		presence: () => ({
			slots: 1,
			models: [],
			jobs: [{ job: "video_1", lease: "l1", progress: 40 }],
		}),
		now: clock.now,
		sleep: clock.sleep,
		random: () => 0.5,
	};

	return { clock, server, page, deps };
}
