/* The gateway's own figures. */
#ifndef ARENA_GATEWAY_STATS_H
#define ARENA_GATEWAY_STATS_H

#include <stdint.h>

#include "inside.h"

void stats_register(struct gateway *g);
void stats_forget(const struct gateway *g); /* it stops */

/* A request is over. route: its name in the table; status 0: the client left, or got no answer. */
void stats_request(const char *route, int status, int64_t us);

void stats_upload(int64_t bytes); /* an image has been stored */

#endif
