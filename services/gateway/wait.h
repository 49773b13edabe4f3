/*
 * A request that waits for its jobs, be it one or several: for an answer at the end, or for a
 * stream on the way there.
 */
#ifndef ARENA_GATEWAY_WAIT_H
#define ARENA_GATEWAY_WAIT_H

#include "body.h"
#include "watch.h"

struct request;

enum wait_end {
	WAIT_OVER, /* all jobs are over */
	WAIT_LATE, /* the time is up, or the gateway stops: the jobs go on */
	WAIT_GONE  /* the client has left: the jobs go on, as they were accepted */
};

/* Called as a watch_fn is, so they must not block; the first two return false when the client
 * takes no more. */
struct wait_how {
	int64_t ms;                                                     /* at most */
	bool look;                                                      /* only once at each */
	bool (*news)(struct request *r, size_t i, const struct job *j); /* may be NULL */
	bool (*beat)(struct request *r);                    /* nothing new for 15 s; may be NULL */
	void (*done)(struct request *r, enum wait_end end); /* last, once: answers, ends */
};

struct waiter {
	struct watcher watcher;
	struct request *r;
	struct msg *job; /* its newest state; NULL: none was heard of */
	bool deleted;
};

/* In struct request, zeroed. */
struct wait {
	struct wait_how how;
	struct waiter each[COUNT_MAX];
	_Atomic int holds; /* waiters that are in, and one for wait_begin() */
	_Atomic unsigned ends;
};

/*
 * May the request wait for news? OVERLOADED: all places are taken. TOO_MANY_WAITS: those of its key
 * are; the operator's has no such bound.
 */
enum err wait_place(const struct request *r);

/* How long the body says to wait, or else the setting. */
int64_t wait_wanted_ms(const struct request *r);

/*
 * Wait for r->ids. `done` may be called before this returns, so r is not the caller's any more; but
 * for streams: those are resumed after this, and so live on.
 */
void wait_begin(struct request *r, const struct wait_how *how);

/* The newest state of job i as far as it is known. Lives as long as r and *room do. */
const struct job *wait_job(const struct request *r, size_t i, struct job *room);

/* In the request's done. After it nobody is called. */
void wait_free(struct request *r);

#endif
