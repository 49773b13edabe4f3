/*
 * Webhooks: who is told when a job is over. Events lie in the store as deliveries, from the
 * transaction that ends the job until somebody took them or they are given up; bridges take them
 * (HOOK_TAKE), make a try of each, and tell what became of it (HOOK_TRIED).
 *
 * Of the jobs thread, within a transaction that writes, but for what is marked.
 */
#ifndef ARENA_JOBS_OUTBOX_H
#define ARENA_JOBS_OUTBOX_H

#include "delivery.h"
#include "service.h"

on_fn on_endpoint_create, on_endpoint_get, on_endpoint_list, on_endpoint_update, on_endpoint_delete,
	on_endpoint_rotate, on_endpoint_test, on_delivery_list;
on_fn on_hook_take, on_hook_tried;

/* The job is over: one delivery for each endpoint that wants to know. */
void outbox_job_over(struct jobs *j, const struct job *job);

/* A delivery of this event to the endpoint, under a new id of the caller's. It lives as long as
 * the batch. url: where to. job: whose it is; NULL for a test. */
const struct delivery *outbox_add(struct jobs *j, const struct endpoint *to, const char *id,
	const char *url, const char *type, const struct job *job);

/*
 * Take at most max that are due, or those that were taken under this token before. Returns how
 * many; what they point to lives as long as the batch.
 */
size_t outbox_take(struct jobs *j, const char *token, struct delivery *ret, size_t max);

/* What became of a try. LEASE_LOST. */
enum err outbox_tried(struct jobs *j, const struct hook_tried *say);

/* Forget what was delivered to an endpoint that is no more; what waits is dropped as it comes up.
 */
void outbox_forget(struct jobs *j, const char *owner, const char *endpoint);

/* Fill the memory from the store, anew. Reads only. */
void outbox_load(struct jobs *j);

/* Memory only: before each batch; and how long then nothing is due. */
void outbox_wake(struct jobs *j);
int64_t outbox_wait_ms(const struct jobs *j);

/* endpoint.c: an endpoint that may be changed; it lives as long as the batch. NOT_FOUND, INTERNAL,
 * STORE. `default` is made when it is not there. */
enum err endpoint_load(struct jobs *j, const char *owner, const char *id, struct endpoint **ret);
/* The same for a client: with words when there is none. Also BAD_PARAM. */
enum err endpoint_find(
	struct jobs *j, const char *owner, const char *id, struct endpoint **ret, struct reply *r);

#define ENDPOINTS_MAX 20 /* of an owner, besides `default` */
/* The owner's, in the order of their ids, but for `default`. Returns how many. */
size_t endpoints_load(struct jobs *j, const char *owner, const struct endpoint *ret[ENDPOINTS_MAX]);

#endif
