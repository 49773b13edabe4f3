/*
 * How far a job is, passed on to jobs: at most four times a second, one ask at a time, the last
 * word wins, and none after the result.
 */
#ifndef ARENA_BRIDGE_PROGRESS_H
#define ARENA_BRIDGE_PROGRESS_H

#include "services/bridge/lease.h"

void progress_said(struct lease *l, const struct frame_progress *f);

/* The last upstream_ref that was said, which jobs may not have been told yet; or NULL. */
const char *progress_upstream(const struct lease *l);

/* Tell jobs now what it has not been told: the worker is gone. */
void progress_flush(struct lease *l);

/* No more of it. */
void progress_stop(struct lease *l);

#endif
