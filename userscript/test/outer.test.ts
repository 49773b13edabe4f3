import assert from "node:assert/strict";
import test from "node:test";
import { NetworkError, NoManager, openGm, type Manager } from "../src/gm";
import { createLeader, type LeaderEvents, type LeaderPage } from "../src/leader";
import { PairingError, browserName, codeOf, createPairings } from "../src/pairing";
import { spaceOf } from "../src/transport/choice";
import { settle } from "./lib/wait";

type Details = Parameters<NonNullable<Manager["GM_xmlhttpRequest"]>>[0];

const page = { crypto: globalThis.crypto } as unknown as Manager["page"];

function manager(answer: (details: Details) => void, modern = false) {
	const values = new Map<string, string>();
	const asked: Details[] = [];
	const request = (details: Details) => {
		asked.push(details);
		queueMicrotask(() => answer(details));
		return { abort: () => details.onabort() };
	};
	const get = (key: string) => values.get(key) ?? null;
	const set = (key: string, value: string) => void values.set(key, value);
	const remove = (key: string) => void values.delete(key);
	const made: Manager = modern
		? {
				page,
				GM: {
					xmlHttpRequest: request,
					getValue: async (key) => get(key),
					setValue: async (key, value) => set(key, value),
					deleteValue: async (key) => remove(key),
				},
			}
		: {
				page,
				GM_xmlhttpRequest: request,
				GM_getValue: get,
				GM_setValue: set,
				GM_deleteValue: remove,
			};

	return { gm: openGm(made), values, asked };
}

const answers = (status: number, body: unknown) => (d: Details) =>
	d.onload({
		status,
		responseHeaders: "x-one: 1\r\nbad line\r\n",
		responseText: JSON.stringify(body),
	});

for (const modern of [false, true])
	test(`requests and values work with ${modern ? "GM.name" : "GM_name"}`, async () => {
		const { gm, asked } = manager(answers(200, { ok: 1 }), modern);
		const answer = await gm.request({ method: "POST", url: "http://x/", body: "b" });

		assert.equal(answer.status, 200);
		assert.equal(answer.headers.get("x-one"), "1");
		assert.equal(asked[0]?.headers["Cache-Control"], "no-store");
		assert.equal(asked[0]?.anonymous, true, "no cookies go along");
		assert.equal(await gm.getValue("k"), null);
		await gm.setValue("k", "v");
		assert.equal(await gm.getValue("k"), "v");
		await gm.deleteValue("k");
		assert.equal(await gm.getValue("k"), null);
	});

test("a request that is stopped is aborted, and one without an answer says so", async () => {
	const stop = new AbortController();
	const { gm } = manager(() => stop.abort());
	const failing = manager((d) => d.onerror({ status: 0, error: "refused" }));

	await assert.rejects(gm.request({ url: "http://x/", signal: stop.signal }), {
		name: "AbortError",
	});
	await assert.rejects(
		failing.gm.request({ url: "http://x/" }),
		(e) => e instanceof NetworkError && e.message === "refused",
	);
});

test("without a manager it is said so", () => {
	assert.throws(() => openGm({ page }), NoManager);
});

test("codes are read as people type them", () => {
	assert.equal(codeOf(" abcd efgh "), "ABCD-EFGH");
	assert.equal(codeOf("ABCD-EFGH"), "ABCD-EFGH");
	assert.equal(codeOf("abc"), "ABC");
});

test("a pairing is kept, and is for its server alone", async () => {
	const { gm, asked } = manager(
		answers(200, { token: "wk_1", worker_key_id: "k", name: "Desk" }),
	);
	const pairings = createPairings(gm, "http://127.0.0.1:3102");

	assert.equal(await pairings.get(), null);
	await pairings.pair("abcdefgh", "Desk");
	assert.equal(asked[0]?.url, "http://127.0.0.1:3102/worker/pair");
	assert.deepEqual(JSON.parse(String(asked[0]?.data)), { code: "ABCD-EFGH", name: "Desk" });
	assert.equal((await pairings.get())?.token, "wk_1");
	assert.equal(await createPairings(gm, "http://other:3102").get(), null);
	assert.equal(await pairings.workerId(), await pairings.workerId());
	await pairings.forget();
	assert.equal(await pairings.get(), null);
});

for (const [status, body, kind] of [
	[400, { error: { message: "no" } }, "code"],
	[429, {}, "many"],
	[500, {}, "server"],
	[200, {}, "server"],
	[0, {}, "unreachable"],
] as const)
	test(`pairing answered with ${status} is ${kind}, and keeps nothing`, async () => {
		const { gm, values } = manager(answers(status, body));

		await assert.rejects(
			createPairings(gm, "http://x").pair("ABCD-EFGH", "n"),
			(e) => e instanceof PairingError && e.kind === kind,
		);
		assert.equal(values.size, 0);
	});

test("a browser has a name that people know it by", () => {
	const chrome =
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36";

	assert.equal(browserName({ userAgent: chrome }), "Chrome on Linux");
	assert.equal(browserName({ userAgent: `${chrome} Edg/156.0` }), "Edge on Linux");
	assert.equal(browserName({ userAgent: "" }), "Browser");
});

test("addresses are of the loopback, the local or the public network", () => {
	const found = [
		"localhost",
		"127.0.0.1",
		"[::1]",
		"192.168.1.5",
		"172.20.0.1",
		"172.40.0.1",
		"nas.local",
		"a.example",
	];

	assert.deepEqual(found.map(spaceOf), [
		"loopback",
		"loopback",
		"loopback",
		"local",
		"local",
		"public",
		"local",
		"public",
	]);
});

/** Tabs of one browser: one lock with a row of who waits, and a radio that all the others hear. */
function browser() {
	const row: (() => Promise<void>)[] = [];
	const radios: { onmessage: ((event: { data: unknown }) => void) | null }[] = [];
	let busy = false;

	async function next() {
		const one = busy ? undefined : row.shift();

		if (!one) return;
		busy = true;
		await one();
		busy = false;
		void next();
	}
	class Radio {
		onmessage: ((event: { data: unknown }) => void) | null = null;
		constructor() {
			radios.push(this);
		}
		postMessage(data: unknown) {
			for (const radio of radios) if (radio !== this) radio.onmessage?.({ data });
		}
		close() {
			radios.splice(radios.indexOf(this), 1);
		}
	}
	const request = (
		_name: string,
		{ signal }: { signal: AbortSignal },
		fn: () => Promise<void>,
	) =>
		new Promise<void>((resolve, reject) => {
			const turn = () => fn().then(resolve, reject);

			row.push(turn);
			signal.addEventListener("abort", () => {
				if (row.includes(turn)) row.splice(row.indexOf(turn), 1);
			});
			void Promise.resolve().then(next);
		});

	return {
		navigator: { locks: { request } },
		BroadcastChannel: Radio,
	} as unknown as LeaderPage;
}

function tab(page: LeaderPage) {
	const seen: string[] = [];
	const events: LeaderEvents<string> = {
		lead: () => void seen.push("lead"),
		yield: async () => void seen.push("yield"),
		news: (news) => void seen.push(news),
		asked: () => void seen.push("asked"),
	};

	return { seen, leader: createLeader(page, events) };
}

test("one tab leads, the others hear of it, and the next takes over", async () => {
	const page = browser();
	const one = tab(page);

	await settle();
	const two = tab(page);

	await settle();
	assert.deepEqual(one.seen, ["lead", "asked"]);
	assert.equal(two.leader.leads, false);
	one.leader.tell("busy");
	two.leader.tell("nothing");
	assert.deepEqual(two.seen, ["busy"]);
	one.leader.stop();
	await settle();
	assert.equal(two.leader.leads, true);
	assert.deepEqual(one.seen, ["lead", "asked"], "who stands by is not heard");
	two.leader.stop();
});

test("a tab that asks for its turn gets it, and the other stands by again", async () => {
	const page = browser();
	const one = tab(page);

	await settle();
	const two = tab(page);

	await settle();
	two.leader.claim();
	await settle();
	assert.deepEqual(one.seen, ["lead", "asked", "yield"]);
	assert.equal(one.leader.leads, false);
	assert.equal(two.leader.leads, true);
	two.leader.stop();
	await settle();
	assert.equal(one.leader.leads, true);
	one.leader.stop();
});
