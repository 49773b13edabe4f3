/*
 * How far a job is, passed on to jobs: at most four times a second, one ask at a time, the last
 * word wins, and none after the result.
 */
#ifndef ARENA_BRIDGE_PROGRESS_H
#define ARENA_BRIDGE_PROGRESS_H

#include "services/bridge/lease.h"

void progress_said(struct lease *l, const struct frame_progress *f);

/* No more of it. */
void progress_stop(struct lease *l);

#endif
