/*
 * What `jobs` keeps on disk, behind one door. Behind this header stands LMDB; nothing above it may
 * know. One thread owns a store and has at most one transaction open.
 *
 * Writing is sticky: a put that fails (disk or map full, a fault) makes every later one in the
 * transaction do nothing, and its store_commit() fail with ERR_STORE. So callers write without
 * asking, and look once, at the end. store_failed() tells before.
 *
 * A failed commit has changed nothing on disk: what the caller has in memory must be loaded anew.
 *
 * How to change a stored record. A job is stored as JSON by its description in
 * proto/messages.def, with its version `v`. Adding a field needs nothing: absent means default. To
 * change the meaning of one, raise `v` in job_make(), and convert older records in job_load()
 * (jobs service, change.c) when they are read; the sweep has removed the last of them after the
 * retention time. Other records in JSON (files, models, webhooks) have no version, so only add
 * fields. To change a table that holds no JSON, give it a new name in store.c, and fill it from the
 * old one in store_open().
 */
#ifndef ARENA_JOBS_STORE_H
#define ARENA_JOBS_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/buf.h"
#include "proto/err.h"
#include "proto/messages.h"
#include "scan.h"

struct store;

#define STORE_KEY_MAX 400 /* owner and idempotency key, or the like, together */

/*
 * Makes the folder. ERR_STORE, with the reason in the log, when it cannot, or when another process
 * or another store of this one has it open.
 */
enum err store_open(const char *dir, int64_t map_size, struct store **ret);
void store_close(struct store *s); /* NULL is fine; no transaction may be open */

enum err store_begin(struct store *s, bool write); /* ERR_STORE */
enum err store_commit(struct store *s);            /* ERR_STORE; over in any case */
void store_abort(struct store *s);
bool store_failed(const struct store *s); /* this transaction is lost */

/* Jobs. Results of get must be passed to msg_free(). ERR_NOT_FOUND, ERR_INTERNAL (not readable,
 * logged), ERR_STORE. */
enum err store_job_get(struct store *s, const char *id, struct msg **ret);
/* The job's record as it is written. Good until the next write. ERR_NOT_FOUND, ERR_STORE. */
enum err store_job_record(struct store *s, const char *id, struct raw *ret);
/*
 * The job's record as it may be told: its text up to what is for jobs alone, without the closing
 * brace. Good until the next write. ERR_NOT_FOUND, ERR_STORE; ERR_EMPTY: it was written by a
 * version that did not mark where to cut.
 */
enum err store_job_text(struct store *s, const char *id, struct raw *ret);
bool store_job_has(struct store *s, const char *id);
void store_job_put(struct store *s, const struct job *job);
void store_job_drop(struct store *s, const char *id);
int64_t store_jobs(struct store *s); /* how many are stored */

/* Walks: fn says whether to go on. It must not write. What it gets lives until it returns. */
typedef bool store_id_fn(void *arg, const char *id);

/* Jobs by owner. Walks from behind `after` (NULL: from the start), oldest first or newest first. */
void store_owned_add(struct store *s, const char *owner, const char *id);
void store_owned_drop(struct store *s, const char *owner, const char *id);
bool store_owned_has(struct store *s, const char *owner, const char *id);
void store_owned_walk(struct store *s, const char *owner, const char *after, bool ascending,
	store_id_fn *fn, void *arg);

/* Jobs that have not ended, oldest first. */
void store_live_add(struct store *s, const char *id);
void store_live_drop(struct store *s, const char *id);
void store_live_walk(struct store *s, store_id_fn *fn, void *arg);

/*
 * Changes of jobs, numbered by one sequence: the number of the newest one; a new number, greater
 * than all before; and, by owner, each job under the number of its newest change.
 */
int64_t store_change_last(struct store *s);
int64_t store_change_next(struct store *s);
void store_change_add(struct store *s, const char *owner, int64_t change, const char *id);
void store_change_drop(struct store *s, const char *owner, int64_t change);
/* From behind `after`, oldest change first. */
typedef bool store_change_fn(void *arg, int64_t change, const char *id);
void store_change_walk(
	struct store *s, const char *owner, int64_t after, store_change_fn *fn, void *arg);

/* Jobs whose vote waits for a worker, by the worker's id; oldest job first. */
void store_vote_add(struct store *s, const char *worker, const char *id);
void store_vote_drop(struct store *s, const char *worker, const char *id);
void store_vote_walk(struct store *s, const char *worker, store_id_fn *fn, void *arg);

/* Files of owners: their records as JSON. What is found is good until the next write. */
typedef bool store_file_fn(void *arg, struct raw json);
void store_file_put(struct store *s, const char *owner, const char *id, const char *json, size_t n);
void store_file_drop(struct store *s, const char *owner, const char *id);
bool store_file_text(struct store *s, const char *owner, const char *id, struct raw *ret);
void store_file_walk(struct store *s, const char *owner, const char *after, bool ascending,
	store_file_fn *fn, void *arg);
int64_t store_files(struct store *s); /* how many are stored, of all owners */

/* What goes at a given time. */
enum expiry_kind {
	EXPIRY_JOB = 'j',
	EXPIRY_IDEM = 'i',
	EXPIRY_FILE = 'f',
	EXPIRY_HOOK = 'h',
	EXPIRY_VOTE = 'v'
};
struct expiry {
	int64_t at;
	enum expiry_kind kind;
	size_t n; /* of the key: a job's id, or owner NUL idempotency key or file */
	char key[STORE_KEY_MAX + 2]; /* and a NUL */
};
void store_expiry_add(
	struct store *s, int64_t at, enum expiry_kind kind, const void *key, size_t n);
void store_expiry_drop(
	struct store *s, int64_t at, enum expiry_kind kind, const void *key, size_t n);
/* The first that is due. False: none. */
bool store_expiry_next(struct store *s, int64_t now, struct expiry *ret);

/* Idempotency keys. Putting one adds its expiry; dropping one is for the sweep. */
struct idem {
	char id[48];           /* the job */
	char fingerprint[129]; /* of the request, cut to this */
};
bool store_idem_get(struct store *s, const char *owner, const char *key, struct idem *ret);
void store_idem_put(struct store *s, const char *owner, const char *key, const struct idem *idem,
	int64_t expires_at);
void store_idem_drop(struct store *s, const struct expiry *e);

/* How often each blob is referred to. Returns the new count. */
int64_t store_ref_add(struct store *s, const char *sha256, int64_t n);
int64_t store_ref_get(struct store *s, const char *sha256);

/* Jobs that ended of late, oldest first. */
typedef void store_end_fn(void *arg, int64_t at, int64_t took_ms, bool ok);
void store_end_add(struct store *s, int64_t at, const char *id, int64_t took_ms, bool ok);
void store_end_walk(struct store *s, int64_t since, store_end_fn *fn, void *arg);

/* Minutes in which the service was up. */
void store_minute_mark(struct store *s, int64_t minute);
int64_t store_minutes_since(struct store *s, int64_t minute); /* marked, from this one on */

/* Remove at most max ends and as many minutes from before a time; how many were removed. */
int64_t store_trim(struct store *s, int64_t before_ms, int64_t max);

/* Models that were seen: their record as JSON. */
typedef void store_model_fn(void *arg, const char *id, const char *json, size_t n, int64_t seen_at);
void store_model_put(struct store *s, const char *id, const char *json, size_t n, int64_t seen_at);
void store_model_drop(struct store *s, const char *id);
void store_model_walk(struct store *s, store_model_fn *fn, void *arg);

/* How long the last tries of each model took, milliseconds, oldest first. */
typedef void store_typical_fn(void *arg, const char *model, const int64_t *ms, size_t n);
void store_typical_put(struct store *s, const char *model, const int64_t *ms, size_t n);
void store_typical_drop(struct store *s, const char *model);
void store_typical_walk(struct store *s, store_typical_fn *fn, void *arg);

/* Numbers that outlive the process; absent: 0. */
int64_t store_number_get(struct store *s, const char *name);
void store_number_put(struct store *s, const char *name, int64_t value);

#endif
