/* Workers' requests that wait at the bridge for frames, so that a gateway that stops can end them.
 */
#ifndef ARENA_GATEWAY_POLLS_H
#define ARENA_GATEWAY_POLLS_H

#include "proto/rpc.h"

struct polls;
struct request;

struct polls *polls_new(void); /* lasts: asks that are out point to it */

/* Ask for what is there for the worker, and answer r, which is suspended. */
void poll_begin(struct request *r, const struct session_pull *pull);

/* Answers all that wait: nothing has come for them. */
void polls_stop(struct polls *all);

#endif
