import assert from "node:assert/strict";
import test from "node:test";
import { createConnection } from "../src/connection";
import { UploadRefused } from "../src/types";
import { growing } from "../src/wait";
import { Server, Socket, outerRig, welcome } from "./lib/outer";
import { settle } from "./lib/wait";

const UPLOAD = { job: "video_1", lease: "l1", upload: "a" };

function start(permission?: string) {
	const rig = outerRig();

	if (permission) rig.page.permission = { state: permission };
	const wire = createConnection(rig.deps);

	return { ...rig, wire };
}

async function bySocket() {
	const r = start();

	r.wire.start();
	await settle();
	const socket = Socket.all[0]!;

	socket.open();
	await settle();
	socket.say(welcome());
	await settle();
	return { ...r, socket };
}

async function byHttp() {
	const r = start("denied");

	r.wire.start();
	await settle();
	r.server.say(1, welcome());
	await settle();
	return r;
}

test("a socket that opens is greeted with who we are and what we hold, and pings are answered", async () => {
	const { wire, socket } = await bySocket();

	assert.equal(socket.url, "ws://127.0.0.1:3102/ws");
	assert.equal(socket.protocol, "arena-worker.v1");
	const [hello] = socket.sent;

	assert.deepEqual(hello, {
		type: "hello",
		token: "wk_1",
		worker: { id: "tab-1", name: "Chrome", kind: "browser", version: "1" },
		slots: 1,
		models: [],
		jobs: [{ job: "video_1", lease: "l1", progress: 40 }],
	});
	assert.equal(wire.state, "online");
	assert.equal(wire.transport, "websocket");
	socket.say({ type: "ping", t: 7 });
	assert.deepEqual(socket.sent.at(-1), { type: "pong", t: 7 });
	wire.stop();
});

test("nothing is sent before the welcome", async () => {
	const { wire } = start();

	wire.start();
	await settle();
	Socket.all[0]!.open();
	await settle();
	wire.send({ type: "ready", free: 1 });
	assert.deepEqual(
		Socket.all[0]!.sent.map((f) => f.type),
		["hello"],
	);
	wire.stop();
});

test("a page's policy against sockets leads to requests, and no socket is tried again", async () => {
	const { wire, server, page, clock } = start();

	wire.start();
	await settle();
	page.violation({ effectiveDirective: "connect-src", blockedURI: "ws://127.0.0.1:3102/ws" });
	await settle();
	server.say(1, welcome());
	await settle();
	assert.equal(wire.transport, "http");
	assert.equal(wire.look().bar, "policy");
	assert.equal(server.pushed()[0]?.type, "hello");
	server.pollWith(Server.json({ error: { code: "unknown_session" } }, 404));
	await settle();
	assert.equal(wire.state, "offline");
	await clock.move(60_000);
	assert.equal(Socket.all.length, 1);
	assert.equal(server.paths("open").length, 2, "the session was opened again");
	wire.stop();
});

test("where the browser denies the local network no socket is made; one takes over when it is allowed", async () => {
	const { wire, page, server } = await byHttp();

	assert.equal(Socket.all.length, 0);
	assert.equal(wire.look().bar, "permission");
	page.become("granted");
	await settle();
	const socket = Socket.all[0]!;

	socket.open();
	await settle();
	assert.equal(socket.sent[0]?.type, "hello", "the jobs go on over the socket");
	socket.say(welcome());
	assert.equal(wire.transport, "websocket");
	assert.equal(server.paths("close").length, 1);
	wire.stop();
});

test("a socket that waits for the human's answer does not hold up the work, and takes over later", async () => {
	const { wire, server, clock } = start();

	wire.start();
	await settle();
	await clock.move(3000);
	server.say(1, welcome());
	await settle();
	assert.equal(wire.transport, "http");
	Socket.all[0]!.open();
	await settle();
	Socket.all[0]!.say(welcome());
	assert.equal(wire.transport, "websocket");
	assert.equal(Socket.all.length, 1);
	wire.stop();
});

test("an address that may not be called without encryption is none for a socket", async () => {
	const { wire, server } = start();

	Socket.refuse = true;
	wire.start();
	await settle();
	server.say(1, welcome());
	await settle();
	assert.equal(wire.transport, "http");
	assert.equal(wire.look().bar, "mixed");
	wire.stop();
});

test("a socket that the server refused is tried again later, when a message comes", async () => {
	const { wire, server, clock } = start();

	wire.start();
	await settle();
	Socket.all[0]!.end();
	await settle();
	server.say(1, welcome());
	await settle();
	assert.equal(wire.look().bar, "refused");
	server.say(2, { type: "ping", t: 1 });
	await settle();
	assert.equal(Socket.all.length, 1, "not at once");
	clock.time += 31_000;
	server.say(3, { type: "ping", t: 2 });
	await settle();
	assert.equal(Socket.all.length, 2);
	wire.stop();
});

test("pauses grow while the server is down, and begin small again after a good connection", async () => {
	const { wire, server, clock, socket } = await bySocket();

	await clock.move(6000);
	socket.end();
	server.down = true;
	const pauses: number[] = [];

	for (let i = 0; i < 8; i++) {
		await settle();
		for (let k = 0; wire.state === "connecting" && k < 20; k++) {
			for (const s of Socket.all.filter((one) => one.readyState === 0)) s.end();
			await clock.move(5000);
		}
		assert.equal(wire.state, "offline");
		pauses.push(clock.asked.at(-1)!);
		await clock.move(pauses.at(-1)!);
	}
	assert.deepEqual(pauses, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
	wire.stop();
});

test("pauses differ by up to a fifth, so that not all come back at once", () => {
	const pauses = [0, 0.5, 1].map((random) => growing(2, 500, 2, 30_000, () => random));

	assert.deepEqual(pauses.map(Math.round), [1600, 2000, 2400]);
});

for (const [code, stopped] of [
	[4001, "unauthorized"],
	[4003, "replaced"],
] as const)
	test(`after ${code} (${stopped}) nothing is tried without a human`, async () => {
		const { wire, clock, socket } = await bySocket();

		socket.end(code);
		await settle();
		assert.equal(wire.state, "stopped");
		assert.equal(wire.look().stopped, stopped);
		await clock.move(3_600_000);
		assert.equal(Socket.all.length, 1);
		wire.start();
		await settle();
		assert.equal(Socket.all.length, 2, "a human may");
		wire.stop();
	});

test("a goodbye because the token was revoked ends it by either way", async () => {
	const { wire, server } = await byHttp();

	server.say(2, { type: "bye", reason: "revoked" });
	await settle();
	assert.equal(wire.look().stopped, "unauthorized");
});

test("a bridge that is silent for two and a half heartbeats is left", async () => {
	const { wire, clock } = await bySocket();

	await clock.move(20_000);
	await clock.move(20_000);
	assert.equal(wire.state, "online");
	await clock.move(20_000);
	assert.notEqual(wire.state, "online");
	wire.stop();
});

test("a push without an answer is made again under its number, and what was polled is acknowledged", async () => {
	const { wire, server, clock } = await byHttp();
	const before = server.paths("push").length;
	let lost = 2;

	server.answers.push = () => {
		if (lost-- > 0) throw new Error("no answer");
		return Server.json({ ok: true });
	};
	wire.send({ type: "ready", free: 1 });
	wire.send({ type: "ready", free: 0 });
	await settle();
	await clock.move(10_000);
	await clock.move(10_000);
	const urls = server
		.paths("push")
		.slice(before)
		.map((r) => new URL(r.url).search);

	assert.deepEqual(urls.slice(0, 3), Array(3).fill("?session=s1&seq=2"));
	assert.deepEqual(server.pushed().slice(-1), [{ type: "ready", free: 0 }]);
	assert.equal(new URL(server.paths("poll").at(-1)!.url).search, "?session=s1&ack=1");
	assert.equal(server.paths("poll").at(-1)!.headers?.Authorization, "Bearer wk_1");
	wire.stop();
});

test("an upload keeps to the window, and goes on where it was after a lost connection", async () => {
	const { wire, socket, clock } = await bySocket();
	const bytes = new Blob([new Uint8Array(10_000)], { type: "video/mp4" });
	let done = false;
	const uploading = wire
		.upload(UPLOAD, bytes, new AbortController().signal)
		.then(() => (done = true));

	await settle();
	assert.deepEqual(socket.sent.at(-1), {
		type: "upload",
		...UPLOAD,
		size: 10_000,
		mime: "video/mp4",
	});
	socket.say({ type: "upload_go", job: "video_1", upload: "a", channel: 9, offset: 0 });
	await settle();
	assert.equal(socket.bytes.length, 3, "three frames of 1000 fill the window");
	socket.say({ type: "ack", job: "video_1", upload: "a", offset: 2000 });
	await settle();
	assert.equal(socket.bytes.length, 5);
	socket.end();
	await settle();
	await clock.move(1000);
	const again = Socket.all[1]!;

	again.open();
	await settle();
	again.say(welcome());
	await settle();
	again.say({ type: "upload_go", job: "video_1", upload: "a", channel: 3, offset: 8000 });
	await settle();
	assert.equal(again.bytes.length, 2);
	const head = new DataView(again.bytes[0]!.buffer);

	assert.equal(head.getUint32(0), 3);
	assert.equal(head.getBigUint64(4), 8000n);
	assert.deepEqual(again.sent.at(-1), {
		type: "upload_end",
		job: "video_1",
		upload: "a",
		size: 10_000,
	});
	again.say({ type: "uploaded", job: "video_1", upload: "a", sha256: "", size: 10_000 });
	await uploading;
	assert.ok(done);
	wire.stop();
});

test("an upload that the bridge will not have is rejected with its code", async () => {
	const { wire, socket } = await bySocket();
	const uploading = wire.upload(UPLOAD, new Blob(["x"]), new AbortController().signal);

	await settle();
	socket.say({ type: "refused", job: "video_1", upload: "a", code: "too_large" });
	await assert.rejects(
		uploading,
		(e) => e instanceof UploadRefused && e.code === "too_large",
	);
	wire.stop();
});

test("an upload by requests sends what is missing and ends it", async () => {
	const { wire, server } = await byHttp();

	server.answers.upload = (r) =>
		Server.json({
			offset:
				Number(new URL(r.url).searchParams.get("offset")) +
				(r.body as Blob).size,
		});
	const uploading = wire.upload(
		UPLOAD,
		new Blob([new Uint8Array(3 << 20)]),
		new AbortController().signal,
	);

	await settle();
	server.say(2, {
		type: "upload_go",
		job: "video_1",
		upload: "a",
		channel: 1,
		offset: 1 << 20,
	});
	await settle();
	assert.deepEqual(
		server.paths("upload").map((r) => new URL(r.url).searchParams.get("offset")),
		[String(1 << 20)],
	);
	assert.equal(server.pushed().at(-1)?.type, "upload_end");
	server.say(3, { type: "uploaded", job: "video_1", upload: "a", sha256: "", size: 3 << 20 });
	await uploading;
	wire.stop();
});

test("an upload by requests outlives the bridge, and begins where the next one says", async () => {
	const { wire, server, clock } = await byHttp();
	const bytes = new Blob([new Uint8Array(3 << 20)]);
	const go = { type: "upload_go", job: "video_1", upload: "a", channel: 1 } as const;

	server.answers.upload = () => Server.json({ error: { code: "unavailable" } }, 503);
	const uploading = wire.upload(UPLOAD, bytes, new AbortController().signal);

	await settle();
	server.say(2, { ...go, offset: 0 });
	await settle();
	assert.equal(wire.state, "offline");
	server.answers.upload = () => Server.json({ offset: bytes.size });
	await clock.move(1000);
	server.say(1, welcome());
	await settle();
	server.say(2, { ...go, offset: 2 << 20 });
	await settle();
	assert.equal(
		new URL(server.paths("upload").at(-1)!.url).searchParams.get("offset"),
		String(2 << 20),
	);
	server.say(3, {
		type: "uploaded",
		job: "video_1",
		upload: "a",
		sha256: "",
		size: bytes.size,
	});
	await uploading;
	wire.stop();
});

test("after stop nothing is sent or tried", async () => {
	const { wire, socket, clock } = await bySocket();

	wire.stop();
	await clock.move(3_600_000);
	assert.equal(Socket.all.length, 1);
	assert.equal(socket.readyState, 3);
	assert.equal(wire.state, "stopped");
});

test("a greeting that fails is told in words, and tried again", async () => {
	const { clock, deps } = outerRig();
	const { presence } = deps;
	const wire = createConnection({
		...deps,
		presence() {
			if (Socket.all.length > 1) return presence();
			throw new TypeError("nothing to say");
		},
	});

	wire.start();
	await settle();
	Socket.all[0]!.open();
	await settle();
	assert.deepEqual(
		[wire.state, wire.look().words, Socket.all[0]!.readyState],
		["offline", "TypeError: nothing to say", 3],
	);
	await clock.move(60_000);
	Socket.all[1]!.open();
	await settle();
	Socket.all[1]!.say(welcome());
	assert.equal(wire.state, "online");
	wire.stop();
});
