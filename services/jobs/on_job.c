/* The messages about jobs, as their owners send them. */
#include <string.h>

#include "proto/log.h"
#include "proto/metadata.h"
#include "service.h"

static enum err bad(struct reply *r, const char *param)
{
	r->problem.param = param;
	return ERR_BAD_PARAM;
}

static bool fits(const char *s, size_t max)
{
	return s && *s && strlen(s) < max;
}

static bool operation_ok(const char *name)
{
	return strcmp(name, "remix") == 0 || strcmp(name, "edit") == 0 ||
	       strcmp(name, "extend") == 0;
}

static enum err create_check(const struct job_new *want, struct reply *r)
{
	if (!want->id || !id_ok("video_", want->id))
		return bad(r, "id");
	if (!fits(want->owner, OWNER_MAX))
		return bad(r, "owner");
	if (!fits(want->model, MODEL_MAX))
		return bad(r, "model");
	if (!want->prompt || !*want->prompt)
		return bad(r, "prompt");
	if (!idem_key_ok(want->idempotency_key))
		return bad(r, "Idempotency-Key");
	if (!idem_print_ok(want->fingerprint))
		return bad(r, "fingerprint");
	if (want->operation && !operation_ok(want->operation))
		return bad(r, "operation");
	if (!metadata_ok(want->metadata, want->n_metadata))
		return bad(r, "metadata");
	for (size_t i = 0; i < want->n_inputs; i++) {
		if (!want->inputs[i].sha256 || !blob_name_ok(want->inputs[i].sha256))
			return bad(r, "inputs");
	}
	return ERR_OK;
}

static bool deleted(const struct job *job)
{
	return strcmp(job->status, job_status(JOB_DELETED)) == 0;
}

static enum err tell_job(struct jobs *j, const struct job *job, struct reply *r)
{
	r->rec = told_job(j, job);
	return ERR_OK;
}

/* The same request once more? ERR_EMPTY: no, it is new. */
static enum err create_again(struct jobs *j, const struct job_new *want, struct reply *r)
{
	struct job *job;
	char id[ID_MAX];
	enum err e;

	if (store_job_has(j->store, want->id)) {
		e = job_load(j, want->id, &job);
		if (!e && strcmp(job->owner, want->owner) != 0)
			return ERR_CONFLICT;
	} else {
		e = idem_find(
			j, want->owner, want->idempotency_key, want->fingerprint, "video_", id);
		if (!e)
			e = job_load(j, id, &job);
	}
	if (e)
		return e;
	return deleted(job) ? ERR_NOT_FOUND : tell_job(j, job, r);
}

enum err on_job_again(struct jobs *j, const void *rec, struct reply *r)
{
	const struct job_again *want = rec;
	struct job *job;
	char id[ID_MAX];
	enum err e;

	if (!fits(want->owner, OWNER_MAX) || !idem_key_ok(want->idempotency_key))
		return ERR_NOT_FOUND;
	e = idem_find(j, want->owner, want->idempotency_key, want->fingerprint, "video_", id);
	if (!e)
		e = job_load(j, id, &job);
	if (e)
		return e == ERR_EMPTY ? ERR_NOT_FOUND : e;
	return deleted(job) ? ERR_NOT_FOUND : tell_job(j, job, r);
}

static enum err create_room(struct jobs *j, const struct job_new *want, struct reply *r)
{
	size_t waiting = queue_owner_waiting(j->queue, want->owner);

	if (want->max_waiting > 0 && waiting >= (size_t)want->max_waiting) {
		r->problem.message = batch_printf(&j->batch,
			"This key has reached its limit of waiting videos, %zu. Wait until some "
			"are done, or cancel some.",
			waiting);
		return ERR_QUOTA;
	}
	if (queue_waiting(j->queue) >= (size_t)j->conf.max_queued)
		return ERR_QUEUE_FULL;
	for (size_t i = 0; i < want->n_inputs; i++) {
		if (!blob_exists(j->blobs, want->inputs[i].sha256))
			return ERR_BLOB_GONE;
	}
	return ERR_OK;
}

enum err on_job_create(struct jobs *j, const void *rec, struct reply *r)
{
	const struct job_new *want = rec;
	struct job *job;
	enum err e;

	e = create_check(want, r);
	if (e)
		return e;
	e = create_again(j, want, r);
	if (e != ERR_EMPTY)
		return e;
	e = create_room(j, want, r);
	if (e)
		return e;
	job = batch_mem(&j->batch, sizeof *job);
	*job = job_make(want, j->batch.now);
	idem_remember(j, want->owner, want->idempotency_key, want->fingerprint, want->id);
	change(j, NULL, job, FX_CHANGED | FX_QUEUE);
	log_debug(
		"job_created", LS("id", job->id), LS("owner", job->owner), LS("model", job->model));
	return tell_job(j, job, r);
}

/* The owner's own job, or NOT_FOUND. Tombstones are found too. */
static enum err find(struct jobs *j, const struct job_ref *which, struct job **ret)
{
	struct job *job;
	enum err e = job_load(j, which->id, &job);

	if (e)
		return e;
	if (!which->owner || strcmp(job->owner, which->owner) != 0)
		return ERR_NOT_FOUND;
	*ret = job;
	return ERR_OK;
}

enum err on_job_get(struct jobs *j, const void *rec, struct reply *r)
{
	const struct job_ref *which = rec;

	if (!fits(which->owner, OWNER_MAX) || !which->id || !id_ok("video_", which->id) ||
		!store_owned_has(j->store, which->owner, which->id))
		return ERR_NOT_FOUND;
	return tell_stored(j, which->id, &r->json);
}

enum err on_job_cancel(struct jobs *j, const void *rec, struct reply *r)
{
	struct job *job, was;
	enum err e = find(j, rec, &job);

	if (e)
		return e;
	if (deleted(job))
		return ERR_NOT_FOUND;
	was = *job;
	change(j, &was, job, job_cancel(job, &j->rules, j->batch.now));
	return tell_job(j, job, r);
}

enum err on_job_delete(struct jobs *j, const void *rec, struct reply *r)
{
	char rid[RID_HEX];
	const char *by = batch_printf(&j->batch, "%s", rid_hex(call_rid(r->call), rid));
	struct job *job, was;
	enum err e = find(j, rec, &job);

	if (e)
		return e;
	if (deleted(job))
		return job->ended_by && strcmp(job->ended_by, by) == 0 ? ERR_OK : ERR_NOT_FOUND;
	was = *job;
	change(j, &was, job, job_delete(job, &j->rules, j->batch.now, by));
	return ERR_OK;
}
