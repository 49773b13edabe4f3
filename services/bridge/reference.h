/*
 * Images that a request names by a link (IMAGE_FETCH): fetched, looked at, and put into the blob
 * store. Unlike results of workers they may come from any public host: the link is a client's, and
 * what it may not reach are addresses of private networks.
 *
 * The asker gets the name of the file only, so its pin is ours: it is held for PIN_MS after the
 * answer, which is longer than the asker may take to tell jobs. Should this bridge be killed within
 * that time, and the last job that has the same file be deleted just then, jobs answers BLOB_GONE
 * and the asker asks again.
 *
 * All of it in the loop's thread.
 */
#ifndef ARENA_BRIDGE_REFERENCE_H
#define ARENA_BRIDGE_REFERENCE_H

#include "services/bridge/inside.h"

#define REFERENCES_MAX 32 /* on their way at once; more are OVERLOADED */

void references_open(struct bridge *b);

/* Answer the ask IMAGE_FETCH, sooner or later. */
void reference_fetch(struct bridge *b, struct call *c);

/* How many are not answered yet. */
int references_busy(const struct bridge *b);

/* Let go of the pins that were held long enough. */
void references_tick(struct bridge *b, int64_t now_ms);

/* Ends all transfers; what they post to the loop is posted when this returns. Not from the loop. */
void references_stop(struct bridge *b);

/* Lets go of all pins; nothing is on its way any more. NULL inside is fine. */
void references_close(struct bridge *b);

#endif
