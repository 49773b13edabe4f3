/*
 * Where the other services come in: hints of jobs, and asks of gateways. It outlives the bridge,
 * because listeners and servers are never closed: what comes after gate_close() is dropped, or
 * refused as UNAVAILABLE.
 */
#ifndef ARENA_BRIDGE_GATE_H
#define ARENA_BRIDGE_GATE_H

#include <stdbool.h>

#include "services/bridge/inside.h"

/* Sets b->gate; what comes is posted to b's loop. False: it cannot listen; logged. */
bool gate_open(struct bridge *b);

void gate_close(struct gate *g);

#endif
