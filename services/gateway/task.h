/* A few threads for what blocks on the disk, so that no other thread has to. */
#ifndef ARENA_GATEWAY_TASK_H
#define ARENA_GATEWAY_TASK_H

#include <stdbool.h>

struct tasks;

struct tasks *tasks_start(int threads, int max_queued);

/* fn(arg) runs in one of the threads. False: too much is queued already. */
bool task_run(struct tasks *t, void (*fn)(void *arg), void *arg);

void tasks_stop(struct tasks *t); /* what is queued is done before; NULL is fine */

#endif
