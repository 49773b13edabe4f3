/*
 * How often codes may be tried: so many times a minute from one address, and from all together. An
 * IPv6 address counts by its first 64 bits, which is what one subscriber has. Pure but for memory:
 * the time is an argument, in microseconds that never go back.
 */
#ifndef ARENA_AUTH_TRIES_H
#define ARENA_AUTH_TRIES_H

#include "services/auth/bucket.h"

#define TRIES_EACH 10 /* a minute */
#define TRIES_ALL  30

struct tries;

struct tries *tries_new(void);
void tries_free(struct tries *t); /* NULL is fine */

/* One more from this address (NULL: not known, which is an address too). */
struct bucket_answer tries_take(struct tries *t, const char *peer, int64_t now_us);

#endif
