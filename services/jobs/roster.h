/*
 * Who is connected, and which models were ever seen. In memory; the jobs thread owns it.
 *
 * A worker is known by its bridge and its id, and forgotten a while after its bridge's last word.
 * Models stay: what can be asked for does not end with a worker's coffee break.
 */
#ifndef ARENA_JOBS_ROSTER_H
#define ARENA_JOBS_ROSTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/messages.h"
#include "typical.h"

struct roster;

struct roster *roster_new(int64_t worker_ttl_ms);
void roster_free(struct roster *r);

/* What is told is copied. mono: the clock that never goes back; now: the wall clock. */
void roster_seen(struct roster *r, const struct worker *w, int64_t mono, int64_t now);

/* Forget workers that nothing was heard of. */
void roster_expire(struct roster *r, int64_t mono);

size_t roster_count(const struct roster *r);
bool roster_has(const struct roster *r, const char *worker); /* by its id, at any bridge */

/*
 * Arrays to be passed to free(). What their elements point to lives until roster_tidy(), also
 * when the roster changes.
 */
struct worker *roster_workers(const struct roster *r, size_t *n);
struct model *roster_models(const struct roster *r, size_t *n);
const char **roster_available(struct roster *r, size_t *n);

/* Who works for a model; nobody for one that is not known. Worked out only when something has
 * changed. */
struct crew roster_crew(struct roster *r, const char *model);

/* Free what has been replaced. */
void roster_tidy(struct roster *r);

/* Models for the store: a loaded one; one that should be saved, and counts as saved from now
 * on (NULL: none); all shall be saved again, as the last save failed. */
void roster_load(struct roster *r, const char *json, size_t n, int64_t seen_at);
const struct model *roster_unsaved(struct roster *r, int64_t *seen_at);
void roster_save_again(struct roster *r);

/* A model that was last seen before a time, or NULL; and away with it. */
const struct model *roster_outdated(const struct roster *r, int64_t before);
void roster_drop(struct roster *r, const char *model);

#endif
