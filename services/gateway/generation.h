/*
 * What POST /v1/videos/generations answers, in the shape of OpenAI's images: one or several jobs
 * in one answer, and the events of a streamed one. Pure, but for what `embed` does.
 *
 * A stream has events like those of streamed images: each has its type as name and in its data,
 * and what ends it is the last of them; "[DONE]" is for chats only.
 *
 *   video_generation.progress    whenever a job changes: where it is
 *   video_generation.completed   the end: the same as is answered without stream
 *   video_generation.unfinished  the end: the wait is over, the jobs go on; `videos` has them
 *   error                        the end: no job gave a video; OpenAI's clients throw it
 */
#ifndef ARENA_GATEWAY_GENERATION_H
#define ARENA_GATEWAY_GENERATION_H

#include <stdbool.h>

#include "openai.h"

struct generation {
	const struct job *const *jobs; /* in order; a deleted one has that as its status */
	size_t n;
	const struct links *links;
	/* Adds ,"key":value to the entry of an output; may be NULL. */
	void (*embed)(void *arg, struct buf *out, const struct output *o);
	void *arg;
};

/* Is it not going to change any more? */
bool job_is_over(const struct job *j);

/* Has it given a video? */
bool job_is_good(const struct job *j);

/* Why there is no video: for people, and a short word. Of a job that is over and not good. */
const char *job_failure(const struct job *j, const char **code);

/* All are over, at least one is good. */
void generation_json(struct buf *out, const struct generation *g);

/* They are not over: one job, or a list of several. */
void generation_accepted(struct buf *out, const struct generation *g);

void generation_progress(struct buf *out, const struct job *j, size_t index);
void generation_completed(struct buf *out, const struct generation *g);
void generation_unfinished(struct buf *out, const struct generation *g);
void generation_failed(struct buf *out, const struct job *j);

/* The error of a job that failed or was cancelled, as an answer has it. */
void generation_error(struct buf *out, const struct job *j);

#endif
