/* Tells jobs which workers are here: every 10 s, and soon after something changed. */
#ifndef ARENA_BRIDGE_PRESENCE_H
#define ARENA_BRIDGE_PRESENCE_H

#include "services/bridge/inside.h"

void presence_open(struct bridge *b);
void presence_close(struct bridge *b);

/* Something about the workers changed: jobs hears of it within 100 ms. */
void presence_touch(struct bridge *b);

/* The worker with this id has left. */
void presence_left(struct bridge *b, const char *id);

#endif
