/*
 * Waiting for a condition with a deadline: the only way that a test may wait.
 */

/* Deadlines are for a machine with little else to do. Others, where many things are tested at once, get more time. */
const PATIENCE = 3;

export const pause = ms => new Promise(resolve => setTimeout(resolve, ms));

/**
 * Calls probe() until it returns something truthy, and returns that. After `ms`, with patience, it throws an error
 * that names what was waited for and the last thing seen; an exception of probe() counts as "not
 * yet".
 */
export async function until(what, probe, {ms = 10_000, every = 20} = {}) {
	const begun = Date.now();
	let seen;
	for (;;) {
		try {
			seen = await probe();
			if (seen)
				return seen;
		} catch (error) {
			seen = error.cause ?? error;
		}
		if (Date.now() > begun + ms * PATIENCE)
			throw new Error(`waited ${Date.now() - begun} ms for ${what}; last seen: ${say(seen)}`);
		await pause(every);
	}
}

/** A promise's value, or an error that names it when it takes longer than ms, with patience. */
export async function within(ms, what, promise) {
	let timer;
	const late = new Promise((_, reject) => {
		timer = setTimeout(() => reject(new Error(`${what} took longer than ${ms * PATIENCE} ms`)), ms * PATIENCE);
	});
	try {
		return await Promise.race([promise, late]);
	} finally {
		clearTimeout(timer);
	}
}

function say(value) {
	if (value instanceof Error)
		return value.message;
	const text = JSON.stringify(value);
	return text && text.length > 500 ? `${text.slice(0, 500)}...` : String(text);
}
