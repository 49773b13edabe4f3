/*
 * Who has what: the leases, in memory. Pure; one thread owns it; times are arguments (of a clock
 * that never goes back: a lease must not end because somebody set the wall clock).
 *
 * The token is the fence: it is stored with the job, and who comes with another one has lost it.
 * Deadlines are here only: renewing costs no write, and after a restart each lease gets a whole
 * new period.
 */
#ifndef ARENA_JOBS_LEASE_H
#define ARENA_JOBS_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/id.h"

#define LEASE_TOKEN 33 /* 32 hex digits and a NUL */

struct leases;

struct lease {
	char id[ID_MAX]; /* the job */
	char token[LEASE_TOKEN];
	int64_t until;   /* unless renewed */
	int64_t give_up; /* however often renewed */
};

bool lease_token_ok(const char *token); /* 32 lower-case hex digits? NULL is not */

struct leases *leases_new(void);
void leases_free(struct leases *t);

/* Neither job nor token may have a lease already. */
void lease_add(struct leases *t, const struct lease *lease);
bool lease_remove(struct leases *t, const char *id); /* was there one? */

/* NULL: none. Valid until the next change. */
const struct lease *lease_of_job(const struct leases *t, const char *id);
const struct lease *lease_of_token(const struct leases *t, const char *token);
const struct lease *lease_next(const struct leases *t); /* the one that ends first */

int64_t lease_end(const struct lease *l); /* until or give_up, whichever comes first */

/* False: this token does not hold this job. */
bool lease_renew(struct leases *t, const char *id, const char *token, int64_t until);

size_t lease_count(const struct leases *t);

#endif
