#include <stdlib.h>
#include <string.h>

#include "outbox.h"
#include "proto/buf.h"
#include "proto/log.h"
#include "service.h"

static bool sound(const struct job *job, const char *id)
{
	enum job_state state;

	if (job->id && job->owner && job->model && strcmp(job->id, id) == 0 &&
		strlen(job->owner) < OWNER_MAX && job_state(job, &state) &&
		(state != JOB_IN_PROGRESS || lease_token_ok(job->lease)))
		return true;
	log_error("store_bad_record", LS("id", id));
	return false;
}

enum err job_load(struct jobs *j, const char *id, struct job **ret)
{
	struct msg *m;
	struct job *job;
	enum err e;

	if (!id || !id_ok("video_", id))
		return ERR_NOT_FOUND;
	e = store_job_get(j->store, id, &m);
	if (e)
		return e;
	job = batch_mem(&j->batch, sizeof *job);
	*job = *(const struct job *)batch_keep(&j->batch, m);
	if (!sound(job, id))
		return ERR_INTERNAL;
	job->untold = true; /* the first version did not write it */
	*ret = job;
	return ERR_OK;
}

void blob_ref(struct jobs *j, const char *sha256, int64_t n)
{
	if (sha256 && store_ref_add(j->store, sha256, n) <= 0)
		batch_suspect(&j->batch, sha256);
}

static void refs_inputs(struct jobs *j, const struct job *job, int64_t n)
{
	for (size_t i = 0; i < job->n_inputs; i++)
		blob_ref(j, job->inputs[i].sha256, n);
}

static void refs_outputs(struct jobs *j, const struct job *job, int64_t n)
{
	for (size_t i = 0; i < job->n_outputs; i++) {
		blob_ref(j, job->outputs[i].sha256, n);
		blob_ref(j, job->outputs[i].poster, n);
		blob_ref(j, job->outputs[i].sprite, n);
	}
}

static void enqueue(struct jobs *j, const struct job *job)
{
	struct queue_job q = {.id = job->id,
		.owner = job->owner,
		.model = job->model,
		.since = job->created_at,
		.not_before = job->not_before,
		.max_running = job->max_running};

	queue_add(j->queue, &q, j->batch.now);
}

static void hold(struct jobs *j, const struct job *job)
{
	struct lease l = {.until = j->batch.mono + j->conf.lease_ms};
	int64_t left = job->started_at + j->conf.job_timeout_ms - j->batch.now;

	/* the wall clock may have been set back since the job was leased */
	if (left > j->conf.job_timeout_ms)
		left = j->conf.job_timeout_ms;
	l.give_up = j->batch.mono + left;
	memccpy(l.id, job->id, 0, sizeof l.id);
	memccpy(l.token, job->lease, 0, sizeof l.token);
	lease_add(j->leases, &l);
}

/* What is known now of how long the model takes. */
static void took(struct jobs *j, const struct job *job)
{
	const int64_t *tries;
	size_t n;

	if (job->started_at <= 0 || job->ended_at < job->started_at) /* a clock was set */
		return;
	typical_add(j->typical, job->model, job->ended_at - job->started_at);
	tries = typical_tries(j->typical, job->model, &n);
	store_typical_put(j->store, job->model, tries, n);
}

static void over(struct jobs *j, const struct job *job)
{
	struct end e = {.at = job->ended_at,
		.took_ms = job->ended_at - job->created_at,
		.completed = strcmp(job->status, "completed") == 0,
		.failed = strcmp(job->status, "failed") == 0,
		.videos = (int64_t)job->n_outputs};

	store_live_drop(j->store, job->id);
	batch_ended(&j->batch, &e);
	if (e.completed || e.failed)
		store_end_add(j->store, e.at, job->id, e.took_ms, e.completed);
	if (e.completed) {
		refs_outputs(j, job, 1);
		took(j, job);
		store_number_put(
			j->store, "videos", store_number_get(j->store, "videos") + e.videos);
	}
	outbox_job_over(j, job);
	log_info("job_ended", LS("id", job->id), LS("status", job->status),
		LI("took_ms", e.took_ms), LI("attempts", job->attempts),
		LS("code", job->error_code));
}

static void expiry(struct jobs *j, const struct job *was, const struct job *job)
{
	size_t n = strlen(job->id);

	if (was && was->expires_at == job->expires_at)
		return;
	if (was && was->expires_at)
		store_expiry_drop(j->store, was->expires_at, EXPIRY_JOB, job->id, n);
	if (job->expires_at)
		store_expiry_add(j->store, job->expires_at, EXPIRY_JOB, job->id, n);
}

/* Each job is in the list of changes once, with its newest one. */
static void number(struct jobs *j, const struct job *was, struct job *job)
{
	if (was && was->change)
		store_change_drop(j->store, was->owner, was->change);
	job->change = store_change_next(j->store);
	store_change_add(j->store, job->owner, job->change, job->id);
}

void change(struct jobs *j, const struct job *was, struct job *job, unsigned fx)
{
	if (!fx)
		return;
	if (!was) {
		store_owned_add(j->store, job->owner, job->id);
		store_live_add(j->store, job->id);
		refs_inputs(j, job, 1);
		j->batch.created++;
	}
	if (fx & FX_UNQUEUE) /* a taken job has left already */
		queue_remove(j->queue, job->id);
	if (fx & FX_UNLEASE) {
		lease_remove(j->leases, job->id);
		queue_run_over(j->queue, job->owner);
	}
	if (fx & FX_QUEUE)
		enqueue(j, job);
	if (fx & FX_LEASE)
		hold(j, job);
	if (fx & FX_STOP)
		batch_lease_over(&j->batch, job->id);
	if (fx & FX_OVER)
		over(j, job);
	if (fx & FX_GONE) {
		if (job_vote_waits(job))
			store_vote_drop(j->store, job->worker_id, job->id);
		store_owned_drop(j->store, job->owner, job->id);
		refs_inputs(j, job, -1);
		refs_outputs(j, job, -1);
		job_bury(job);
	}
	expiry(j, was, job);
	number(j, was, job);
	store_job_put(j->store, job);
	batch_changed(&j->batch, job);
}

void job_forget(struct jobs *j, const struct job *job)
{
	if (strcmp(job->status, job_status(JOB_DELETED)) != 0) { /* else it was done then */
		store_owned_drop(j->store, job->owner, job->id);
		refs_inputs(j, job, -1);
		refs_outputs(j, job, -1);
	}
	if (job->change)
		store_change_drop(j->store, job->owner, job->change);
	store_job_drop(j->store, job->id);
}

static bool load_one(void *arg, const char *id)
{
	struct jobs *j = arg;
	struct msg *m;
	const struct job *job;
	enum job_state state;

	/* what cannot be read must not keep the others from being served: it is logged */
	if (store_job_get(j->store, id, &m) != ERR_OK)
		return !store_failed(j->store);
	job = msg_rec(m);
	if (sound(job, id) && job_state(job, &state)) {
		if (state == JOB_QUEUED) {
			enqueue(j, job);
		} else if (state == JOB_IN_PROGRESS) {
			queue_runs(j->queue, job->owner, job->max_running);
			hold(j, job);
		}
	}
	msg_free(m);
	return true;
}

static void on_ready(void *arg, const char *model)
{
	struct jobs *j = arg;

	batch_ready(&j->batch, model);
}

static void load_typical(void *arg, const char *model, const int64_t *ms, size_t n)
{
	struct jobs *j = arg;

	for (size_t i = 0; i < n; i++)
		typical_add(j->typical, model, ms[i]);
}

enum err state_load(struct jobs *j)
{
	enum err e;

	queue_free(j->queue);
	leases_free(j->leases);
	typical_free(j->typical);
	j->queue = queue_new(on_ready, j);
	j->leases = leases_new();
	j->typical = typical_new();
	e = store_begin(j->store, false);
	if (e)
		return e;
	store_live_walk(j->store, load_one, j);
	store_typical_walk(j->store, load_typical, j);
	outbox_load(j);
	e = store_commit(j->store);
	if (e == ERR_OK)
		j->stale = false;
	return e;
}
