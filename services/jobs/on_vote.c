/*
 * Votes on the two outputs of a job. A vote is a change of its job; until it is over it also stands
 * in a table by the worker that has to cast it, which its bridge asks for. So nothing of it is in
 * memory, and a restart of anything loses none.
 */
#include <string.h>

#include "proto/log.h"
#include "service.h"

#define KEY_MAX   160 /* a worker's id, NUL, a job's id */
#define TAKE_MAX  256 /* votes in one answer */
#define NAMES_MAX 16

/* ---- where it waits ---- */

static size_t expiry_key(const struct job *job, char key[KEY_MAX])
{
	size_t n = strlen(job->worker_id) + 1;

	memcpy(key, job->worker_id, n);
	memcpy(key + n, job->id, strlen(job->id));
	return n + strlen(job->id);
}

static void wait_begins(struct jobs *j, const struct job *job)
{
	char key[KEY_MAX];
	size_t n = expiry_key(job, key);

	store_vote_add(j->store, job->worker_id, job->id);
	store_expiry_add(j->store, job->vote_at + j->conf.vote_keep_ms, EXPIRY_VOTE, key, n);
	j->batch.votes_due = true;
}

static void wait_ends(struct jobs *j, const struct job *job)
{
	char key[KEY_MAX];
	size_t n = expiry_key(job, key);

	store_vote_drop(j->store, job->worker_id, job->id);
	store_expiry_drop(j->store, job->vote_at + j->conf.vote_keep_ms, EXPIRY_VOTE, key, n);
}

/* ---- casting ---- */

static enum err refuse(struct reply *r, enum err e, const char *message)
{
	r->problem.message = message;
	return e;
}

static bool same(const char *a, const char *b)
{
	return a && b && strcmp(a, b) == 0;
}

/* The state of the job does not allow the vote: why. */
static enum err may_vote(struct jobs *j, const struct job *job, struct reply *r)
{
	if (strcmp(job->status, job_status(JOB_COMPLETED)) != 0)
		return refuse(r, ERR_NOT_READY,
			"A vote needs the finished videos. Wait until the status is completed.");
	if (job->n_outputs != 2)
		return refuse(r, ERR_CONFLICT,
			"There is nothing to choose from: a vote needs a job with two videos.");
	if (!job->worker_id || strlen(job->worker_id) + strlen(job->id) + 1 >= KEY_MAX ||
		!roster_has(j->roster, job->worker_id))
		return refuse(r, ERR_NO_WORKER,
			"The worker that made these videos is not connected. Vote again when it "
			"is.");
	return ERR_OK;
}

enum err on_vote_cast(struct jobs *j, const void *rec, struct reply *r)
{
	const struct vote_new *want = rec;
	struct job *job, was;
	enum err e = job_load(j, want->id, &job);

	if (e)
		return e;
	if (!same(want->owner, job->owner) || same(job->status, job_status(JOB_DELETED)))
		return ERR_NOT_FOUND;
	if (!vote_winner_ok(want->winner)) {
		r->problem.param = "winner";
		return ERR_BAD_PARAM;
	}
	if (job->vote_state && !same(job->vote_state, "failed")) {
		if (!same(job->vote_winner, want->winner))
			return refuse(r, ERR_CONFLICT,
				"Another vote was cast on this video already. It cannot be "
				"changed.");
		r->rec = told_job(j, job); /* the same once more */
		return ERR_OK;
	}
	e = may_vote(j, job, r);
	if (e)
		return e;
	was = *job;
	change(j, &was, job, job_vote(job, j->batch.now, want->winner));
	wait_begins(j, job);
	r->rec = told_job(j, job);
	return ERR_OK;
}

/* ---- for the workers ---- */

struct taking {
	struct jobs *j;
	const char *worker;
	struct vote *votes;
	size_t n;
};

static bool take_one(void *arg, const char *id)
{
	struct taking *t = arg;
	struct job *job;

	if (t->n == TAKE_MAX)
		return false;
	if (job_load(t->j, id, &job) == ERR_OK && job_vote_waits(job))
		t->votes[t->n++] = (struct vote){.job = job->id,
			.worker = t->worker,
			.winner = job->vote_winner,
			.upstream_ref = job->upstream_ref};
	return true;
}

enum err on_vote_take(struct jobs *j, const void *rec, struct reply *r)
{
	const struct vote_take *want = rec;
	struct vote_list *told = batch_mem(&j->batch, sizeof *told);
	struct taking t = {.j = j};

	t.votes = batch_mem(&j->batch, TAKE_MAX * sizeof *t.votes);
	for (size_t i = 0; i < want->n_workers; i++) {
		t.worker = want->workers[i];
		if (strlen(t.worker) < KEY_MAX)
			store_vote_walk(j->store, t.worker, take_one, &t);
	}
	told->votes = t.votes;
	told->n_votes = t.n;
	r->rec = told;
	return ERR_OK;
}

static void over(struct jobs *j, struct job *job, const struct vote_done *how)
{
	struct job was = *job;
	struct output *named = batch_mem(&j->batch, (job->n_outputs + 1) * sizeof *named);
	unsigned fx = job_voted(job, how, named);

	if (!fx)
		return;
	wait_ends(j, job);
	change(j, &was, job, fx);
	j->batch.votes_sent += how->ok;
	j->batch.votes_failed += !how->ok;
	log_info("vote_over", LS("id", job->id), LS("state", job->vote_state),
		LS("message", how->message));
}

enum err on_vote_done(struct jobs *j, const void *rec, struct reply *r)
{
	const struct vote_done *say = rec;
	struct job *job;
	enum err e = job_load(j, say->job, &job);

	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e; /* deleted meanwhile */
	if (say->n_names > NAMES_MAX) {
		r->problem.param = "names";
		return ERR_BAD_PARAM;
	}
	if (same(say->worker, job->worker_id))
		over(j, job, say);
	return ERR_OK;
}

void vote_expire(struct jobs *j, const struct expiry *e)
{
	static const struct vote_done late = {
		.message = "The worker that made the videos did not come back in time."};
	const char *id = e->key + strlen(e->key) + 1;
	struct job *job;

	if (strlen(e->key) + 1 >= e->n)
		return;
	store_vote_drop(j->store, e->key, id);
	if (job_load(j, id, &job) == ERR_OK && job_vote_waits(job) &&
		job->vote_at + j->conf.vote_keep_ms <= j->batch.now)
		over(j, job, &late);
}
