/*
 * The lines of the stream: how a video may be said (SHAPES), and how a run may end (OUTCOMES).
 */

/** A video's link as an item of a `2` frame, in each shape that a reader must take; null: it is not in the stream. */
export const SHAPES = {
	typed: url => [{type: 'video', url, mimeType: 'video/mp4'}],
	url: url => [{url, contentType: 'video/mp4'}],
	video: url => [{type: 'heartbeat'}, {type: 'output', video: url}],
	videoUrl: url => [{videoUrl: url, mimeType: 'video/mp4'}],
	string: url => [url],
	none: () => null,
};

const stop = side => `${side}d:{"finishReason":"stop"}`;
const step = side => `${side}e:{"finishReason":"stop","usage":{"promptTokens":0,"completionTokens":0},"isContinued":false}`;

/* status: of the side's message in the record. video: is there one? lines: what ends the side's stream. */
const good = {status: 'success', video: true, lines: side => [step(side), stop(side)]};
const bad = (status, lines, failureReason = null) => ({status, video: false, lines, failureReason});
const both = outcome => ({a: outcome, b: outcome});

export const OUTCOMES = {
	ok: both(good),
	only_a: {a: good, b: bad('failed', side => [`${side}3:"The provider timed out"`, `${side}d:{"finishReason":"error"}`])},
	provider: both(bad('failed', side => [`${side}3:"Provider says: die Übertragung brach ab 🛑"`,
		`${side}d:{"finishReason":"error"}`], 'provider_error')),
	filtered: both(bad('flagged', side => [`${side}d:{"finishReason":"content-filter"}`], 'content_filter')),
	platform: both(bad('failed', side => [`${side}e:{"message":"Something went wrong with this response"}`])),
	platform_text: both(bad('failed', side => [`${side}e:"Something went wrong with this response"`])),
	arena_error: both(bad('failed', side => [`${side}0:"hasArenaError"`, stop(side)])),
	/* The stream tells of an end, and no video was in it nor ever will be. */
	empty: both({...good, video: false}),
	/* Never over: neither in the stream nor in the record. */
	never: both(null),
};

/** What a side says once generation has begun. */
export function beginning(side, messageId, knobs) {
	const lines = [`${side}f:${JSON.stringify({messageId})}`, `${side}2:[{"type":"heartbeat"}]`];
	if (side === 'a')
		lines.push(...knobs.noise);
	if (side === 'a' && knobs.text)
		lines.push(`a0:${JSON.stringify(knobs.text)}`);
	return lines;
}
