#include "bridges.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/log.h"

#define EVERY_US  1000000
#define BUDGET_MS 2000
#define GONE_US   4000000 /* one that was silent for so long is not there */
#define QUICK     32      /* asks in flight */
#define SLOW      200     /* workers that wait: as many as a bridge has */
#define MARK      16      /* digits */
#define MARK_AT   2       /* "s-" stands before it */

struct bridge_at {
	struct bridges *all;
	char *url;
	struct peer *quick, *slow;
	/* under the lock */
	char mark[MARK + 1]; /* "": it has not said */
	bool there;          /* it answers */
	bool asking;
	int64_t heard_us; /* 0: never */
	int64_t asked_us; /* the newest ask */
	int64_t done_us;  /* when the newest ask that is over had begun */
};

/* A request whose session has a mark that nobody has told yet. */
struct seeker {
	struct request *r;
	bridge_fn *fn;
	char mark[MARK + 1];
	int64_t since_us;
	struct seeker *prev, *next;
};

struct bridges {
	void (*gone)(void *arg, struct bridge_at *at);
	void *arg;
	struct bridge_at at[BRIDGES_MAX];
	size_t n;
	pthread_mutex_t lock;
	struct seeker *seekers;
};

/* ---- finding; with the lock ---- */

static struct bridge_at *by_mark(struct bridges *all, const char *mark)
{
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->at[i].mark, mark) == 0)
			return &all->at[i];
	return NULL;
}

/* Has every bridge been asked since then, and answered or not? */
static bool all_asked(const struct bridges *all, int64_t since_us)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->at[i].done_us < since_us)
			return false;
	return true;
}

/* Whoever gets true asks. */
static bool claim(struct bridge_at *at, bool due, int64_t now_us)
{
	if (at->asking || !due)
		return false;
	at->asking = true;
	at->asked_us = now_us;
	return true;
}

/* Those to be asked now for whoever seeks. */
static size_t claim_for_seekers(struct bridges *all, struct bridge_at *list[BRIDGES_MAX])
{
	const struct seeker *newest = all->seekers ? all->seekers->prev : NULL;
	int64_t now_us = mono_us();
	size_t n = 0;

	for (size_t i = 0; newest && i < all->n; i++)
		if (claim(&all->at[i], all->at[i].done_us < newest->since_us, now_us))
			list[n++] = &all->at[i];
	return n;
}

/* ---- asking ---- */

/* Those whose bridge is known now, or is not there: out of the list, to be called without the lock.
 */
static struct seeker *settled(struct bridges *all)
{
	struct seeker *s, *tmp, *done = NULL;

	DL_FOREACH_SAFE (all->seekers, s, tmp) {
		if (!by_mark(all, s->mark) && !all_asked(all, s->since_us))
			continue;
		DL_DELETE(all->seekers, s);
		DL_APPEND(done, s);
	}
	return done;
}

static struct bridge_at *where(struct bridges *all, const char *mark)
{
	struct bridge_at *at;

	pthread_mutex_lock(&all->lock);
	at = by_mark(all, mark);
	if (at && !at->there)
		at = NULL;
	pthread_mutex_unlock(&all->lock);
	return at;
}

static void heard(struct bridge_at *at, const char *mark)
{
	if (!mark || strlen(mark) != MARK)
		return;
	if (strcmp(at->mark, mark) != 0)
		log_debug("bridge_is", LS("mark", mark), LS("was", at->mark));
	memcpy(at->mark, mark, MARK + 1);
	at->heard_us = mono_us();
	at->there = true;
}

static void on_who(void *arg, enum err e, const struct answer *a);

static void who(struct bridge_at *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct rid rid = rid_new();

		ask(list[i]->quick, &rid, MSG_BRIDGE_WHO, &(struct empty){}, BUDGET_MS, on_who,
			list[i]);
	}
}

static void on_who(void *arg, enum err e, const struct answer *a)
{
	const struct bridge_mark *said = a->rec;
	struct bridge_at *at = arg, *more[BRIDGES_MAX];
	struct bridges *all = at->all;
	struct seeker *done, *s, *tmp;
	size_t n;

	pthread_mutex_lock(&all->lock);
	at->asking = false;
	at->done_us = at->asked_us;
	if (e == ERR_OK)
		heard(at, said->mark);
	done = settled(all);
	n = claim_for_seekers(all, more);
	pthread_mutex_unlock(&all->lock);
	DL_FOREACH_SAFE (done, s, tmp) {
		s->fn(s->r, where(all, s->mark));
		free(s);
	}
	who(more, n);
}

void bridges_tick(struct bridges *all, int64_t now_us)
{
	struct bridge_at *due[BRIDGES_MAX], *gone[BRIDGES_MAX];
	size_t n_due = 0, n_gone = 0;

	pthread_mutex_lock(&all->lock);
	for (size_t i = 0; i < all->n; i++) {
		struct bridge_at *at = &all->at[i];

		if (claim(at, now_us - at->asked_us >= EVERY_US, now_us))
			due[n_due++] = at;
		if (at->there && now_us - at->heard_us >= GONE_US) {
			log_warn("bridge_gone", LS("mark", at->mark));
			at->there = false;
			gone[n_gone++] = at;
		}
	}
	pthread_mutex_unlock(&all->lock);
	for (size_t i = 0; i < n_gone; i++)
		all->gone(all->arg, gone[i]);
	who(due, n_due);
}

bool bridges_busy(struct bridges *all)
{
	bool busy = false;

	pthread_mutex_lock(&all->lock);
	for (size_t i = 0; i < all->n; i++)
		busy = busy || all->at[i].asking;
	pthread_mutex_unlock(&all->lock);
	return busy;
}

/* ---- for requests ---- */

/* "s-MARK-.." */
static bool mark_of(const char *session, char mark[MARK + 1])
{
	if (!session || strncmp(session, "s-", MARK_AT) != 0 ||
		strspn(session + MARK_AT, "0123456789abcdef") != MARK ||
		session[MARK_AT + MARK] != '-')
		return false;
	memcpy(mark, session + MARK_AT, MARK);
	mark[MARK] = 0;
	return true;
}

void bridges_find(struct bridges *all, const char *session, struct request *r, bridge_fn *fn)
{
	struct bridge_at *at, *ask_now[BRIDGES_MAX];
	char mark[MARK + 1];
	struct seeker *s;
	size_t n;

	if (!mark_of(session, mark)) {
		fn(r, NULL);
		return;
	}
	pthread_mutex_lock(&all->lock);
	at = by_mark(all, mark);
	if (at) {
		if (!at->there)
			at = NULL;
		pthread_mutex_unlock(&all->lock);
		fn(r, at);
		return;
	}
	s = xcalloc(1, sizeof *s);
	*s = (struct seeker){.r = r, .fn = fn, .since_us = mono_us()};
	memcpy(s->mark, mark, sizeof mark);
	DL_APPEND(all->seekers, s);
	n = claim_for_seekers(all, ask_now);
	pthread_mutex_unlock(&all->lock);
	who(ask_now, n);
}

struct bridge_at *bridges_nth(struct bridges *all, size_t i)
{
	return i < all->n ? &all->at[i] : NULL;
}

const char *bridge_url(const struct bridge_at *at)
{
	return at->url;
}

bool bridge_there(struct bridge_at *at)
{
	bool there;

	pthread_mutex_lock(&at->all->lock);
	there = at->there;
	pthread_mutex_unlock(&at->all->lock);
	return there;
}

struct peer *bridge_quick(const struct bridge_at *at)
{
	return at->quick;
}

struct peer *bridge_slow(const struct bridge_at *at)
{
	return at->slow;
}

/* ---- open ---- */

static bool add(struct bridges *all, const char *url, const uint8_t key[32])
{
	struct bridge_at *at = &all->at[all->n];

	if (all->n == BRIDGES_MAX) {
		log_error("too_many_bridges", LI("most", BRIDGES_MAX));
		return false;
	}
	at->all = all;
	at->url = xstrdup(url);
	at->quick = peer_open("bridge", url, key, QUICK);
	at->slow = peer_open_slow("bridge", url, key, SLOW);
	all->n++;
	return at->quick && at->slow;
}

struct bridges *bridges_open(const char *urls, const uint8_t key[32],
	void (*gone)(void *arg, struct bridge_at *at), void *arg)
{
	struct bridges *all = xlasting(1, sizeof *all);
	char *list = xstrdup(urls), *rest = list, *url;
	bool ok = true;

	pthread_mutex_init(&all->lock, NULL);
	all->gone = gone;
	all->arg = arg;
	while (ok && (url = strsep(&rest, ", ")))
		ok = !*url || add(all, url, key);
	free(list);
	return ok && all->n ? all : NULL;
}
