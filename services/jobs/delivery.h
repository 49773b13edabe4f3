/*
 * One delivery's life: pending until somebody took it (delivered), or it is given up (failed).
 * Pure: no clock, no store, no threads. Times are arguments, in milliseconds since 1970.
 *
 * The functions change a `struct delivery` (proto/messages.def) and store the pointers they are
 * given, as those of job.h do.
 */
#ifndef ARENA_JOBS_DELIVERY_H
#define ARENA_JOBS_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/buf.h"
#include "proto/messages.h"

#define DELIVERY_DEFAULT "default"      /* the endpoint of the jobs' own webhook_url */
#define DELIVERY_TEST    "webhook.test" /* an event */

/* What the settings say. */
struct delivery_rules {
	int64_t lease_ms;      /* a try that is not reported by then is made again */
	int64_t retry_base_ms; /* pause after the first failed try; the others grow from it */
	int64_t give_up_ms;    /* from the event on */
};

/*
 * What is sent about an event: what OpenAI's clients read, and the metadata. job: whose it is;
 * NULL: a test.
 */
void delivery_body(
	struct buf *out, const char *id, const char *type, const struct job *job, int64_t now);

/* The event that tells of a job with this status; NULL: none does. */
const char *delivery_event(const char *status);

/* Is it one that an endpoint can wish for? */
bool delivery_known(const char *type);

/* Does the endpoint want this event, and may it have it? */
bool delivery_wanted(const struct endpoint *to, const char *type);

/* Has its time run out? Not before it was tried. */
bool delivery_late(const struct delivery *d, const struct delivery_rules *rules, int64_t now);

/* It is on its way now. */
void delivery_take(
	struct delivery *d, const struct delivery_rules *rules, int64_t now, const char *token);

/* What became of the try. It is pending still, or over. dice: a random number in [0, 1). */
void delivery_tried(struct delivery *d, const struct delivery_rules *rules, int64_t now,
	double dice, const struct hook_tried *say);

/* Given up, for a reason of ours: a sentence. */
void delivery_give_up(struct delivery *d, int64_t now, const char *why);

bool delivery_over(const struct delivery *d);

/* The pause after so many tries. */
int64_t delivery_pause(const struct delivery_rules *rules, int64_t attempts, double dice);

/* Without what only we may know. */
struct delivery delivery_told(const struct delivery *d);

#endif
