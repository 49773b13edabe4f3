/*
 * Deliveries of webhooks: taken from jobs (HOOK_TAKE), sent to where they go, and told of
 * (HOOK_TRIED). One POST each, signed as Standard Webhooks; no redirects; what is answered matters
 * only for its status.
 *
 * Which delivery is next, and how many go to one host, is for jobs to say: so that holds for all
 * bridges together. In the loop's thread, but for what is marked.
 */
#ifndef ARENA_BRIDGE_COURIER_H
#define ARENA_BRIDGE_COURIER_H

#include "services/bridge/inside.h"

#define COURIER_MAX 16 /* deliveries on their way at once */

void courier_open(struct bridge *b);

/* Look whether there is something to deliver: on a hint, and now and then. */
void courier_look(void *bridge);

/* How many are not told of yet. */
int courier_busy(const struct bridge *b);

/* Ends what is on its way; what that posts to the loop is posted when this returns. Not from the
 * loop. */
void courier_stop(struct bridge *b);

/* Nothing is on its way any more. NULL inside is fine. */
void courier_close(struct bridge *b);

#endif
