/*
 * The address of a service given as HOST:PORT. A numeric address is simply kept; a name is looked
 * up by a thread of its own, again and again, because look-ups block and containers move.
 */
#ifndef ARENA_GATEWAY_BACKEND_H
#define ARENA_GATEWAY_BACKEND_H

#include "proto/err.h"

struct backend;

/* addr: "127.0.0.1:3114", "[::1]:3114", "bridge:3114". ERR_BAD_PARAM, logged. */
enum err backend_open(const char *addr, struct backend **ret);
void backend_close(struct backend *b); /* NULL is fine */

/* A non-blocking socket that connects now, or -1 (errno). Never waits. Any thread. */
int backend_connect(struct backend *b);

#endif
