/*
 * The newest events as text, so that the same event for many listeners is written once. Their links
 * begin with what each listener's request was addressed to, so there is one for each of these.
 *
 * Not thread-safe: used by watch_fn alone, which the watch's lock lets run one at a time.
 */
#ifndef ARENA_GATEWAY_TEXTS_H
#define ARENA_GATEWAY_TEXTS_H

#include "openai.h"

struct texts;

struct texts *texts_new(void);
void texts_free(struct texts *t); /* NULL is fine */

/* The event of a job as it is, which may have been written up to a second ago. Good until the next
 * call. */
const struct buf *texts_event(struct texts *t, const struct job *j, const struct links *l);

#endif
