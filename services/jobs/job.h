/*
 * One job's life: the state table and the events that move a job through it. Pure: no clock, no
 * store, no threads. Times are arguments, in milliseconds since 1970.
 *
 * The functions change a `struct job` (proto/messages.def) and store the pointers they are given:
 * what is passed in must live as long as the job does, which here is one transaction.
 *
 * Each returns the effects that the change has on the rest of the house, or 0 when the job's state
 * does not allow the event: nothing has been changed then.
 */
#ifndef ARENA_JOBS_JOB_H
#define ARENA_JOBS_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/messages.h"

enum job_state {
	JOB_QUEUED,
	JOB_IN_PROGRESS,
	JOB_COMPLETED,
	JOB_FAILED,
	JOB_CANCELLED,
	JOB_DELETED, /* a tombstone: told as a change only */
	JOB_STATES
};

enum job_event {
	EV_TAKE,      /* a worker gets it */
	EV_PROGRESS,  /* the worker says how far it is */
	EV_DONE,      /* the worker has made it */
	EV_RETRY,     /* the try failed, another one may follow */
	EV_FAIL,      /* the try failed, and it was the last */
	EV_BACK,      /* the worker gives it back untried */
	EV_LOSE,      /* the worker is gone, another try may follow */
	EV_LOSE_LAST, /* the worker is gone, and it was the last try */
	EV_TIMEOUT,   /* it took too long from its lease on */
	EV_EXPIRE,    /* it waited too long */
	EV_CANCEL,    /* the owner wants it no more */
	EV_DELETE,    /* the owner wants nothing of it kept */
	EV_VOTE,      /* the owner votes on its outputs, or the vote has got somewhere */
	JOB_EVENTS
};

enum job_effect {
	FX_CHANGED = 1,  /* a new revision: store it, tell JOB_CHANGED */
	FX_QUEUE = 2,    /* it enters the queue */
	FX_UNQUEUE = 4,  /* it leaves the queue */
	FX_LEASE = 8,    /* a worker holds it from now on */
	FX_UNLEASE = 16, /* no worker holds it any more */
	FX_STOP = 32,    /* its worker does not know that yet: tell LEASE_OVER */
	FX_OVER = 64,    /* it has ended, once and for all */
	FX_GONE = 128    /* its files and its place in lists go */
};

struct job_step {
	enum job_state to;
	unsigned effects; /* 0: not allowed */
};

/* The table. */
struct job_step job_step(enum job_state from, enum job_event ev);

/* What the settings say about jobs. */
struct job_rules {
	int64_t max_attempts;
	int64_t retry_base_ms; /* pause after the first failed try, at most; the next ones grow by 5
				*/
	int64_t retry_max_ms;  /* where they stop growing */
	int64_t wait_max_ms;   /* no worker can ask for a longer pause */
	int64_t retention_ms;  /* from the end to the sweep */
	int64_t tombstone_ms;  /* from the deletion to the sweep */
};

const char *job_status(enum job_state state);               /* "in_progress" */
bool job_state(const struct job *job, enum job_state *ret); /* false: no known status */

/* A new job as its maker wants it: queued, revision 1. Borrows from `want`. */
struct job job_make(const struct job_new *want, int64_t now);

/* how: its token, the name of its worker and the worker's id; the last may be NULL. */
unsigned job_take(struct job *job, int64_t now, const struct lease_new *how);

/* 0 also when nothing is new. upstream_ref NULL: as before. */
unsigned job_progress(
	struct job *job, int64_t percent, const char *stage, const char *upstream_ref);

unsigned job_done(
	struct job *job, const struct job_rules *rules, int64_t now, const struct lease_done *how);

/* dice: a random number in [0, 1), for the jitter of the pause. */
unsigned job_fail(struct job *job, const struct job_rules *rules, int64_t now, double dice,
	const struct lease_failed *why);

/* how->reason and how->message are shown as stage and note while the job waits; NULL is fine. */
unsigned job_back(
	struct job *job, const struct job_rules *rules, int64_t now, const struct lease_back *how);
unsigned job_lose(struct job *job, const struct job_rules *rules, int64_t now);
unsigned job_timeout(struct job *job, const struct job_rules *rules, int64_t now);
unsigned job_expire(struct job *job, const struct job_rules *rules, int64_t now);
unsigned job_cancel(struct job *job, const struct job_rules *rules, int64_t now);

/* by: the request id, which makes a repeated delete the same delete. */
unsigned job_delete(struct job *job, const struct job_rules *rules, int64_t now, const char *by);

/*
 * The owner's vote on the two outputs of a completed job: it waits for the worker that made them.
 * And what became of it: `names` tell who made the outputs, in their order. 0 also when there is no
 * vote that waits.
 */
bool vote_winner_ok(const char *winner); /* a, b, tie, both_bad */
unsigned job_vote(struct job *job, int64_t now, const char *winner);
/* named: room for as many outputs as the job has; used when there are names. */
unsigned job_voted(struct job *job, const struct vote_done *how, struct output *named);
bool job_vote_waits(const struct job *job);

/* What is left of a deleted job: nothing that anybody wrote or made. */
void job_bury(struct job *job);

/* Without what only we and the holder of the lease may know. */
struct job job_told(const struct job *job);

/*
 * Does this token still hold the job? LEASE_HELD: yes. LEASE_REPEATED: it did, and ended in just
 * the way `how` (EV_DONE, EV_FAIL or EV_BACK) that is being asked for again. LEASE_STALE: no.
 */
enum lease_right { LEASE_HELD, LEASE_REPEATED, LEASE_STALE };
enum lease_right job_lease_right(const struct job *job, const char *lease, enum job_event how);

/* The pause after so many tries: full jitter below a cap that grows by 5 each time. */
int64_t job_backoff(const struct job_rules *rules, int64_t attempts, double dice);

#endif
