/*
 * Who waits for news: of one job, or of all jobs of an owner. Hints say when to look, a slow poll
 * covers lost hints. Each change costs one JOB_GET for its job and one JOB_CHANGES for its owner,
 * however many wait for the same.
 */
#ifndef ARENA_GATEWAY_WATCH_H
#define ARENA_GATEWAY_WATCH_H

#include <stdbool.h>

#include "proto/rpc.h"

struct watch;
struct topic;

enum watch_news {
	WATCH_JOB,   /* there is a newer state: j (of an owner's: also one that was deleted) */
	WATCH_LOST,  /* there is no such job (any more): e */
	WATCH_TIME,  /* the watcher's deadline has passed */
	WATCH_BEAT,  /* nothing new for 15 s */
	WATCH_CHECK, /* every second: is it still worth it? */
	WATCH_STOP   /* the gateway stops */
};

/*
 * Called with the watch's lock held, from an nng thread or the ticker: must not block, nor call
 * watch_*(). True: stay; false: the watcher is removed and not called again. WATCH_LOST and
 * WATCH_STOP remove it in any case.
 */
typedef bool watch_fn(void *arg, enum watch_news news, enum err e, const struct job *j);

/* One who waits; embedded where it is needed, zeroed before use, owned by the watch while it is in.
 */
struct watcher {
	watch_fn *fn;
	void *arg;
	/* Can it take more now? Who cannot hears later, of the states as they are then. NULL: it
	 * can. Called as fn is. */
	bool (*room)(void *arg);
	int64_t deadline_us; /* mono; 0: none */
	int64_t revision;    /* of one job: tell only of newer ones; -1: of any */
	int64_t place;       /* of one job: its place in the queue as last heard; another is news */
	int64_t after;       /* of all jobs: tell only of changes behind this one */
	/* the watch's own */
	struct topic *topic;
	struct watcher *prev, *next;
	int64_t told_us;
	bool behind; /* it has yet to hear of changes that others have heard of */
};

/* hints: addresses of jobs' teller; NULL: the poll alone (tests). */
struct watch *watch_open(struct peer *jobs, const char *hints, const uint8_t key[32]);

/* Asks for the job at once, so fn hears of its present state, unless stopped: then false, w is not
 * in. */
bool watch_add(struct watch *w, struct watcher *who, const char *owner, const char *id);

/* The same for all jobs of an owner: fn hears of each change behind who->after, in their order. */
bool watch_add_owner(struct watch *w, struct watcher *who, const char *owner);

/* False: it is not in any more. After this fn is not called. */
bool watch_remove(struct watch *w, struct watcher *who);

void watch_tick(struct watch *w, int64_t now_us); /* often */
int watch_count(struct watch *w);
int watch_count_of(struct watch *w, const char *owner);

/* Tell all that it stops, and take nobody in any more. w itself stays: nng may still call. */
void watch_stop(struct watch *w);

#endif
