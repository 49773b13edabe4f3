/* The messages about leases, as bridges send them for their workers. */
#include <stdlib.h>
#include <string.h>

#include "proto/log.h"
#include "service.h"

static enum err bad(struct reply *r, const char *param)
{
	r->problem.param = param;
	return ERR_BAD_PARAM;
}

/* The next job that can be read. One that cannot is left out until the next start. */
static enum err take_next(struct jobs *j, const struct lease_new *want, struct job **ret)
{
	char id[ID_MAX];
	const char *owner;
	enum err e;

	while (queue_take(j->queue, want->models, want->n_models, id, &owner)) {
		e = job_load(j, id, ret);
		if (e == ERR_OK || e == ERR_STORE)
			return e;
		log_error("job_unreadable", LS("id", id));
		queue_run_over(j->queue, owner);
	}
	return ERR_EMPTY;
}

enum err on_lease_take(struct jobs *j, const void *rec, struct reply *r)
{
	const struct lease_new *want = rec;
	const struct lease *held;
	struct job *job, was;
	enum err e;

	if (!lease_token_ok(want->lease))
		return bad(r, "lease");
	held = lease_of_token(j->leases, want->lease);
	if (held) { /* the same ask once more */
		e = job_load(j, held->id, &job);
		r->rec = job;
		return e;
	}
	e = take_next(j, want, &job);
	if (e)
		return e;
	was = *job;
	change(j, &was, job, job_take(job, j->batch.now, want));
	log_debug("job_leased", LS("id", job->id), LS("worker", job->worker),
		LI("attempt", job->attempts));
	r->rec = job;
	return ERR_OK;
}

static bool renew(struct jobs *j, const char *id, const char *token)
{
	return id && token && lease_renew(j->leases, id, token, j->batch.mono + j->conf.lease_ms);
}

enum err on_lease_renew(struct jobs *j, const void *rec, struct reply *r)
{
	const struct lease_renew *want = rec;
	struct lease_lost *told = batch_mem(&j->batch, sizeof *told);
	struct lease_ref *lost = batch_mem(&j->batch, (want->n_leases + 1) * sizeof *lost);

	for (size_t i = 0; i < want->n_leases; i++) {
		if (!renew(j, want->leases[i].id, want->leases[i].lease))
			lost[told->n_lost++] = want->leases[i];
	}
	told->lost = lost;
	r->rec = told;
	return ERR_OK;
}

enum err on_lease_progress(struct jobs *j, const void *rec, struct reply *r)
{
	const struct lease_progress *say = rec;
	struct job *job, was;
	enum err e;

	(void)r;
	if (!renew(j, say->id, say->lease))
		return ERR_LEASE_LOST;
	e = job_load(j, say->id, &job);
	if (e)
		return e;
	was = *job;
	change(j, &was, job, job_progress(job, say->progress, say->stage, say->upstream_ref));
	return ERR_OK;
}

/*
 * The job of a lease that is to end. ERR_OK with a job: go on. ERR_OK with NULL: this was done
 * before. ERR_LEASE_LOST also for a job that is not there any more.
 */
static enum err ending(
	struct jobs *j, const char *id, const char *lease, enum job_event how, struct job **ret)
{
	struct job *job;
	enum err e = job_load(j, id, &job);

	if (e)
		return e == ERR_NOT_FOUND ? ERR_LEASE_LOST : e;
	switch (job_lease_right(job, lease, how)) {
	case LEASE_HELD:
		*ret = job;
		return ERR_OK;
	case LEASE_REPEATED:
		*ret = NULL;
		return ERR_OK;
	case LEASE_STALE:
		break;
	}
	return ERR_LEASE_LOST;
}

static bool blob_there(struct jobs *j, const char *sha256)
{
	return !sha256 || (blob_name_ok(sha256) && blob_exists(j->blobs, sha256));
}

enum err on_lease_done(struct jobs *j, const void *rec, struct reply *r)
{
	const struct lease_done *say = rec;
	struct job *job, was;
	enum err e = ending(j, say->id, say->lease, EV_DONE, &job);

	if (e || !job)
		return e;
	if (!say->n_outputs)
		return bad(r, "outputs");
	for (size_t i = 0; i < say->n_outputs; i++) {
		const struct output *o = &say->outputs[i];

		if (!o->sha256)
			return bad(r, "outputs");
		if (!blob_there(j, o->sha256) || !blob_there(j, o->poster) ||
			!blob_there(j, o->sprite))
			return ERR_BLOB_GONE;
	}
	was = *job;
	change(j, &was, job, job_done(job, &j->rules, j->batch.now, say));
	return ERR_OK;
}

static double dice(void)
{
	return arc4random() / 4294967296.0;
}

enum err on_lease_failed(struct jobs *j, const void *rec, struct reply *r)
{
	const struct lease_failed *say = rec;
	struct job *job, was;
	enum err e = ending(j, say->id, say->lease, EV_FAIL, &job);

	(void)r;
	if (e || !job)
		return e;
	was = *job;
	change(j, &was, job, job_fail(job, &j->rules, j->batch.now, dice(), say));
	log_info("try_failed", LS("id", job->id), LI("attempt", was.attempts),
		LS("code", say->code), LS("status", job->status));
	return ERR_OK;
}

enum err on_lease_back(struct jobs *j, const void *rec, struct reply *r)
{
	const struct lease_back *say = rec;
	struct job *job, was;
	enum err e = ending(j, say->id, say->lease, EV_BACK, &job);

	(void)r;
	if (e || !job)
		return e;
	was = *job;
	change(j, &was, job, job_back(job, &j->rules, j->batch.now, say));
	log_info("job_given_back", LS("id", job->id), LS("reason", say->reason),
		LI("not_before", job->not_before));
	return ERR_OK;
}
