/*
 * How fast clients send. A connection on which a head or a body comes too slowly, or whose client
 * left in the middle of a body, is shut down (not closed: whoever serves it then finds its end). A
 * thread looks every second. One that waits for its answer, gets it, or left HTTP is let alone; so
 * is one that is idle between requests.
 */
#ifndef ARENA_GATEWAY_PACE_H
#define ARENA_GATEWAY_PACE_H

#include <stddef.h>
#include <stdint.h>

struct pace;
struct pacer; /* one connection */

/* Before a client is cut off that has sent a part of a request: a last word on fd. Must not block.
 */
typedef void pace_late_fn(void *arg, int fd);

/* 0: no limit. A body may take body_ms and one second more per 16 KiB that came. late may be NULL.
 */
struct pace *pace_start(int64_t head_ms, int64_t body_ms, pace_late_fn *late, void *arg);
void pace_stop(struct pace *p); /* NULL is fine */

/*
 * The steps of a connection, from any thread. It begins with a head; fd stays open, and that of
 * this connection, until pace_close().
 */
struct pacer *pace_open(struct pace *p, int fd);
void pace_head(struct pacer *c);           /* the next one has begun, if that was not seen yet */
void pace_body(struct pacer *c, size_t n); /* n bytes came; it begins with 0 of them */
void pace_busy(struct pacer *c);  /* all of the request is here, or the rest is not asked for yet */
void pace_idle(struct pacer *c);  /* answered */
void pace_close(struct pacer *c); /* frees it */

#endif
