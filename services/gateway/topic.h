/*
 * What watchers wait for: one job, or all jobs of an owner. For watch.c, which has the lock over
 * all topics and their watchers; everything here but topic_ask() is called with it.
 */
#ifndef ARENA_GATEWAY_TOPIC_H
#define ARENA_GATEWAY_TOPIC_H

#include <uthash.h>

#include "crowd.h"
#include "watch.h"

/* "j" and a job's id, or "o" and an owner. */
#define TOPIC_KEY 96

struct topic {
	char key[TOPIC_KEY];
	char owner[80];
	char id[ID_MAX]; /* "": all of the owner's */
	struct watch *w;
	struct crowds *crowds; /* of all topics */
	struct crowd *crowd;   /* of its owner's */
	struct watcher *watchers;
	/* asking for it */
	bool asking;      /* an ask is out: it must not be freed */
	bool again;       /* it changed while we asked */
	int64_t asked_us; /* mono; 0: ask as soon as may be */
	int64_t after;    /* an owner's: what was asked for last */
	int64_t hint;     /* number of the last hint that named it */
	struct topic *due_next;
	UT_hash_handle hh;
};

/* What there is to say. */
struct notice {
	enum watch_news news; /* WATCH_CHECK: whatever the time says */
	enum err e;
	const struct job *j;
	int64_t now_us;
	bool check; /* a second has passed */
};

struct topic *topic_new(struct watch *w, struct crowds *crowds, const char *owner, const char *id);
void topic_free(struct topic *t);
void topic_key(char key[TOPIC_KEY], const char *owner, const char *id); /* id NULL or "": none */

void topic_add(struct topic *t, struct watcher *who);
void topic_drop(struct watcher *who);

/*
 * Is it to be asked for now? True: it counts as asked; the caller lets go of the lock and calls
 * topic_ask(). Else whoever is asking does it again, or there is nobody to tell.
 */
bool topic_due(struct topic *t);

/* Never with the lock: done may be called from within. t stays while asking is set. */
void topic_ask(struct topic *t, struct peer *jobs, ask_done_fn *done);

/* Tells what came. True: there is more, or it changed meanwhile: see topic_due(). */
bool topic_answer(struct topic *t, enum err e, const struct answer *a);

void topic_tell(struct topic *t, const struct notice *n);

/* Somebody who could not take more can now. */
bool topic_waits(const struct topic *t);

#endif
