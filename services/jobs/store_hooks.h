/* Webhooks in the store: endpoints, and deliveries to them. As store.h, which see. */
#ifndef ARENA_JOBS_STORE_HOOKS_H
#define ARENA_JOBS_STORE_HOOKS_H

#include "hooks.h"
#include "store.h"

/*
 * Endpoints by owner. What is got must be passed to msg_free(). ERR_NOT_FOUND, ERR_INTERNAL (not
 * readable, logged), ERR_STORE.
 */
enum err store_endpoint_get(struct store *s, const char *owner, const char *id, struct msg **ret);
void store_endpoint_put(struct store *s, const struct endpoint *e);
void store_endpoint_drop(struct store *s, const char *owner, const char *id);
/* At most max of the owner's, in the order of their ids; those that cannot be read are left out.
 * Returns how many. */
size_t store_endpoints(struct store *s, const char *owner, struct msg **ret, size_t max);

/* Deliveries, by owner, endpoint and id: those that are pending, and those that are over. */
enum hook_table { HOOK_PENDING, HOOK_OVER };
enum err store_hook_get(
	struct store *s, enum hook_table t, const struct hook_key *key, struct msg **ret);
void store_hook_put(struct store *s, const struct delivery *d);    /* it is pending */
void store_hook_drop(struct store *s, const struct hook_key *key); /* it is not any more */

/* At most max of one endpoint, newest first. Returns how many; each must be passed to msg_free().
 */
size_t store_hooks_newest(struct store *s, enum hook_table t, const char *owner,
	const char *endpoint, struct msg **ret, size_t max);

/* All that are pending. fn must not write. d lives until it returns. */
typedef void store_hook_fn(void *arg, const struct delivery *d);
void store_hooks_pending(struct store *s, store_hook_fn *fn, void *arg);

/* It is over, and is forgotten when it has been for keep_ms. */
void store_hook_over(struct store *s, const struct delivery *d, int64_t keep_ms);

/*
 * Forget those of one endpoint that are over, but for the newest `keep`; a few of them. Returns how
 * many: call again until there are none. keep_ms: as above.
 */
int store_hooks_trim(
	struct store *s, const char *owner, const char *endpoint, size_t keep, int64_t keep_ms);

/* Forget the one that is due: for the sweep, which drops e itself. */
void store_hook_expired(struct store *s, const struct expiry *e);

#endif
