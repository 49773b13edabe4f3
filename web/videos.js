// Which videos there are, and what is new about them. Knows nothing of the page.
//
// A browser keeps six connections to one host, so only a few videos are followed by events; one
// list request in each period covers all the others, and whatever an event stream misses.

const STREAMS = 3;
const PERIOD_MS = 2500;
const HIDDEN_MS = 15000;

export const isOver = (video) => !["queued", "in_progress"].includes(video.status);

const sleep = (ms, signal) =>
	new Promise((done) => {
		const timer = setTimeout(done, ms);
		signal.addEventListener("abort", () => { clearTimeout(timer); done(); }, { once: true });
	});

// on: {change(video), gone(id), health(error or null)}
export function makeVideos(api, on) {
	const videos = new Map(); // id to video
	const streams = new Map(); // id to AbortController
	const removed = new Set(); // deleted here: an answer that was on its way must not bring them back
	const end = new AbortController();
	let waker = new AbortController();

	function put(video) {
		if (removed.has(video.id)) return;
		const old = videos.get(video.id);
		// Answers overtake each other: what is over stays over, and progress never goes back within a try.
		if (old && isOver(old) && !isOver(video)) return;
		if (old && old.status === video.status && old.attempts === video.attempts && video.progress < old.progress) return;
		videos.set(video.id, video);
		if (!old || JSON.stringify(old) !== JSON.stringify(video)) on.change(video);
		if (isOver(video)) {
			streams.get(video.id)?.abort();
			streams.delete(video.id);
		}
	}

	function drop(id) {
		removed.add(id);
		streams.get(id)?.abort();
		streams.delete(id);
		if (videos.delete(id)) on.gone(id);
	}

	const running = () => [...videos.values()].filter((v) => !isOver(v));

	async function follow(id) {
		const stop = new AbortController();
		streams.set(id, stop);
		try {
			await api.events(id, put, AbortSignal.any([stop.signal, end.signal]));
		} catch (e) {
			if (e.status === 404) drop(id);
		}
		// The list says how it went on; not at once, should the stream end again and again.
		await sleep(PERIOD_MS, end.signal);
		if (streams.get(id) === stop) streams.delete(id);
	}

	function followSome() {
		const wanted = running().sort((a, b) => (b.status === "in_progress") - (a.status === "in_progress") || a.created_at - b.created_at);
		for (const video of wanted) {
			if (streams.size >= STREAMS) break;
			if (!streams.has(video.id)) follow(video.id);
		}
	}

	async function look() {
		const page = await api.list(null, 50);
		page.data.forEach(put);
		const seen = new Set(page.data.map((v) => v.id));
		for (const video of running()) {
			if (seen.has(video.id) || streams.has(video.id)) continue;
			try {
				put(await api.get(video.id));
			} catch (e) {
				if (e.status !== 404) throw e;
				drop(video.id);
			}
		}
	}

	async function run() {
		let failures = 0;
		while (!end.signal.aborted) {
			let wait = document.hidden ? HIDDEN_MS : PERIOD_MS;
			if (running().length || failures) {
				try {
					await look();
					if (failures) on.health(null);
					failures = 0;
				} catch (e) {
					failures++;
					on.health(e);
					wait = Math.max(e.waitMs ?? 0, Math.min(1000 * 2 ** failures, 15000));
				}
				followSome();
			}
			waker = new AbortController();
			await sleep(wait, AbortSignal.any([waker.signal, end.signal]));
		}
	}

	const wake = () => waker.abort();
	document.addEventListener("visibilitychange", wake, { signal: end.signal });
	run();

	return {
		put(video) { put(video); followSome(); wake(); },
		drop,
		running,
		all: () => [...videos.values()],
		async older() {
			const oldest = [...videos.keys()].sort()[0];
			const page = await api.list(oldest);
			page.data.forEach(put);
			followSome();
			return page.has_more;
		},
		stop: () => end.abort(),
	};
}
