/**
 * The service worker: keeps the page's own files, so that it opens while the gateway is away. Videos
 * and answers of the API never pass here.
 */

export {}; // a module of its own

/** Put in by the build: the built files, and a name for all of them together. */
declare const FILES: readonly string[];
declare const BUILD: string;

interface Worker {
	addEventListener(type: "install", fn: (e: Installing) => void): void;
	addEventListener(type: "activate", fn: (e: Lasting) => void): void;
	addEventListener(type: "fetch", fn: (e: Fetching) => void): void;
	addEventListener(type: "notificationclick", fn: (e: Clicked) => void): void;
	skipWaiting(): Promise<void>;
	clients: {
		claim(): Promise<void>;
		matchAll(query: { type: "window" }): Promise<Window[]>;
		openWindow(url: string): Promise<unknown>;
	};
}
interface Window {
	readonly url: string;
	focus(): Promise<Window>;
	navigate(url: string): Promise<unknown>;
}
interface Lasting {
	waitUntil(work: Promise<unknown>): void;
}
interface Installing extends Lasting {
	/** Not every browser has it. */
	addRoutes?(rule: { condition: { urlPattern: string }; source: "network" }): Promise<void>;
}
interface Fetching extends Lasting {
	readonly request: Request;
	respondWith(answer: Promise<Response>): void;
}
interface Clicked extends Lasting {
	readonly notification: Notification;
}

const worker = self as unknown as Worker;
const PAGE = "/video-chat";
const MINE = "arena-video-";
const NAME = MINE + BUILD;

worker.addEventListener("install", (event) => {
	// what the page still sends as it is closed would be lost on its way through here
	void event.addRoutes?.({ condition: { urlPattern: "/v1/*" }, source: "network" });
	event.waitUntil(
		caches
			.open(NAME)
			.then((cache) => cache.addAll([PAGE, ...FILES]))
			.then(() => worker.skipWaiting()),
	);
});

worker.addEventListener("activate", (event) => {
	event.waitUntil(
		caches
			.keys()
			.then((names) =>
				Promise.all(
					names
						.filter((name) => name.startsWith(MINE) && name !== NAME)
						.map((name) => caches.delete(name)),
				),
			)
			.then(() => worker.clients.claim()),
	);
});

/** The page itself: the gateway's, so that a new one is there at once; else the kept one. */
async function page(request: Request): Promise<Response> {
	try {
		return await fetch(request);
	} catch (e) {
		const kept = await caches.match(PAGE);

		if (!kept) throw e;
		return kept;
	}
}

async function file(request: Request): Promise<Response> {
	return (await caches.match(request)) ?? fetch(request);
}

worker.addEventListener("fetch", (event) => {
	const { request } = event;
	const { origin, pathname } = new URL(request.url);

	if (request.method !== "GET" || origin !== location.origin) return;
	if (request.mode === "navigate" && pathname === PAGE) event.respondWith(page(request));
	else if (FILES.includes(pathname)) event.respondWith(file(request));
});

/** To where the video is: in a window of the page that is open, else in a new one. */
async function show(where: string) {
	const open = await worker.clients.matchAll({ type: "window" });
	const page = open.find(({ url }) => new URL(url).pathname === PAGE);

	if (!page) return worker.clients.openWindow(where);
	return (await page.focus()).navigate(where);
}

worker.addEventListener("notificationclick", (event) => {
	event.notification.close();
	event.waitUntil(show(String(event.notification.data)));
});
