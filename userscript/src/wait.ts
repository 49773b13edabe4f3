/** Waiting that an AbortSignal ends at once. */

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

export function abortError(): Error {
	return new DOMException("stopped", "AbortError");
}

export function isAbort(e: unknown): boolean {
	return e instanceof Error && e.name === "AbortError";
}

export const sleep: Sleep = (ms, signal) =>
	new Promise((resolve, reject) => {
		if (signal?.aborted) return reject(abortError());
		const stop = () => {
			clearTimeout(timer);
			reject(abortError());
		};
		const timer = setTimeout(() => {
			signal?.removeEventListener("abort", stop);
			resolve();
		}, ms);
		signal?.addEventListener("abort", stop, { once: true });
	});

/** What `promise` gives, or AbortError as soon as the signal says so. */
export function unlessAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
	if (!signal) return promise;
	return new Promise((resolve, reject) => {
		if (signal.aborted) return reject(abortError());
		const stop = () => reject(abortError());
		signal.addEventListener("abort", stop, { once: true });
		promise.then(resolve, reject).finally(() =>
			signal.removeEventListener("abort", stop),
		);
	});
}

/** Growing pauses with jitter: the n-th (from 0) of at most `most`. */
export function growing(
	n: number,
	first: number,
	factor: number,
	most: number,
	random: () => number,
) {
	return Math.min(first * factor ** n, most) * (0.8 + 0.4 * random());
}
