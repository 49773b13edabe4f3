/* Calls on their way to the thread that owns the state. Any thread puts, one takes. */
#ifndef ARENA_JOBS_INBOX_H
#define ARENA_JOBS_INBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "proto/rpc.h"

struct inbox {
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct call *first, **last; /* linked by call_next() */
	bool woken, closed;
};

void inbox_init(struct inbox *in);

bool inbox_put(struct inbox *in, struct call *c); /* false: closed, the call is still yours */
void inbox_wake(struct inbox *in);                /* the taker shall look around */
void inbox_close(struct inbox *in);               /* nothing comes in any more */

/*
 * All calls that wait, oldest first, linked by call_next(); waits for one at most wait_ms. NULL:
 * none came, somebody woke us, or (*closed) none will ever come.
 */
struct call *inbox_take(struct inbox *in, int64_t wait_ms, bool *closed);

#endif
