/*
 * Where a service is, given as HOST:PORT or several of these with commas between. A numeric address
 * is simply kept; a name is looked up by a thread of its own, again and again, because look-ups
 * block and containers move.
 */
#ifndef ARENA_GATEWAY_BACKEND_H
#define ARENA_GATEWAY_BACKEND_H

#include "proto/err.h"

struct backends;

/* addrs: "127.0.0.1:3114", "[::1]:3114", "one:3114,two:3114". ERR_BAD_PARAM, logged. */
enum err backends_open(const char *addrs, struct backends **ret);
void backends_close(struct backends *all); /* NULL is fine */

int backends_count(const struct backends *all);

/* A non-blocking socket that connects now to the next of them in turn, or -1 (errno). Never waits.
 * One thread at a time. */
int backends_connect(struct backends *all);

#endif
