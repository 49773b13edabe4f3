/* A try that ends without a video: failed or given back; told to jobs until it hears, then to the
 * worker. */
#ifndef ARENA_BRIDGE_ENDING_H
#define ARENA_BRIDGE_ENDING_H

#include "services/bridge/lease.h"

/* The worker said `failed`. Answered with `done`. */
void ending_failed(struct lease *l, const struct frame_failed *f);

/* Given back untried. What f is about is not looked at. Answered with `done`. */
void ending_back(struct lease *l, const struct frame_release *f);

/* What the worker handed in is no good: the try has failed. Answered with `refused`. */
void ending_refused(struct lease *l, const char *code, const char *message);

/* l is let go of: forget it. */
void ending_abandon(struct lease *l);

#endif
