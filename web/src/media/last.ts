/** The last frame of a video as a picture. */

/** Seconds before the end: at the end itself some players show nothing. */
const BEFORE = 0.02;
const WAIT_MS = 20_000;

function when(video: HTMLVideoElement, name: string, signal: AbortSignal): Promise<void> {
	return new Promise((resolve, reject) => {
		video.addEventListener(name, () => resolve(), { once: true, signal });
		video.addEventListener("error", () => reject(new Error("not played")), { once: true, signal });
		signal.addEventListener("abort", () => reject(new Error("too late")), { once: true });
	});
}

/** Rejects when the file cannot be played. */
export async function lastFrame(link: string): Promise<Blob> {
	const video = document.createElement("video");
	const signal = AbortSignal.timeout(WAIT_MS);
	const canvas = document.createElement("canvas");

	video.muted = true;
	video.preload = "auto";
	try {
		const loaded = when(video, "loadeddata", signal);

		video.src = link;
		await loaded;
		const sought = when(video, "seeked", signal);

		video.currentTime = Math.max(0, video.duration - BEFORE);
		await sought;
		canvas.width = video.videoWidth;
		canvas.height = video.videoHeight;
		canvas.getContext("2d")!.drawImage(video, 0, 0);
	} finally {
		video.removeAttribute("src");
		video.load();
	}
	return new Promise((resolve, reject) =>
		canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/png"),
	);
}
