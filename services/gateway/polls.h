/* Workers' requests that wait at a bridge for frames, so that a gateway that stops can end them,
 * and nobody waits at a bridge that is gone. */
#ifndef ARENA_GATEWAY_POLLS_H
#define ARENA_GATEWAY_POLLS_H

#include "proto/rpc.h"

struct bridge_at;
struct polls;
struct request;

struct polls *polls_new(void); /* lasts: asks that are out point to it */

/* Ask the bridge for what is there for the worker, and answer r, which is suspended. */
void poll_begin(struct request *r, struct bridge_at *at, const struct session_pull *pull);

/* Answers those that wait at it: there is no such session. */
void polls_gone(struct polls *all, const struct bridge_at *at);

/* Answers all that wait: nothing has come for them. */
void polls_stop(struct polls *all);

#endif
