/*
 * Votes on their way from jobs (VOTE_TAKE) to the workers that cast them, and what became of them
 * (VOTE_DONE). jobs keeps each until it hears that, so a vote is said again now and then, and after
 * a reconnect: casting it once is the worker's part. The loop's thread owns it.
 */
#ifndef ARENA_BRIDGE_VOTES_H
#define ARENA_BRIDGE_VOTES_H

#include "services/bridge/link.h"

void votes_open(struct bridge *b);
void votes_close(struct bridge *b);

/* Look whether there are any for the workers that are here: on a hint, and now and then. */
void votes_look(void *bridge);

/* The worker says what became of one. */
void votes_done(struct link *w, const struct frame_voted *f);

/* w is forgotten. */
void votes_leave(struct link *w);

#endif
