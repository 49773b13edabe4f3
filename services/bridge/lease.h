/*
 * The leases that are held for workers: from `job` to `done`. The loop's thread owns them.
 *
 *   OFFERED --any word about it--> HELD --result, failed, release--> ENDING --answer of jobs-->
 * gone |  not accepted in time: given back any of them --jobs says that it is over--> OVER
 * --stopped, or a while--> gone
 *
 * A lease whose worker goes away is let go of (jobs waits for it to come back), but for one that
 * is ENDING: what came before the connection broke is finished.
 */
#ifndef ARENA_BRIDGE_LEASE_H
#define ARENA_BRIDGE_LEASE_H

#include <uthash.h>

#include "services/bridge/link.h"

enum lease_state { LEASE_OFFERED, LEASE_HELD, LEASE_ENDING, LEASE_OVER, LEASE_GONE };

struct upload;
struct intake;
struct ending;
struct progress;

struct lease {
	struct bridge *b;
	int refs;
	enum lease_state state;
	char job[ID_MAX], token[33];
	struct link *worker;    /* NULL: away */
	struct msg *msg;        /* owns rec */
	const struct job *rec;  /* NULL: resumed, and jobs did not tell */
	int64_t until_ms;       /* OFFERED: to be accepted; OVER: to be stopped */
	struct upload *uploads; /* list */
	struct intake *intake;  /* the result on its way */
	struct ending *ending;  /* failed or release on its way */
	bool reporting;         /* jobs is being told how it ended: only that answer counts now */

	struct progress *progress; /* NULL: none yet */
	struct lease *prev, *next; /* of the worker's */
	UT_hash_handle hh;         /* by token */
};

/* A new lease of w. msg (may be NULL) is taken over; its record is the job. */
struct lease *lease_new(struct link *w, const char *job, const char *token, enum lease_state state,
	struct msg *msg);

/* The lease that a frame names, when w holds it; else NULL. */
struct lease *lease_find(const struct link *w, const struct frame_ref *ref);
struct lease *lease_by_token(struct bridge *b, const char *job, const char *token);

/*
 * w named it in hello, and jobs says that it holds. Takes msg over (may be NULL). False: another
 * worker has it, or it is over here.
 */
bool lease_resume(struct link *w, const struct frame_ref *ref, struct msg *msg);

void lease_accepted(struct lease *l);
void lease_stopped(struct lease *l);

/* Jobs says that it is over: tell the worker why. */
void lease_lost(struct lease *l);

/* It ended: say how to the worker, forget it, and fill its slot. */
void lease_done(struct lease *l, const char *status);

/* Its worker gave it back: it is told, and not asked first to take it again. */
void lease_given_up(struct lease *l);

/* The same without a word. */
void lease_forget(struct lease *l);

/* Give a job back untried that nobody here holds (any more). */
void lease_give_back(struct bridge *b, const char *job, const char *token, const char *reason);

/* w is sent away for good: what it has is for others, at once. Before leases_leave(). */
void leases_take_back(struct link *w, const char *reason);

/* w goes away: keep what is ENDING, let go of the rest. */
void leases_leave(struct link *w);

/* Tell jobs that all of them are alive. */
void leases_renew(void *bridge);

/* Jobs hinted that the lease of this job is over. */
void lease_over_hint(struct bridge *b, const char *job);

void leases_tick(struct bridge *b, int64_t now);

/* What is left when the bridge stops. */
void leases_clear(struct bridge *b);

struct lease *lease_hold(struct lease *l);
void lease_put(struct lease *l);

#endif
