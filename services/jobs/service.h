/*
 * The inside of the jobs service, shared by its files. Everything here belongs to the jobs thread
 * but for the inbox and the search for orphans.
 */
#ifndef ARENA_JOBS_SERVICE_H
#define ARENA_JOBS_SERVICE_H

#include "batch.h"
#include "delivery.h"
#include "hooks.h"
#include "inbox.h"
#include "job.h"
#include "jobs.h"
#include "lease.h"
#include "orphans.h"
#include "proto/blob.h"
#include "queue.h"
#include "roster.h"
#include "stats.h"
#include "store.h"
#include "typical.h"

struct jobs {
	struct jobs_conf conf;
	struct job_rules rules;
	struct delivery_rules delivery_rules;
	struct inbox inbox;
	pthread_t thread;
	struct teller *teller;
	struct blobs *blobs;
	struct orphans *orphans;

	struct store *store;
	struct queue *queue;   /* of the jobs that are queued in the store */
	struct leases *leases; /* of those in progress there */
	struct hooks *hooks;   /* of the deliveries that are pending there */
	struct typical *typical;
	bool stale; /* but a commit has failed: load these anew first */
	struct roster *roster;
	struct stats *stats;
	struct buf suspects; /* names (BLOB_NAME each) of blobs that may have no reference */
	struct batch batch;  /* the transaction at hand */

	int64_t started;    /* these by the clock that never goes back */
	int64_t rest_until; /* no timer before this: the last ones' commit failed */
	int64_t sweep_at;
	int64_t figures_at;
	int64_t hook_hint_at; /* no other HOOK_READY before this, unless there is a new one */
	int64_t minute;       /* the last one that was marked */
	bool ended;           /* something has, since the figures were worked out */
};

/* handlers: one message each (on_job.c, on_list.c, on_file.c, on_lease.c, on_worker.c, on_vote.c).
 * Refusals change nothing. */
typedef enum err on_fn(struct jobs *j, const void *rec, struct reply *r);
on_fn on_job_create, on_job_again, on_job_get, on_job_cancel, on_job_delete;
on_fn on_job_list, on_job_changes;
on_fn on_file_create, on_file_get, on_file_list, on_file_delete;
on_fn on_lease_take, on_lease_renew, on_lease_progress, on_lease_done, on_lease_failed,
	on_lease_back;
on_fn on_worker_seen, on_worker_list, on_model_list, on_waiting_list;
on_fn on_vote_cast, on_vote_take, on_vote_done;

/* tell.c: a job as its owner is told of it, with what may become of it. */
struct job *told_job(struct jobs *j, const struct job *job); /* lives as long as the batch */
/* Append the stored job; as quick as copying it. NOT_FOUND, INTERNAL, STORE: nothing was added. */
enum err tell_stored(struct jobs *j, const char *id, struct buf *out);

/* on_vote.c: a vote has waited for its worker for too long. */
void vote_expire(struct jobs *j, const struct expiry *e);

/* on_file.c: a file's time has come. */
void file_expire(struct jobs *j, const struct expiry *e);

/*
 * idem.c: the same request once more. One table holds the keys of all that owners make (jobs,
 * files, endpoints), so a key that was used for one is a mismatch for another.
 */
#define IDEM_KEY_MAX (STORE_KEY_MAX - OWNER_MAX)
bool idem_key_ok(const char *key); /* NULL is; so it is to the others */
bool idem_print_ok(const char *fingerprint);
/* The id that this key has led to. EMPTY: none yet; IDEMPOTENCY_MISMATCH: it was used with another
 * request, or for something whose id has not this prefix. */
enum err idem_find(struct jobs *j, const char *owner, const char *key, const char *fingerprint,
	const char *prefix, char ret[ID_MAX]);
void idem_remember(struct jobs *j, const char *owner, const char *key, const char *fingerprint,
	const char *id);
/*
 * For what keeps no tombstone of its own: remember for a while that this call has done away with
 * id. Was it there once? Was it this very call, that is now repeated?
 */
void idem_bury(struct jobs *j, const char *owner, const char *id, const struct call *by);
bool idem_buried(struct jobs *j, const char *owner, const char *id);
bool idem_buried_by(struct jobs *j, const char *owner, const char *id, const struct call *by);

/* change.c: what a change of a job means to the rest of the house. */

/* A job that may be changed; it lives as long as the batch. NOT_FOUND, INTERNAL, STORE. */
enum err job_load(struct jobs *j, const char *id, struct job **ret);
/* Do what the effects say. was: the job before; NULL: it is new. fx 0 does nothing. */
void change(struct jobs *j, const struct job *was, struct job *job, unsigned fx);
/* Something refers to a blob n times more. Who counts down to none may lose it. */
void blob_ref(struct jobs *j, const char *sha256, int64_t n);
/* A job's record goes for good. */
void job_forget(struct jobs *j, const struct job *job);
/* Fill queue, leases, hooks and what is typical from the store. */
enum err state_load(struct jobs *j);

/* timers.c: what has to be done because of the time. */
void timers_wake(struct jobs *j);             /* memory only: before each batch */
bool timers_due(const struct jobs *j);        /* is there something to write? */
void timers_run(struct jobs *j);              /* within a transaction, in small steps */
int64_t timers_wait_ms(const struct jobs *j); /* how long nothing is due */

/* sweep.c: records and files that nobody needs any more. */
void sweep_step(struct jobs *j); /* within a transaction */
void sweep_blobs(struct jobs *j, int max);

/* figures.c: metrics. */
void figures_start(struct jobs *j);  /* within a transaction */
void figures_minute(struct jobs *j); /* within a transaction */
void figures_batch(struct jobs *j, int64_t commit_us);
void figures_lost_lease(void);
void figures_failed_commit(void);

#endif
