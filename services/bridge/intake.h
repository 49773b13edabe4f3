/*
 * A result on its way: each output is fetched or taken from the uploads, looked at, given its
 * pictures. When all are good they are committed; then jobs is told, and at last the worker
 * (`done`, or `refused` when it is no good). Goes on when the worker's connection breaks.
 */
#ifndef ARENA_BRIDGE_INTAKE_H
#define ARENA_BRIDGE_INTAKE_H

#include "services/bridge/lease.h"

void intake_begin(struct lease *l, const struct frame_result *f);

/* l is let go of: stop as soon as may be, and forget it. */
void intake_abandon(struct lease *l);

#endif
