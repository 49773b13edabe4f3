/* Answers that are JSON, and errors. As answer_*() of http.h: once, by whoever owns x. */
#ifndef ARENA_GATEWAY_ANSWER_H
#define ARENA_GATEWAY_ANSWER_H

#include "http.h"
#include "proto/buf.h"
#include "proto/messages.h"

/* Takes the text out of json, which is empty afterwards. */
void answer_json(struct exchange *x, int status, struct buf *json);

/*
 * The error's own status, type, code and text. p may be NULL; its message and param replace
 * the table's; its figures become Retry-After, retry-after-ms and x-ratelimit-*.
 */
void answer_error(struct exchange *x, enum err e, const struct problem *p);

/* As an error: why this job, which is over, gave no video. */
void answer_failed(struct exchange *x, const struct job *j);

/* The header that says when to ask for this job again. */
void answer_poll_after(struct exchange *x, const struct job *j);

/* A stream of server-sent events begins: answer_stream() with its headers. */
void answer_events(struct exchange *x);

/* The x-ratelimit-* headers. limit -1: none. */
void answer_rate(struct exchange *x, int64_t limit, int64_t remaining, int64_t reset_ms);

#endif
