#include "models.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "proto/buf.h"
#include "proto/clock.h"

#define POLL_US   2000000
#define BUDGET_MS 2000

struct model_shot {
	struct msg *msg;
	_Atomic int refs;
};

struct models {
	struct peer *jobs;
	const char *preferred;
	pthread_mutex_t lock; /* over the newest */
	struct model_shot *newest;
	_Atomic bool asking; /* the poll */
	int64_t asked_us;    /* ticker's */
};

struct models *models_new(struct peer *jobs, const char *preferred)
{
	struct models *m = xcalloc(1, sizeof *m);

	m->jobs = jobs;
	m->preferred = preferred;
	pthread_mutex_init(&m->lock, NULL);
	return m;
}

const char *models_preferred(const struct models *m)
{
	return m->preferred;
}

/* ---- the copy ---- */

struct model_shot *models_now(struct models *m)
{
	struct model_shot *s;

	pthread_mutex_lock(&m->lock);
	s = m->newest;
	if (s)
		atomic_fetch_add(&s->refs, 1);
	pthread_mutex_unlock(&m->lock);
	return s;
}

const struct model_list *model_shot_list(const struct model_shot *s)
{
	return msg_rec(s->msg);
}

void model_shot_drop(struct model_shot *s)
{
	if (!s || atomic_fetch_sub(&s->refs, 1) != 1)
		return;
	msg_free(s->msg);
	free(s);
}

/* NULL: the answer is an error. */
static struct model_shot *shot_new(enum err e, const struct answer *a)
{
	struct model_shot *s;

	if (e != ERR_OK)
		return NULL;
	s = xcalloc(1, sizeof *s);
	s->msg = answer_keep(a);
	atomic_store(&s->refs, 1);
	return s;
}

static void keep(struct models *m, struct model_shot *s)
{
	struct model_shot *old;

	atomic_fetch_add(&s->refs, 1);
	pthread_mutex_lock(&m->lock);
	old = m->newest;
	m->newest = s;
	pthread_mutex_unlock(&m->lock);
	model_shot_drop(old);
}

/* ---- asking ---- */

static void on_poll(void *arg, enum err e, const struct answer *a)
{
	struct models *m = arg;
	struct model_shot *s = shot_new(e, a);

	if (s)
		keep(m, s);
	model_shot_drop(s);
	atomic_store(&m->asking, false);
}

void models_tick(struct models *m, int64_t now_us)
{
	struct rid rid;

	if (now_us - m->asked_us < POLL_US && m->asked_us)
		return;
	if (atomic_exchange(&m->asking, true))
		return;
	m->asked_us = now_us;
	rid = rid_new();
	ask(m->jobs, &rid, MSG_MODEL_LIST, &(struct empty){}, BUDGET_MS, on_poll, m);
}

struct fresh {
	struct models *m;
	models_fn *fn;
	void *arg;
};

static void on_fresh(void *arg, enum err e, const struct answer *a)
{
	struct fresh *f = arg;
	struct model_shot *s = shot_new(e, a);

	if (s)
		keep(f->m, s);
	f->fn(f->arg, e, s);
	free(f);
}

void models_ask(struct models *m, const struct rid *rid, models_fn *fn, void *arg)
{
	struct fresh *f = xmalloc(sizeof *f);

	*f = (struct fresh){m, fn, arg};
	ask(m->jobs, rid, MSG_MODEL_LIST, &(struct empty){}, BUDGET_MS, on_fresh, f);
}

bool models_busy(const struct models *m)
{
	return atomic_load(&m->asking);
}

void models_free(struct models *m)
{
	if (!m)
		return;
	model_shot_drop(m->newest);
	pthread_mutex_destroy(&m->lock);
	free(m);
}
