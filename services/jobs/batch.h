/*
 * One transaction's work: what is to be answered and told once it is on disk, and the memory that
 * this needs till then. Belongs to the jobs thread. All of it is dropped when the commit fails.
 */
#ifndef ARENA_JOBS_BATCH_H
#define ARENA_JOBS_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/blob.h"
#include "proto/buf.h"
#include "proto/hint.h"
#include "proto/messages.h"
#include "proto/rpc.h"
#include "queue.h"

struct reply {
	struct call *call;
	enum err e;
	struct problem problem; /* of a refusal */
	const void *rec;        /* of an answer; NULL: empty */
	struct buf json;        /* of an answer that is text already, instead of rec */
};

/* A job is somewhere else now. */
struct news {
	enum msg_type type; /* JOB_CHANGED, or LEASE_OVER */
	char id[ID_MAX];
	char owner[OWNER_MAX];
	const char *status; /* a constant */
	int64_t revision;
};

/* A job has ended, for the figures. */
struct end {
	int64_t at, took_ms;
	bool completed, failed; /* neither: cancelled */
	int64_t videos;
};

struct batch {
	int64_t now;  /* wall clock, ms */
	int64_t mono; /* clock that never goes back, ms */
	struct reply *replies;
	size_t n_replies, cap_replies;
	struct news *news;
	size_t n_news, cap_news;
	struct end *ends;
	size_t n_ends, cap_ends;
	const char **ready; /* models with new work, without doubles */
	size_t n_ready, cap_ready;
	int64_t created; /* jobs */
	int64_t changes; /* of jobs */
	int64_t files;   /* created, less those that went */
	int64_t hooks_delivered, hooks_failed;
	bool hooks_due; /* tell HOOK_READY */
	bool votes_due; /* tell VOTE_READY */
	int64_t votes_sent, votes_failed;
	struct buf suspects; /* names (BLOB_NAME each) of blobs that lost their last reference */
	struct msg **msgs;
	size_t n_msgs, cap_msgs;
	void **mem;
	size_t n_mem, cap_mem;
};

void batch_begin(struct batch *b);
void batch_clear(struct batch *b); /* frees what handlers were given; keeps the arrays */
void batch_free(struct batch *b);

/* Memory, zeroed, until batch_clear(). */
void *batch_mem(struct batch *b, size_t n);
const char *batch_printf(struct batch *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void *batch_own(struct batch *b, void *p);              /* free()s p then; returns it */
const void *batch_keep(struct batch *b, struct msg *m); /* frees m then; returns its record */

struct reply *batch_reply(struct batch *b, struct call *c);
void batch_changed(struct batch *b, const struct job *job);
void batch_lease_over(struct batch *b, const char *id);
void batch_ended(struct batch *b, const struct end *end);
void batch_ready(struct batch *b, const char *model);
void batch_suspect(struct batch *b, const char *sha256);

/* After the commit, in this order. */
void batch_answer(struct batch *b);
void batch_tell(struct batch *b, struct teller *t);

/* Instead, when there was none: refuse every call. */
void batch_refuse(struct batch *b, enum err e);

#endif
