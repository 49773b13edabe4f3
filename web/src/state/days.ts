/** Lists by when: today, yesterday, the last week, then by month. */

import { language, t } from "../i18n/index";

interface Group<T> {
	/** For keys; the same day has the same. */
	key: string;
	label: string;
	items: T[];
}

const DAY_MS = 86_400_000;

function midnight(ms: number): number {
	const day = new Date(ms);

	day.setHours(0, 0, 0, 0);
	return day.getTime();
}

function groupOf(seconds: number, nowMs: number): { key: string; label: string } {
	const when = new Date(seconds * 1000);
	// half a day more, for days of 23 and 25 hours
	const days = Math.floor((midnight(nowMs) - midnight(when.getTime()) + DAY_MS / 2) / DAY_MS);

	if (days <= 0) return { key: "today", label: t("today") };
	if (days === 1) return { key: "yesterday", label: t("yesterday") };
	if (days < 7) return { key: "week", label: t("last_week") };
	return {
		key: `${when.getFullYear()}-${when.getMonth()}`,
		label: when.toLocaleDateString(language.value, {
			month: "long",
			...(when.getFullYear() === new Date(nowMs).getFullYear() ? {} : { year: "numeric" }),
		}),
	};
}

/** items: newest first. */
export function byDay<T extends { updated: number }>(
	items: readonly T[],
	nowMs = Date.now(),
): Group<T>[] {
	const groups: Group<T>[] = [];

	for (const item of items) {
		const { key, label } = groupOf(item.updated, nowMs);
		const last = groups.at(-1);

		if (last?.key === key) last.items.push(item);
		else groups.push({ key, label, items: [item] });
	}
	return groups;
}
