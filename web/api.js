// The gateway's API: requests with the key, errors with words, events as they come.

import { known, t } from "./texts.js";

export class ApiError extends Error {
	constructor(status, code, message, waitMs = 0) {
		super(message);
		this.status = status; // 0: the gateway could not be reached
		this.code = code;
		this.waitMs = waitMs;
	}
}

// The reader's language where we have words, else the gateway's own.
export function wordsOf(error) {
	if (error instanceof ApiError && error.code && known(`e_${error.code}`))
		return t(`e_${error.code}`);
	return error.message;
}

async function failure(answer) {
	let told = {};
	try {
		told = (await answer.json()).error ?? {};
	} catch { /* not from the gateway itself */ }
	const wait = Number(answer.headers.get("retry-after-ms")) || Number(answer.headers.get("retry-after")) * 1000 || 0;
	return new ApiError(answer.status, told.code ?? "", told.message ?? `HTTP ${answer.status}`, wait);
}

export function makeApi(key) {
	async function ask(path, options = {}) {
		let answer;
		try {
			answer = await fetch(path, {
				...options,
				credentials: "omit",
				headers: { ...options.headers, Authorization: `Bearer ${key}` },
			});
		} catch (e) {
			if (e.name === "AbortError") throw e;
			throw new ApiError(0, "network", t("network"));
		}
		if (!answer.ok) throw await failure(answer);
		return answer;
	}

	const json = async (path, options) => (await ask(path, options)).json();
	const one = (id) => `/v1/videos/${encodeURIComponent(id)}`;

	return {
		models: () => json("/v1/models"),
		list: (after, limit = 24) =>
			json(`/v1/videos?limit=${limit}${after ? `&after=${encodeURIComponent(after)}` : ""}`),
		get: (id) => json(one(id)),
		cancel: (id) => json(`${one(id)}/cancel`, { method: "POST" }),
		remove: (id) => json(one(id), { method: "DELETE" }),
		vote: (id, winner) => json(`${one(id)}/vote`, {
			method: "POST", body: JSON.stringify({ winner }), headers: { "Content-Type": "application/json" },
		}),
		workers: () => json("/v1/workers"),
		removeWorker: (id) => json(`/v1/workers/${encodeURIComponent(id)}`, { method: "DELETE" }),
		pairingCode: () => json("/v1/workers/pairing_codes", { method: "POST" }),

		// A lost answer is asked for again under the same name, so it makes no second video.
		async create({ prompt, model, size, seconds, image }) {
			const once = Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");
			const form = () => {
				const f = new FormData();
				f.set("prompt", prompt);
				for (const [name, value] of Object.entries({ model, size, seconds }))
					if (value) f.set(name, value);
				if (image) f.set("input_reference", image, image.name || "image");
				return f;
			};
			for (let tries = 0; ; tries++) {
				try {
					return await json("/v1/videos", { method: "POST", body: form(), headers: { "Idempotency-Key": once } });
				} catch (e) {
					if (tries >= 2 || ![0, 503, 504].includes(e.status)) throw e;
					await new Promise((done) => setTimeout(done, Math.min(e.waitMs || 500 << tries, 3000)));
				}
			}
		},

		// Calls fn with each state of a video until it is over, the stream ends or signal aborts.
		async events(id, fn, signal) {
			const answer = await ask(`${one(id)}/events`, { signal, headers: { Accept: "text/event-stream" } });
			for await (const event of eventsOf(answer.body)) fn(JSON.parse(event.data));
		},
	};
}

// Server-sent events of a byte stream: {event, data, id}. (WHATWG HTML, 9.2.6)
export async function* eventsOf(stream) {
	const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
	let text = "";
	let event = { event: "message", data: "", id: "" };
	try {
		for (;;) {
			const { value, done } = await reader.read();
			if (done) return;
			text += value;
			const lines = text.split(/\r\n|\n|\r(?!$)/);
			text = lines.pop();
			for (const line of lines) {
				if (line === "") {
					if (event.data) yield { ...event, data: event.data.slice(0, -1) };
					event = { event: "message", data: "", id: event.id };
					continue;
				}
				const [, name, rest] = /^([^:]*)(?:: ?(.*))?$/s.exec(line);
				if (name === "data") event.data += `${rest ?? ""}\n`;
				else if (name === "event" || name === "id") event[name] = rest ?? "";
			}
		}
	} finally {
		reader.cancel().catch(() => {});
	}
}
