/*
 * A thread for the calls that wait for the disk, one after another, so that the checks of others
 * need not.
 */
#ifndef ARENA_AUTH_CLERK_H
#define ARENA_AUTH_CLERK_H

#include <stdbool.h>

#include "proto/rpc.h"

struct clerk;

/* fn answers a call, in the clerk's thread. */
struct clerk *clerk_start(size_t max_queued, call_fn *fn, void *arg);

/* False: too many wait, or it was stopped; the call is still the caller's. Any thread. */
bool clerk_give(struct clerk *k, struct call *c);

/* What waits is answered before. The struct stays, for calls that still come. */
void clerk_stop(struct clerk *k);

#endif
