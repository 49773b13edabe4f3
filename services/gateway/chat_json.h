/*
 * Chat completions in JSON, and a video as the markdown that ends one. Pure.
 *
 * Chat clients show `content` as the message and fold `reasoning_content` away, so on the way
 * there only the latter is written to: what stays is the video.
 *
 * The markdown has a poster that leads to the video, a player, and a link, as clients differ in
 * what they let through. Those that keep HTML (with DOMPurify's defaults <video> may have src,
 * poster and controls) show the player. Open WebUI reads the address from between the tags, if the
 * element is a block of its own: hence it stands there too, on a line of its own, where browsers do
 * not show it. Those that show no HTML have the poster and the link.
 */
#ifndef ARENA_GATEWAY_CHAT_JSON_H
#define ARENA_GATEWAY_CHAT_JSON_H

#include <stdbool.h>

#include "openai.h"

struct chat {
	const char *video_id;
	const char *model;
	int64_t created_s;
	bool usage; /* the stream has been asked to end with it */
};

#define CHAT_STATUS 200

/* Where the job is, for people: one line, "" when there is nothing to say. */
const char *chat_status(const struct job *j, char out[CHAT_STATUS]);

/* What the message says when the job is completed, or when it is not and nobody waits longer. */
void chat_markdown(struct buf *out, const struct job *j, const struct links *l);

/* The whole answer, not streamed. */
void chat_answer(struct buf *out, const struct chat *c, const char *content);

/* ---- events of a stream; one that fails ends with generation_failed() ---- */

void chat_begin(struct buf *out, const struct chat *c);
void chat_reason(struct buf *out, const struct chat *c, const char *text);
void chat_content(struct buf *out, const struct chat *c, const char *text);
void chat_end(struct buf *out, const struct chat *c);

#endif
