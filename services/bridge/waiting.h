/*
 * Tells each worker how many jobs wait for its models: for people who look at it. At most every
 * 5 s, and when it is another number. The loop's thread owns it.
 */
#ifndef ARENA_BRIDGE_WAITING_H
#define ARENA_BRIDGE_WAITING_H

#include "services/bridge/link.h"

#define WAITING_EVERY_MS 5000

void waiting_look(void *bridge); /* so often */

#endif
