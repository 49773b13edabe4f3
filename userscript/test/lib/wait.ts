/** How a test waits. */

/** Waits for a condition, not for luck. */
export async function until(what: string, seen: () => unknown, ms = 3000): Promise<void> {
	for (const end = Date.now() + ms; !seen();) {
		if (Date.now() > end) throw new Error(`waited in vain for: ${what}`);
		await new Promise((r) => setTimeout(r, 2));
	}
}

/** Lets everything run that waits for nothing but its turn. */
export async function settle(turns = 40) {
	for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}
