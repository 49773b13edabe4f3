/** Frames and times. A frame is sought at its middle: at its edge the one before may be shown. */

const GUESS_FPS = 24;

/** Which frame is shown at a time; the first is 0. */
export const frameAt = (seconds: number, fps: number): number =>
	Math.max(0, Math.floor(seconds * fps + 0.001));

/** The middle of the frame that is `by` frames away from the one at `seconds`. */
export function stepped(seconds: number, by: number, fps: number | null, duration: number): number {
	const rate = fps && fps > 0 ? fps : GUESS_FPS;
	const last = Math.max(0, Math.round(duration * rate) - 1);
	const frame = Math.min(last, Math.max(0, frameAt(seconds, rate) + by));

	return (frame + 0.5) / rate;
}

/** "0:02.4" */
export function stamp(seconds: number): string {
	const tenths = Math.max(0, Math.floor(seconds * 10 + 0.001));
	const s = Math.floor(tenths / 10);

	return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}.${tenths % 10}`;
}
