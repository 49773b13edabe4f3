/*
 * The JSON of the API, as OpenAI's clients read it: nothing else knows its shapes. Pure: each
 * writes into a buffer.
 */
#ifndef ARENA_GATEWAY_OPENAI_H
#define ARENA_GATEWAY_OPENAI_H

#include <stdint.h>

#include "proto/buf.h"
#include "proto/messages.h"

/* How links are made: signed, absolute, and the same all day so that browsers can keep files. */
struct links {
	const char *base; /* "http://127.0.0.1:3102" */
	uint8_t key[32];  /* linkkey_now() */
	int64_t keep_s;   /* a link is good for so long, and up to a day more */
	int64_t now_s;
};

#define LINK_VARIANT_MAX 128 /* room for link_variant() */

/* What a signed link of a result vouches for: the variant, and whose it is. */
const char *link_variant(const char *variant, const char *owner, char out[LINK_VARIANT_MAX]);

/* The path that is signed, whatever ending the link has. */
const char *link_path(const char *id, char out[LINK_VARIANT_MAX]);

void openai_video(struct buf *out, const struct job *j, const struct links *l);
void openai_list(struct buf *out, const struct job_page *page, const struct links *l);
void openai_deleted(struct buf *out, const char *id);
void openai_models(struct buf *out, const struct model_list *list);

/* What POST /v1/videos/generations answers when the job is completed. */
void openai_generation(struct buf *out, const struct job *j, const struct links *l);

/* One server-sent event with the job as it is. */
void openai_event(struct buf *out, const struct job *j, const struct links *l);

/* param may be NULL. */
void openai_error(struct buf *out, const char *message, const char *type, const char *param,
	const char *code);

/* The HTTP status for a job that failed with this code: the client's fault, or ours. */
int openai_failure_status(const char *error_code);

#endif
