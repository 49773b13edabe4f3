/** Videos that play side by side: how one that strays is brought back to the one that leads. */

/** Seconds that nobody sees. */
const LET = 0.03;
/** More than that is not caught up by playing faster. */
const FAR = 0.4;
const MOST = 0.15;

export interface Correction {
	/** How fast it should play. */
	rate: number;
	/** It should go there at once; null: no. */
	jump: number | null;
}

/** In seconds; length: of the follower, which stays at its end when the other is longer. */
export function correction(
	leader: number,
	follower: number,
	length: number,
	rate: number,
): Correction {
	const drift = follower - Math.min(leader, length);

	if (Math.abs(drift) <= LET) return { rate, jump: null };
	if (Math.abs(drift) > FAR * Math.max(1, rate)) return { rate, jump: Math.min(leader, length) };
	const lean = Math.max(-MOST, Math.min(MOST, -drift));

	return { rate: rate * (1 + lean), jump: null };
}

/** The longest leads; of equals the first. */
export function leaderOf(lengths: readonly number[]): number {
	let best = 0;

	for (const [i, length] of lengths.entries())
		if (length > (lengths[best] ?? 0) + 0.01) best = i;
	return best;
}
