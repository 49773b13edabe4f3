/*
 * Work that blocks (fsync, reading a file again, a child process), done in a few threads of its
 * own and reported back to the loop.
 */
#ifndef ARENA_BRIDGE_TASK_H
#define ARENA_BRIDGE_TASK_H

#include "services/bridge/loop.h"

struct pool;

struct pool *pool_open(struct loop *l, int threads);

/* fn(arg) in a thread of the pool, first come first served; then done(arg) in the loop. Any thread.
 */
void pool_run(struct pool *p, loop_fn *fn, loop_fn *done, void *arg);

/* How many have been handed in and are not done in the loop yet. From the loop's thread. */
int pool_busy(const struct pool *p);

/*
 * Wait until fn and done of all that was handed in have run, and end the threads; nothing may be
 * handed in any more. The loop must be running, and this is not called from it. NULL is fine.
 */
void pool_close(struct pool *p);

#endif
