#include "batch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/blob.h"
#include "proto/buf.h"
#include "proto/clock.h"

#define HINT_JOBS 64 /* in one hint */

/* One more element at the end of an array. */
#define PUSH(b, array)                                                                             \
	(grow((void **)&(b)->array, (b)->n_##array, &(b)->cap_##array, sizeof *(b)->array),        \
		&(b)->array[(b)->n_##array++])

static void grow(void **p, size_t n, size_t *cap, size_t size)
{
	if (n < *cap)
		return;
	*cap = *cap ? 2 * *cap : 16;
	*p = xrealloc(*p, *cap * size);
}

void batch_begin(struct batch *b)
{
	b->now = now_ms();
	b->mono = mono_ms();
}

void batch_clear(struct batch *b)
{
	for (size_t i = 0; i < b->n_replies; i++)
		buf_free(&b->replies[i].json);
	for (size_t i = 0; i < b->n_msgs; i++)
		msg_free(b->msgs[i]);
	for (size_t i = 0; i < b->n_mem; i++)
		free(b->mem[i]);
	b->n_replies = b->n_news = b->n_ends = b->n_ready = b->n_msgs = b->n_mem = 0;
	b->created = b->changes = b->files = 0;
	b->hooks_delivered = b->hooks_failed = 0;
	b->hooks_due = b->votes_due = false;
	b->votes_sent = b->votes_failed = 0;
	buf_clear(&b->suspects);
}

void batch_free(struct batch *b)
{
	batch_clear(b);
	free(b->replies);
	free(b->news);
	free(b->ends);
	free(b->ready);
	free(b->msgs);
	free(b->mem);
	buf_free(&b->suspects);
	*b = (struct batch){0};
}

void *batch_own(struct batch *b, void *p)
{
	return *PUSH(b, mem) = p;
}

void *batch_mem(struct batch *b, size_t n)
{
	return batch_own(b, xcalloc(1, n));
}

const char *batch_printf(struct batch *b, const char *fmt, ...)
{
	va_list ap;
	char *s;

	va_start(ap, fmt);
	if (vasprintf(&s, fmt, ap) < 0)
		abort();
	va_end(ap);
	return batch_own(b, s);
}

const void *batch_keep(struct batch *b, struct msg *m)
{
	*PUSH(b, msgs) = m;
	return msg_rec(m);
}

struct reply *batch_reply(struct batch *b, struct call *c)
{
	struct reply *r = PUSH(b, replies);

	*r = (struct reply){.call = c, .e = ERR_INTERNAL, .problem = PROBLEM()};
	return r;
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from);
}

void batch_changed(struct batch *b, const struct job *job)
{
	struct news *n = PUSH(b, news);

	b->changes++;
	n->type = MSG_JOB_CHANGED;
	copy(n->id, sizeof n->id, job->id);
	copy(n->owner, sizeof n->owner, job->owner);
	n->status = job->status;
	n->revision = job->revision;
}

void batch_lease_over(struct batch *b, const char *id)
{
	struct news *n = PUSH(b, news);

	n->type = MSG_LEASE_OVER;
	copy(n->id, sizeof n->id, id);
}

void batch_ended(struct batch *b, const struct end *end)
{
	*PUSH(b, ends) = *end;
}

void batch_ready(struct batch *b, const char *model)
{
	for (size_t i = 0; i < b->n_ready; i++) {
		if (strcmp(b->ready[i], model) == 0)
			return;
	}
	*PUSH(b, ready) = batch_printf(b, "%s", model);
}

void batch_suspect(struct batch *b, const char *sha256)
{
	if (blob_name_ok(sha256))
		buf_add(&b->suspects, sha256, BLOB_NAME);
}

void batch_answer(struct batch *b)
{
	for (size_t i = 0; i < b->n_replies; i++) {
		const struct reply *r = &b->replies[i];

		if (r->e == ERR_OK && r->json.n)
			call_answer_json(r->call, r->json.p, r->json.n);
		else if (r->e == ERR_OK)
			call_answer(r->call, r->rec);
		else
			call_refuse(r->call, r->e, &r->problem);
	}
}

void batch_refuse(struct batch *b, enum err e)
{
	for (size_t i = 0; i < b->n_replies; i++)
		call_refuse(b->replies[i].call, e, NULL);
}

/* One hint for many changes: each message wakes every gateway. */
static void tell_changed(struct teller *t, const struct job_hint *jobs, size_t n)
{
	if (n)
		tell(t, MSG_JOB_CHANGED, &(struct job_hints){.jobs = jobs, .n_jobs = n});
}

void batch_tell(struct batch *b, struct teller *t)
{
	struct job_hint changed[HINT_JOBS];
	size_t n_changed = 0;

	if (b->hooks_due)
		tell(t, MSG_HOOK_READY, &(struct empty){});
	if (b->votes_due)
		tell(t, MSG_VOTE_READY, &(struct empty){});
	for (size_t i = 0; i < b->n_ready; i++)
		tell(t, MSG_WORK_READY, &(struct work_hint){.model = b->ready[i]});
	for (size_t i = 0; i < b->n_news; i++) {
		const struct news *n = &b->news[i];

		if (n->type == MSG_LEASE_OVER) {
			tell(t, n->type, &(struct lease_ref){.id = n->id});
			continue;
		}
		changed[n_changed++] = (struct job_hint){.id = n->id,
			.owner = n->owner,
			.status = n->status,
			.revision = n->revision};
		if (n_changed == HINT_JOBS) {
			tell_changed(t, changed, n_changed);
			n_changed = 0;
		}
	}
	tell_changed(t, changed, n_changed);
}
