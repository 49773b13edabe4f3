/*
 * Who is next: the jobs that wait, in memory. Pure; one thread owns it; times are arguments.
 *
 * Owners take turns: the one that was served longest ago is next, unless as many of its jobs run
 * as it may have. Among the jobs of one owner that a worker can make, the oldest id is next.
 * A taken job counts as running for its owner until queue_run_over().
 *
 * An owner, once seen, is remembered for its turn until the queue is freed: coming and going wins
 * nothing. Owners are keys, so there are few.
 */
#ifndef ARENA_JOBS_QUEUE_H
#define ARENA_JOBS_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/id.h"

#define OWNER_MAX 80  /* with the NUL; longer owners are refused before they come here */
#define MODEL_MAX 128 /* the same for names of models */

struct queue;

/* Called when a job becomes leasable; must not call back. The name lives as long as the call. */
typedef void queue_ready_fn(void *arg, const char *model);

struct queue *queue_new(queue_ready_fn *ready, void *arg); /* ready may be NULL */
void queue_free(struct queue *q);

struct queue_job {
	const char *id, *owner, *model; /* copied */
	int64_t since;                  /* when it was made */
	int64_t not_before;             /* 0: at once */
	int64_t max_running;            /* the newest limit of its owner; 0: none */
};

void queue_add(struct queue *q, const struct queue_job *job, int64_t now); /* id must be new */
bool queue_remove(struct queue *q, const char *id);                        /* was it there? */

/* Take the next job that one of these models can make. False: there is none now. The owner's name
 * lives as long as the queue. */
bool queue_take(
	struct queue *q, const char *const *models, size_t n, char id[ID_MAX], const char **owner);

/* A job of this owner runs that was not taken from here (after a restart). */
void queue_runs(struct queue *q, const char *owner, int64_t max_running);
/* One runs no more. */
void queue_run_over(struct queue *q, const char *owner);

/* Delayed jobs whose time has come become ready. */
void queue_wake(struct queue *q, int64_t now);
int64_t queue_next_wake(const struct queue *q); /* INT64_MAX: none is delayed */

/* The job that waits longest, or NULL; *since is when it was made. Valid until the next change. */
const char *queue_oldest(const struct queue *q, int64_t *since);

/*
 * Where a job is among those that wait for its model: how many of them are served before it, itself
 * counted, when owners take their turns, nobody comes or leaves, and no owner is at its limit.
 * Costs O(owners of that model). A delayed job counts as if its time had come, to itself alone.
 */
struct queue_place {
	const char *model; /* lives until the next change */
	size_t position;   /* 1 is next */
	int64_t not_before;
};
bool queue_place(
	const struct queue *q, const char *id, struct queue_place *ret); /* false: not here */

/* How many wait for each model; fn is told of those with any. */
typedef void queue_model_fn(void *arg, const char *model, size_t waiting);
void queue_models(const struct queue *q, queue_model_fn *fn, void *arg);

size_t queue_waiting(const struct queue *q);
size_t queue_delayed(const struct queue *q); /* of the waiting */
size_t queue_running(const struct queue *q);
size_t queue_owner_waiting(const struct queue *q, const char *owner);

#endif
