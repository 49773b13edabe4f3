/*
 * Which delivery is tried next: those that are pending, in memory. Pure; one thread owns it; times
 * are arguments, by the wall clock, as that is what is stored.
 *
 * Whoever does not answer must not hold up the others. So owners take turns: the one that was
 * served longest ago is next, with at most HOOKS_OF_OWNER of its deliveries on their way at once.
 * Of these at most HOOKS_OF_LANE are in one lane, and only one when the last one that came back
 * from there had failed. Within that, what is due longest is next. A lane is where deliveries go
 * together: an endpoint, or one host of the jobs' own webhook_urls.
 */
#ifndef ARENA_JOBS_HOOKS_H
#define ARENA_JOBS_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lease.h"
#include "proto/id.h"
#include "queue.h"

#define HOOKS_OF_OWNER 8
#define HOOKS_OF_LANE  4

struct hooks;

/* What one is found by in the store. */
struct hook_key {
	char owner[OWNER_MAX], endpoint[ID_MAX], id[ID_MAX];
};

struct hooks *hooks_new(void);
void hooks_free(struct hooks *h); /* NULL is fine */

/* One more; its id must be new. It waits until `due`. */
void hooks_add(struct hooks *h, const struct hook_key *key, const char *lane, int64_t due);

/* Take the next that is due; it is on its way under this token until `until`. False: none is. */
bool hooks_take(
	struct hooks *h, int64_t now, const char *token, int64_t until, struct hook_key *ret);

/* After a restart: this one is on its way. */
void hooks_leased(struct hooks *h, const char *id, const char *token, int64_t until);

/* At most max of those that are on their way under this token. Returns how many. */
size_t hooks_under(const struct hooks *h, const char *token, struct hook_key *ret, size_t max);

/* A try of it failed: it waits until `due`. */
void hooks_again(struct hooks *h, const char *id, int64_t due);

/* It is not pending any more. worked: it was taken. One that is not there does no harm. */
void hooks_remove(struct hooks *h, const char *id, bool worked);

/* Those that have been on their way too long are due again. */
void hooks_lapse(struct hooks *h, int64_t now);

/* When the next can be taken or lapses; INT64_MAX: never, as it is now. */
int64_t hooks_next(struct hooks *h);

size_t hooks_count(const struct hooks *h);
size_t hooks_of(const struct hooks *h, const char *owner);

/* The owner's oldest that is not on its way. False: there is none. */
bool hooks_oldest(const struct hooks *h, const char *owner, struct hook_key *ret);

#endif
