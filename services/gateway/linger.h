/*
 * A socket that is closed while its client still sends gets a reset, which can destroy the answer
 * on its way. So a copy of the socket lingers here: what comes is thrown away until the client has
 * closed, 2 s have passed, or 64 MiB came.
 */
#ifndef ARENA_GATEWAY_LINGER_H
#define ARENA_GATEWAY_LINGER_H

struct lingers;

struct lingers *linger_start(void);

/* Duplicates fd. Any thread. When too many linger already the client has to live with the reset. */
void linger_add(struct lingers *l, int fd);

void linger_stop(struct lingers *l); /* closes all; NULL is fine */

#endif
