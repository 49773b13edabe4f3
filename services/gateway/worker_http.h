/* What the handlers of worker_http.c and parcel.h ask the bridge in the same way. */
#ifndef ARENA_GATEWAY_WORKER_HTTP_H
#define ARENA_GATEWAY_WORKER_HTTP_H

#include "proto/rpc.h"

struct request;

/* Where the part of the upload begins, as the request says; -1: it does not. */
int64_t worker_offset(const struct request *r);

/* Ask the bridge to go on with the request's upload from the parcel's file; without one: only how
 * much is there. */
void worker_ask_bytes(struct request *r, ask_done_fn *done);

#endif
