/*
 * Who gets work. A worker with a free slot asks jobs for a lease when jobs hints that there is work
 * for one of its models, when hints were lost, and every 2 s; and again at once after it got one.
 */
#ifndef ARENA_BRIDGE_FEED_H
#define ARENA_BRIDGE_FEED_H

#include "services/bridge/link.h"

/* w may be able to take a job. */
void feed_worker(struct link *w);

/*
 * There is new work for this model: the worker that waited longest asks; when it gets a job it asks
 * again, and so does the next, until there is none left.
 */
void feed_model(struct bridge *b, const char *model);

/* Anything may be there: every worker that is free asks. */
void feed_all(void *bridge);

#endif
