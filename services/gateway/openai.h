/*
 * Videos and errors in JSON, as OpenAI's clients read them. Pure: each writes into a buffer. Other
 * shapes have their own files: generation.h, model_json.h, chat_json.h, router_json.h.
 */
#ifndef ARENA_GATEWAY_OPENAI_H
#define ARENA_GATEWAY_OPENAI_H

#include <stdbool.h>

#include "links.h"

/* The Video object: every key, always. */
void openai_video(struct buf *out, const struct job *j, const struct links *l);

/* What a DELETE answers. object: "video.deleted" */
void openai_deleted(struct buf *out, const char *object, const char *id);

/* A list: the beginning, its objects with commas between, the end. An empty one has no ids: NULL.
 */
void openai_list_begin(struct buf *out);
void openai_list_end(struct buf *out, const char *first_id, const char *last_id, bool has_more);

/* What is known of one output of a completed job: keys and values, without braces. */
void openai_output(struct buf *out, const struct job *j, size_t index, const struct links *l);

/* One server-sent event with the job as it is. */
void openai_event(struct buf *out, const struct job *j, const struct links *l);

/* param may be NULL. */
void openai_error(struct buf *out, const char *message, const char *type, const char *param,
	const char *code);

/* The HTTP status for a job that failed with this code: the client's fault, or ours. */
int openai_failure_status(const char *error_code);

#endif
