/*
 * The bridge's one thread: an event loop that owns workers, leases, uploads and all that hangs on
 * them. Other threads only post to it. The only ev.h is in loop.c.
 */
#ifndef ARENA_BRIDGE_LOOP_H
#define ARENA_BRIDGE_LOOP_H

#include <stdint.h>

struct loop;
struct loop_timer;

typedef void loop_fn(void *arg);

/* Makes the loop; it does not run yet. */
struct loop *loop_open(void);

/* Start its thread, which runs until loop_stop(). */
void loop_start(struct loop *l);

/* End the thread and wait for it; what was posted before has run then. Not from the loop. */
void loop_stop(struct loop *l);

/* After loop_stop(), and when all that was made with loop_raw() is gone. Drops what was posted too
 * late. */
void loop_close(struct loop *l);

/* The struct ev_loop, for libwebsockets. */
void *loop_raw(struct loop *l);

/* Run fn(arg) in the loop, soon. From any thread; in order. */
void loop_post(struct loop *l, loop_fn *fn, void *arg);

/* Run fn(arg) in the loop now and come back when it is done. Not from the loop. */
void loop_call(struct loop *l, loop_fn *fn, void *arg);

/* The rest: from the loop's thread only, or before it starts. */

/* Once, after ms. The timer is freed when it has fired; *slot (may be NULL) is cleared before fn.
 */
void loop_after(struct loop *l, int64_t ms, loop_fn *fn, void *arg, struct loop_timer **slot);

/* Again and again, every ms, until loop_cancel(). */
struct loop_timer *loop_every(struct loop *l, int64_t ms, loop_fn *fn, void *arg);

/* Stop and free a timer, and clear the pointer. NULL inside is fine. */
void loop_cancel(struct loop *l, struct loop_timer **slot);

#endif
