#include "jobs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "outbox.h"
#include "proto/buf.h"
#include "proto/clock.h"
#include "proto/log.h"
#include "proto/secret.h"
#include "service.h"

#define SLOTS          256  /* calls in hand at once */
#define REST_MS        1000 /* before timers try again, when their commit has failed */
#define REMOVE_AT_ONCE 16   /* files between two looks at the inbox: a large one takes its time */
#define RETRY_MAX_MS   50000
#define WAIT_MAX_MS    (24LL * 3600 * 1000)

static const struct handler {
	on_fn *fn;
	bool writes;
} handlers[] = {
	[MSG_JOB_CREATE] = {on_job_create, true},
	[MSG_JOB_AGAIN] = {on_job_again, false},
	[MSG_JOB_GET] = {on_job_get, false},
	[MSG_JOB_LIST] = {on_job_list, false},
	[MSG_JOB_CANCEL] = {on_job_cancel, true},
	[MSG_JOB_DELETE] = {on_job_delete, true},
	[MSG_JOB_CHANGES] = {on_job_changes, false},
	[MSG_FILE_CREATE] = {on_file_create, true},
	[MSG_FILE_GET] = {on_file_get, false},
	[MSG_FILE_LIST] = {on_file_list, false},
	[MSG_FILE_DELETE] = {on_file_delete, true},
	[MSG_LEASE_TAKE] = {on_lease_take, true},
	[MSG_LEASE_RENEW] = {on_lease_renew, false},
	[MSG_LEASE_PROGRESS] = {on_lease_progress, true},
	[MSG_LEASE_DONE] = {on_lease_done, true},
	[MSG_LEASE_FAILED] = {on_lease_failed, true},
	[MSG_LEASE_BACK] = {on_lease_back, true},
	[MSG_WORKER_SEEN] = {on_worker_seen, true},
	[MSG_WORKER_LIST] = {on_worker_list, false},
	[MSG_MODEL_LIST] = {on_model_list, false},
	[MSG_ENDPOINT_CREATE] = {on_endpoint_create, true},
	[MSG_ENDPOINT_GET] = {on_endpoint_get, true},
	[MSG_ENDPOINT_LIST] = {on_endpoint_list, false},
	[MSG_ENDPOINT_UPDATE] = {on_endpoint_update, true},
	[MSG_ENDPOINT_DELETE] = {on_endpoint_delete, true},
	[MSG_ENDPOINT_ROTATE] = {on_endpoint_rotate, true},
	[MSG_ENDPOINT_TEST] = {on_endpoint_test, true},
	[MSG_DELIVERY_LIST] = {on_delivery_list, true}, /* `default` may be made by it */
	[MSG_HOOK_TAKE] = {on_hook_take, true},
	[MSG_HOOK_TRIED] = {on_hook_tried, true},
	[MSG_VOTE_CAST] = {on_vote_cast, true},
	[MSG_VOTE_TAKE] = {on_vote_take, false},
	[MSG_VOTE_DONE] = {on_vote_done, true},
	[MSG_WAITING_LIST] = {on_waiting_list, false},
};

static const struct handler *handler(const struct call *c)
{
	size_t type = call_type(c);

	return type < sizeof handlers / sizeof *handlers && handlers[type].fn ? &handlers[type]
									      : NULL;
}

/* An nng thread has a call for us. */
static void on_call(void *arg, struct call *c)
{
	struct jobs *j = arg;

	if (!handler(c))
		call_refuse(c, ERR_UNKNOWN_MESSAGE, NULL);
	else if (!inbox_put(&j->inbox, c))
		call_refuse(c, ERR_UNAVAILABLE, NULL);
}

/* Put the calls that somebody still waits for into the batch. True: one of them writes. */
static bool collect(struct jobs *j, struct call *calls)
{
	int64_t now = mono_us();
	bool writes = false;

	for (struct call *c = calls, *next; c; c = next) {
		next = *call_next(c);
		if (call_deadline_us(c) < now) {
			call_refuse(c, ERR_TIMEOUT, NULL);
			continue;
		}
		batch_reply(&j->batch, c);
		writes |= handler(c)->writes;
	}
	return writes;
}

static enum err act(struct jobs *j, bool write, bool timers)
{
	struct batch *b = &j->batch;
	enum err e = store_begin(j->store, write);

	if (e)
		return e;
	for (size_t i = 0; i < b->n_replies && !store_failed(j->store); i++) {
		struct reply *r = &b->replies[i];

		log_rid(call_rid(r->call));
		r->e = handler(r->call)->fn(j, call_rec(r->call), r);
	}
	log_rid(NULL);
	if (timers && !store_failed(j->store))
		timers_run(j);
	return store_commit(j->store);
}

/* Nothing of this batch has happened; what the memory says is wrong now. */
static void failed(struct jobs *j)
{
	j->stale = true;
	j->rest_until = j->batch.mono + REST_MS;
	j->minute = 0; /* its mark may have been in there */
	roster_save_again(j->roster);
	figures_failed_commit();
	batch_refuse(&j->batch, ERR_STORE);
}

static void happened(struct jobs *j, int64_t commit_us)
{
	struct batch *b = &j->batch;

	figures_batch(j, commit_us);
	buf_add(&j->suspects, b->suspects.p, b->suspects.n);
	batch_answer(b);
	batch_tell(b, j->teller);
}

/* One batch: these calls, and what is due. */
static void run(struct jobs *j, struct call *calls)
{
	bool write, timers;
	int64_t begun;
	enum err e = ERR_OK;

	batch_begin(&j->batch);
	write = collect(j, calls);
	if (j->stale)
		e = state_load(j);
	if (e == ERR_OK) {
		timers_wake(j);
		outbox_wake(j);
		timers = timers_due(j);
		write |= timers;
		begun = mono_us();
		if (j->batch.n_replies || timers)
			e = act(j, write, timers);
		if (e == ERR_OK)
			happened(j, write ? mono_us() - begun : 0);
	}
	if (e != ERR_OK)
		failed(j);
	batch_clear(&j->batch);
	roster_tidy(j->roster);
	sweep_blobs(j, REMOVE_AT_ONCE);
}

static void *jobs_thread(void *arg)
{
	struct jobs *j = arg;
	bool closed = false;

	while (!closed) {
		struct call *calls = inbox_take(&j->inbox, timers_wait_ms(j), &closed);

		run(j, calls);
	}
	return NULL;
}

/* ---- start and stop ---- */

static void load_model(void *arg, const char *id, const char *json, size_t n, int64_t seen_at)
{
	(void)id;
	roster_load(arg, json, n, seen_at);
}

static enum err load(struct jobs *j)
{
	enum err e;

	batch_begin(&j->batch);
	j->stats = stats_new(STATS_MAX);
	j->roster = roster_new(j->conf.worker_ttl_ms);
	e = state_load(j);
	if (e)
		return e;
	e = store_begin(j->store, false);
	if (e)
		return e;
	store_model_walk(j->store, load_model, j->roster);
	figures_start(j);
	e = store_commit(j->store);
	log_info("loaded", LI("queued", (int64_t)queue_waiting(j->queue)),
		LI("in_progress", (int64_t)lease_count(j->leases)));
	return e;
}

static enum err open_all(struct jobs *j, struct secret *secret)
{
	struct buf dir = {0};
	enum err e = secret_load(j->conf.common.data, secret);

	if (!e)
		e = blobs_open(j->conf.common.data, &j->blobs);
	if (!e) {
		buf_addf(&dir, "%s/jobs", j->conf.common.data);
		e = store_open(dir.p, j->conf.map_size, &j->store);
		buf_free(&dir);
	}
	return e ? e : load(j);
}

static void free_all(struct jobs *j)
{
	orphans_stop(j->orphans);
	queue_free(j->queue);
	leases_free(j->leases);
	typical_free(j->typical);
	hooks_free(j->hooks);
	roster_free(j->roster);
	stats_free(j->stats);
	batch_free(&j->batch);
	buf_free(&j->suspects);
	store_close(j->store);
	blobs_close(j->blobs);
}

enum err jobs_start(const struct jobs_conf *conf, struct jobs **ret)
{
	struct jobs *j = xlasting(1, sizeof *j);
	struct secret secret;
	enum err e;

	j->conf = *conf;
	j->rules = (struct job_rules){.max_attempts = conf->max_attempts,
		.retry_base_ms = conf->retry_base_ms,
		.retry_max_ms = RETRY_MAX_MS,
		.wait_max_ms = WAIT_MAX_MS,
		.retention_ms = conf->retention_ms,
		.tombstone_ms = conf->idempotency_keep_ms};
	j->delivery_rules = (struct delivery_rules){.lease_ms = conf->webhook_lease_ms,
		.retry_base_ms = conf->webhook_retry_ms,
		.give_up_ms = conf->webhook_give_up_ms};
	inbox_init(&j->inbox);
	e = open_all(j, &secret);
	if (e)
		goto out;
	j->teller = teller_open(conf->hints_url, secret.wire);
	if (!j->teller) {
		e = ERR_UNAVAILABLE;
		goto out;
	}
	j->orphans =
		orphans_start(j->blobs, &j->inbox, conf->orphans_every_ms, conf->orphan_age_ms);
	if (pthread_create(&j->thread, NULL, jobs_thread, j) != 0)
		abort();
	if (!server_open("jobs", conf->jobs_url, secret.wire, SLOTS, on_call, j)) {
		jobs_stop(j);
		return ERR_UNAVAILABLE;
	}
	*ret = j;
	return ERR_OK;
out:
	free_all(j);
	return e;
}

void jobs_stop(struct jobs *j)
{
	inbox_close(&j->inbox);
	pthread_join(j->thread, NULL);
	free_all(j);
}
