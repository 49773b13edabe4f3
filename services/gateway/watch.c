#include "watch.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/hint.h"

#define POLL_US   2000000
#define BEAT_US   15000000
#define CHECK_US  1000000
#define BUDGET_MS 2000
#define PER_TICK  200 /* asks of the slow poll, so that many watchers make no storm */

/* A job that somebody waits for. It stays while it has watchers or an ask is out. */
struct topic {
	char id[ID_MAX];
	char owner[80];
	struct watch *w;
	struct watcher *watchers;
	bool asking;
	bool again; /* it changed while we asked */
	int64_t asked_us;
	UT_hash_handle hh;
};

struct watch {
	struct peer *jobs;
	struct listener *hints;
	pthread_mutex_t lock; /* over all that follows, and over every topic and watcher */
	struct topic *topics;
	int n_watchers;
	int64_t checked_us;
	bool stopped;
};

/* ---- asking; never with the lock, as ask() may answer from within ---- */

static void on_job(void *arg, enum err e, const struct answer *a);

/* With the lock: shall the caller ask, once it has let go of the lock? */
static bool ask_due(struct topic *t)
{
	if (t->asking) {
		t->again = true;
		return false;
	}
	t->asking = true;
	t->again = false;
	t->asked_us = mono_us();
	return true;
}

static void topic_ask(struct topic *t)
{
	struct rid rid = rid_new();

	/* id and owner never change, and t stays while asking is set. */
	ask(t->w->jobs, &rid, MSG_JOB_GET, &(struct job_ref){t->owner, t->id}, BUDGET_MS, on_job,
		t);
}

/* ---- telling; with the lock ---- */

struct notice {
	enum watch_news news; /* WATCH_CHECK: whatever the time says */
	enum err e;
	const struct job *j;
	int64_t now_us;
	bool check; /* a second has passed */
};

/* Is there anything to say to this one? */
static bool concerns(struct watcher *who, const struct notice *n, enum watch_news *ret)
{
	*ret = n->news;
	if (n->news == WATCH_JOB) {
		if (n->j->revision <= who->revision)
			return false;
		who->revision = n->j->revision;
		who->told_us = n->now_us;
	} else if (n->news == WATCH_CHECK) {
		if (who->deadline_us && n->now_us >= who->deadline_us) {
			*ret = WATCH_TIME;
		} else if (n->now_us - who->told_us >= BEAT_US) {
			who->told_us = n->now_us;
			*ret = WATCH_BEAT;
		} else {
			return n->check;
		}
	}
	return true;
}

static void tell_all(struct topic *t, const struct notice *n)
{
	struct watcher *old = t->watchers, *who;
	bool last = n->news == WATCH_LOST || n->news == WATCH_STOP;

	t->watchers = NULL;
	while ((who = old)) {
		enum watch_news news;

		DL_DELETE(old, who);
		if (concerns(who, n, &news)) {
			/* What who is part of may be gone as soon as fn has said false. */
			who->topic = NULL;
			t->w->n_watchers--;
			if (!who->fn(who->arg, news, n->e, n->j) || last)
				continue;
			who->topic = t;
			t->w->n_watchers++;
		}
		DL_APPEND(t->watchers, who);
	}
}

static void topic_drop_if_idle(struct topic *t)
{
	struct watch *w = t->w;

	if (t->watchers || t->asking)
		return;
	HASH_DEL(w->topics, t);
	free(t);
}

static void on_job(void *arg, enum err e, const struct answer *a)
{
	struct topic *t = arg;
	struct watch *w = t->w;
	bool more;

	pthread_mutex_lock(&w->lock);
	t->asking = false;
	if (e == ERR_OK)
		tell_all(t, &(struct notice){WATCH_JOB, e, a->rec, mono_us(), false});
	else if (e == ERR_NOT_FOUND)
		tell_all(t, &(struct notice){WATCH_LOST, e, NULL, 0, false});
	/* Whatever else it was: the poll asks again. */
	more = t->again && t->watchers && ask_due(t);
	topic_drop_if_idle(t);
	pthread_mutex_unlock(&w->lock);
	if (more)
		topic_ask(t);
}

/* Job id has changed: ask for it if somebody here wants to know. */
static void look(struct watch *w, const char *id)
{
	struct topic *t = NULL;
	bool due;

	pthread_mutex_lock(&w->lock);
	HASH_FIND_STR(w->topics, id, t);
	due = t && ask_due(t);
	pthread_mutex_unlock(&w->lock);
	if (due)
		topic_ask(t);
}

static void look_at_all(struct watch *w)
{
	struct topic *t;

	pthread_mutex_lock(&w->lock);
	for (t = w->topics; t; t = t->hh.next)
		t->asked_us = 0; /* the next ticks ask for all of them */
	pthread_mutex_unlock(&w->lock);
}

static void on_hint(void *arg, int type, const void *rec)
{
	const struct job_hints *hints = rec;

	if (type == 0)
		look_at_all(arg);
	for (size_t i = 0; type == MSG_JOB_CHANGED && i < hints->n_jobs; i++) {
		if (hints->jobs[i].id)
			look(arg, hints->jobs[i].id);
	}
}

/* ---- for those who wait ---- */

bool watch_add(struct watch *w, struct watcher *who, const char *owner, const char *id)
{
	struct topic *t;
	bool due = false, ok;

	pthread_mutex_lock(&w->lock);
	ok = !w->stopped;
	if (ok) {
		HASH_FIND_STR(w->topics, id, t);
		if (!t) {
			t = xcalloc(1, sizeof *t);
			snprintf(t->id, sizeof t->id, "%s", id);
			snprintf(t->owner, sizeof t->owner, "%s", owner);
			t->w = w;
			HASH_ADD_STR(w->topics, id, t);
		}
		who->topic = t;
		who->told_us = mono_us();
		DL_APPEND(t->watchers, who);
		w->n_watchers++;
		due = ask_due(t);
	}
	pthread_mutex_unlock(&w->lock);
	if (due)
		topic_ask(t);
	return ok;
}

bool watch_remove(struct watch *w, struct watcher *who)
{
	struct topic *t;

	pthread_mutex_lock(&w->lock);
	t = who->topic;
	if (t) {
		DL_DELETE(t->watchers, who);
		who->topic = NULL;
		w->n_watchers--;
		topic_drop_if_idle(t);
	}
	pthread_mutex_unlock(&w->lock);
	return t != NULL;
}

int watch_count(struct watch *w)
{
	int n;

	pthread_mutex_lock(&w->lock);
	n = w->n_watchers;
	pthread_mutex_unlock(&w->lock);
	return n;
}

/* ---- time ---- */

void watch_tick(struct watch *w, int64_t now_us)
{
	struct topic *t, *next, *due[PER_TICK];
	int n_due = 0;
	bool check;

	pthread_mutex_lock(&w->lock);
	check = now_us - w->checked_us >= CHECK_US;
	if (check)
		w->checked_us = now_us;
	for (t = w->topics; t; t = next) {
		next = t->hh.next;
		tell_all(t, &(struct notice){WATCH_CHECK, ERR_OK, NULL, now_us, check});
		if (t->watchers && !t->asking && n_due < PER_TICK &&
			now_us - t->asked_us >= POLL_US && ask_due(t))
			due[n_due++] = t;
		topic_drop_if_idle(t);
	}
	pthread_mutex_unlock(&w->lock);
	for (int i = 0; i < n_due; i++)
		topic_ask(due[i]);
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
		tell_all(t, &(struct notice){WATCH_STOP, ERR_UNAVAILABLE, NULL, 0, false});
		topic_drop_if_idle(t);
	}
	pthread_mutex_unlock(&w->lock);
}
