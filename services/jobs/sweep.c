#include <string.h>

#include "proto/log.h"
#include "service.h"
#include "store_hooks.h"

#define STEP          64 /* records per transaction, so calls need not wait long */
#define KEEP_ENDS_MS  STATS_WINDOW_MS
#define KEEP_MODEL_MS (30LL * 24 * 3600 * 1000)

static void sweep_job(struct jobs *j, const struct expiry *e)
{
	struct job *job;

	switch (job_load(j, e->key, &job)) {
	case ERR_OK:
		if (job->expires_at <= j->batch.now)
			job_forget(j, job);
		break;
	case ERR_INTERNAL: /* not readable: gone with it */
		store_job_drop(j->store, e->key);
		break;
	default:
		break;
	}
}

/* One record that is due; false: none is. */
static bool sweep_one(struct jobs *j)
{
	struct expiry e;

	if (!store_expiry_next(j->store, j->batch.now, &e))
		return false;
	if (e.kind == EXPIRY_JOB)
		sweep_job(j, &e);
	else if (e.kind == EXPIRY_FILE)
		file_expire(j, &e);
	else if (e.kind == EXPIRY_HOOK)
		store_hook_expired(j->store, &e);
	else if (e.kind == EXPIRY_VOTE)
		vote_expire(j, &e);
	else if (e.kind == EXPIRY_IDEM)
		store_idem_drop(j->store, &e);
	store_expiry_drop(j->store, e.at, e.kind, e.key, e.n);
	return true;
}

static void sweep_models(struct jobs *j)
{
	const struct model *m;

	while ((m = roster_outdated(j->roster, j->batch.now - KEEP_MODEL_MS))) {
		store_model_drop(j->store, m->id);
		store_typical_drop(j->store, m->id);
		typical_drop(j->typical, m->id);
		roster_drop(j->roster, m->id);
	}
}

void sweep_step(struct jobs *j)
{
	int n = 0;

	while (n < STEP && !store_failed(j->store) && sweep_one(j))
		n++;
	n += (int)store_trim(j->store, j->batch.now - KEEP_ENDS_MS, STEP);
	roster_expire(j->roster, j->batch.mono);
	sweep_models(j);
	if (n < STEP)
		j->sweep_at = j->batch.mono + j->conf.sweep_every_ms;
	if (n)
		log_debug("swept", LI("records", n));
}

void sweep_blobs(struct jobs *j, int max)
{
	char name[BLOB_NAME];
	int removed = 0;

	if (!j->suspects.n)
		orphans_take(j->orphans, &j->suspects);
	if (!j->suspects.n || store_begin(j->store, false) != ERR_OK)
		return;
	while (j->suspects.n && removed < max) {
		j->suspects.n -= BLOB_NAME;
		memcpy(name, j->suspects.p + j->suspects.n, BLOB_NAME);
		if (store_ref_get(j->store, name) == 0 && !store_failed(j->store) &&
			blob_remove(j->blobs, name))
			removed++;
	}
	if (removed)
		log_debug("files_removed", LI("files", removed));
	store_commit(j->store);
}
