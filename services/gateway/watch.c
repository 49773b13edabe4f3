#include "watch.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/hint.h"
#include "topic.h"

#define POLL_US  2000000
#define CHECK_US 1000000
#define PER_TICK 200 /* asks of the slow poll, so that many watchers make no storm */

struct watch {
	struct peer *jobs;
	struct listener *hints;
	pthread_mutex_t lock; /* over all that follows, and over every topic and watcher */
	struct topic *topics;
	struct crowds crowds;
	int64_t n_hints;
	int64_t checked_us;
	bool stopped;
};

/* ---- asking; never with the lock, as ask() may answer from within ---- */

static void on_answer(void *arg, enum err e, const struct answer *a);

/* Asks for t and all that hang on it. */
static void ask_all(struct watch *w, struct topic *due)
{
	while (due) {
		struct topic *t = due;

		due = t->due_next; /* once asked for it may go at any moment */
		topic_ask(t, w->jobs, on_answer);
	}
}

/* With the lock: adds t to the list of those to be asked for, if it is to be. */
static bool due_add(struct topic **due, struct topic *t)
{
	if (!topic_due(t))
		return false;
	t->due_next = *due;
	*due = t;
	return true;
}

/* With the lock. It stays while it has watchers or an ask is out. */
static void drop_if_idle(struct watch *w, struct topic *t)
{
	if (t->watchers || t->asking)
		return;
	assert(w->topics); /* t is among them */
	HASH_DEL(w->topics, t);
	topic_free(t);
}

static void on_answer(void *arg, enum err e, const struct answer *a)
{
	struct topic *t = arg, *due = NULL;
	struct watch *w = t->w;

	pthread_mutex_lock(&w->lock);
	if (topic_answer(t, e, a) && t->watchers)
		due_add(&due, t);
	drop_if_idle(w, t);
	pthread_mutex_unlock(&w->lock);
	ask_all(w, due);
}

/* ---- hints ---- */

static void look(struct watch *w, const char *owner, const char *id, struct topic **due)
{
	char key[TOPIC_KEY];
	struct topic *t = NULL;

	topic_key(key, owner, id);
	HASH_FIND_STR(w->topics, key, t);
	if (!t || t->hint == w->n_hints)
		return; /* nobody here wants to know, or this hint has named it before */
	t->hint = w->n_hints;
	due_add(due, t);
}

static void on_hint(void *arg, int type, const void *rec)
{
	const struct job_hints *hints = rec;
	struct watch *w = arg;
	struct topic *t, *due = NULL;

	pthread_mutex_lock(&w->lock);
	w->n_hints++;
	for (t = w->topics; type == 0 && t; t = t->hh.next)
		t->asked_us = 0; /* some were lost: the next ticks ask for all of them */
	for (size_t i = 0; type == MSG_JOB_CHANGED && w->topics && i < hints->n_jobs; i++) {
		const struct job_hint *h = &hints->jobs[i];

		if (h->id)
			look(w, NULL, h->id, &due);
		if (h->owner)
			look(w, h->owner, NULL, &due);
	}
	pthread_mutex_unlock(&w->lock);
	ask_all(w, due);
}

/* ---- for those who wait ---- */

static bool add(struct watch *w, struct watcher *who, const char *owner, const char *id)
{
	struct topic *t = NULL, *due = NULL;
	char key[TOPIC_KEY];
	bool ok;

	topic_key(key, owner, id);
	pthread_mutex_lock(&w->lock);
	ok = !w->stopped;
	if (ok) {
		HASH_FIND_STR(w->topics, key, t);
		if (!t) {
			t = topic_new(w, &w->crowds, owner, id);
			HASH_ADD_STR(w->topics, key, t);
		}
		topic_add(t, who);
		due_add(&due, t);
	}
	pthread_mutex_unlock(&w->lock);
	ask_all(w, due);
	return ok;
}

bool watch_add(struct watch *w, struct watcher *who, const char *owner, const char *id)
{
	return add(w, who, owner, id);
}

bool watch_add_owner(struct watch *w, struct watcher *who, const char *owner)
{
	return add(w, who, owner, NULL);
}

bool watch_remove(struct watch *w, struct watcher *who)
{
	struct topic *t;

	pthread_mutex_lock(&w->lock);
	t = who->topic;
	if (t) {
		topic_drop(who);
		drop_if_idle(w, t);
	}
	pthread_mutex_unlock(&w->lock);
	return t != NULL;
}

int watch_count(struct watch *w)
{
	int n;

	pthread_mutex_lock(&w->lock);
	n = w->crowds.watchers;
	pthread_mutex_unlock(&w->lock);
	return n;
}

int watch_count_of(struct watch *w, const char *owner)
{
	int n;

	pthread_mutex_lock(&w->lock);
	n = crowd_size(&w->crowds, owner);
	pthread_mutex_unlock(&w->lock);
	return n;
}

/* ---- time ---- */

void watch_tick(struct watch *w, int64_t now_us)
{
	struct topic *t, *next, *due = NULL;
	int n_due = 0;
	bool check;

	pthread_mutex_lock(&w->lock);
	check = now_us - w->checked_us >= CHECK_US;
	if (check)
		w->checked_us = now_us;
	for (t = w->topics; t; t = next) {
		next = t->hh.next;
		topic_tell(t, &(struct notice){WATCH_CHECK, ERR_OK, NULL, now_us, check});
		if (t->watchers && !t->asking && n_due < PER_TICK &&
			(now_us - t->asked_us >= POLL_US || topic_waits(t)))
			n_due += due_add(&due, t);
		drop_if_idle(w, t);
	}
	pthread_mutex_unlock(&w->lock);
	ask_all(w, due);
}

struct watch *watch_open(struct peer *jobs, const char *hints, const uint8_t key[32])
{
	static const int wanted[] = {MSG_JOB_CHANGED, 0};
	/* It lasts, as the hints' listener and asks that are out do. */
	struct watch *w = xlasting(1, sizeof *w);

	w->jobs = jobs;
	pthread_mutex_init(&w->lock, NULL);
	if (hints) {
		w->hints = listener_open(hints, key, wanted, on_hint, w);
		if (!w->hints)
			return NULL;
	}
	return w;
}

void watch_stop(struct watch *w)
{
	struct topic *t, *next;

	pthread_mutex_lock(&w->lock);
	w->stopped = true;
	for (t = w->topics; t; t = next) {
		next = t->hh.next;
		topic_tell(
			t, &(struct notice){WATCH_STOP, ERR_UNAVAILABLE, NULL, mono_us(), false});
		drop_if_idle(w, t);
	}
	pthread_mutex_unlock(&w->lock);
}
