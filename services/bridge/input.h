/* An input file for a worker that wants it over its connection. */
#ifndef ARENA_BRIDGE_INPUT_H
#define ARENA_BRIDGE_INPUT_H

#include "services/bridge/lease.h"

void input_send(struct lease *l, const struct frame_input_get *f);

#endif
