/** Times, lengths and sizes, as the reader's language writes them. */

import { language, t } from "./index";

export const sameDay = (seconds: number, nowMs: number) =>
	new Date(seconds * 1000).toDateString() === new Date(nowMs).toDateString();

/** "21:05", with the day when that is another one. */
export function clock(seconds: number, nowMs: number): string {
	const when = new Date(seconds * 1000);

	return when.toLocaleTimeString(language.value, {
		hour: "2-digit",
		minute: "2-digit",
		...(sameDay(seconds, nowMs) ? {} : { weekday: "short" }),
	});
}

/** "45 s", "2 min 5 s", "1 h 3 min". */
export function span(seconds: number): string {
	const s = Math.max(0, Math.round(seconds));

	if (s < 60) return t("span_s", { s });
	if (s < 3600) return t("span_min", { m: Math.floor(s / 60), s: s % 60 });
	return t("span_h", { h: Math.floor(s / 3600), m: Math.floor((s % 3600) / 60) });
}

/** "1280 × 720", of "1280x720". */
export const pixels = (size: string): string => size.replace("x", " × ");

/** "1.2 MB" */
export function bytes(n: number): string {
	const unit = n < 1e6 ? "kilobyte" : "megabyte";

	return new Intl.NumberFormat(language.value, {
		style: "unit",
		unit,
		unitDisplay: "short",
		maximumFractionDigits: 1,
	}).format(n / (n < 1e6 ? 1e3 : 1e6));
}
