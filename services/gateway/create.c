/* From a request's body to jobs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "choose.h"
#include "proto/log.h"
#include "repeat.h"
#include "request.h"

#define TRIES_MAX 3 /* when the sweep of jobs was faster than we */

static void create_ask(struct request *r);
static void again_ask(struct request *r);

/* ---- the ask ---- */

/*
 * Of what was asked for, and where, not of what it became: a default may change between two tries.
 * An image counts by its bytes when they came along, else by its name.
 */
static void fingerprint(struct request *r)
{
	const struct video_request *w = body_request(r->body);
	const int64_t figures[] = {w->seconds, w->width, w->height, w->aspect_width,
		w->aspect_height, w->resolution, w->fps, w->seed, w->n, w->timeout_ms, w->async,
		w->stream, w->stream_usage, w->fail_fast, w->format, (int64_t)w->n_images};
	const char *const texts[] = {
		w->model, w->prompt, w->negative_prompt, w->source, w->webhook_url};
	struct print p;

	print_begin(&p, r);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		print_text(&p, texts[i]);
	for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
		print_int(&p, figures[i]);
	for (size_t i = 0; i < w->n_images; i++) {
		print_text(&p, w->images[i].sent ? w->images[i].stored.sha256 : NULL);
		print_text(&p, w->images[i].url);
		print_text(&p, w->images[i].file_id);
	}
	for (size_t i = 0; i < w->n_metadata; i++) {
		print_text(&p, w->metadata[i].key);
		print_text(&p, w->metadata[i].value);
	}
	print_end(&p, r->fingerprint);
}

static void on_undone(void *arg, enum err e, const struct answer *a)
{
	(void)a;
	(void)arg;
	if (e != ERR_OK)
		log_warn("undo_failed", LS("error", err_name(e)));
}

/*
 * Not all could be made. Who sent an Idempotency-Key asks again and gets those that were; nobody
 * else will ever ask for them.
 */
static void undo(struct request *r)
{
	if (repeat_key(r))
		return;
	for (size_t i = 0; i < r->n_ids; i++)
		ask(r->g->jobs, exchange_rid(r->x), MSG_JOB_DELETE,
			&(struct job_ref){r->owner, r->ids[i]}, JOBS_BUDGET_MS, on_undone, NULL);
}

/* One of the jobs is there, new or old. False: it was the last one, and the request has gone on. */
static bool add_job(struct request *r, const struct answer *a)
{
	const struct job *j = a->rec;

	snprintf(r->ids[r->n_ids++], ID_MAX, "%s", j->id);
	if (r->n_ids < (size_t)r->want.n) {
		if (r->n_ids == 1)
			r->first = answer_keep(a);
		return true;
	}
	r->created(r, r->first ? msg_rec(r->first) : j);
	return false;
}

static void on_created(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;

	if (e == ERR_BLOB_GONE && ++r->tries < TRIES_MAX) {
		/* its links may be dead by now, its source deleted */
		choose(r, create_ask);
	} else if (e != ERR_OK) {
		undo(r);
		request_fail(r, e, a->problem);
	} else if (add_job(r, a)) {
		create_ask(r);
	}
}

/*
 * The client's key for its first job. Those that follow have the key and something behind it that
 * no header can hold. NULL: it sent none.
 */
static const char *key_of_next(const struct request *r, char out[REPEAT_KEY_MAX + 8])
{
	const char *key = repeat_key(r);

	if (!key || r->n_ids == 0)
		return key;
	snprintf(out, REPEAT_KEY_MAX + 8, "%s\n%zu", key, r->n_ids);
	return out;
}

static void create_ask(struct request *r)
{
	const struct video_request *want = &r->want;
	int64_t to_come = want->n > 0 ? want->n - 1 - (int64_t)r->n_ids : 0;
	char key[REPEAT_KEY_MAX + 8];
	struct job_new job = {.id = r->ids[r->n_ids],
		.owner = r->owner,
		.model = r->model,
		.prompt = want->prompt,
		.seconds = want->seconds,
		.width = want->width,
		.height = want->height,
		.seed = want->seed,
		.fps = want->fps,
		.negative_prompt = want->negative_prompt,
		.operation = r->operation,
		.source = r->source ? ((const struct job *)msg_rec(r->source))->id : NULL,
		.ignored = want->ignored,
		.n_ignored = want->n_ignored,
		.webhook_url = want->webhook_url,
		.metadata = want->metadata,
		.n_metadata = want->n_metadata,
		.inputs = r->inputs,
		.n_inputs = r->n_inputs,
		.max_running = r->max_running,
		.max_waiting = r->max_waiting ? r->max_waiting - to_come : 0,
		.idempotency_key = key_of_next(r, key),
		.fingerprint = r->fingerprint};

	/* Room for those that follow, too: not half of what was asked for. */
	if (r->max_waiting && job.max_waiting <= 0) {
		request_fail(r, ERR_QUOTA, NULL);
		return;
	}
	if (!r->fingerprint[0])
		fingerprint(r);
	id_new("video_", r->ids[r->n_ids]);
	ask(r->g->jobs, exchange_rid(r->x), MSG_JOB_CREATE, &job, JOBS_BUDGET_MS, on_created, r);
}

/* ---- the same request once more ---- */

static void on_again(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;

	if (e == ERR_IDEMPOTENCY_MISMATCH) {
		request_fail(r, e, a->problem);
	} else if (e != ERR_OK) {
		choose(r, create_ask); /* it is new, or was not made to the end */
	} else {
		snprintf(r->model, sizeof r->model, "%s", ((const struct job *)a->rec)->model);
		if (add_job(r, a))
			again_ask(r);
	}
}

/*
 * Is there a job under the client's key already? Then nothing else of the request matters: its
 * model may have gone since, its links be dead, its source be deleted. Images that came with it
 * are part of its fingerprint, and not looked at yet: then JOB_CREATE tells.
 */
static void again_ask(struct request *r)
{
	char key[REPEAT_KEY_MAX + 8];
	struct job_again again = {r->owner, key_of_next(r, key), r->fingerprint};
	bool sent = false;

	for (size_t i = 0; i < r->want.n_images; i++)
		sent |= r->want.images[i].sent;
	if (!again.idempotency_key || sent) {
		choose(r, create_ask);
		return;
	}
	if (!r->fingerprint[0])
		fingerprint(r);
	ask(r->g->jobs, exchange_rid(r->x), MSG_JOB_AGAIN, &again, JOBS_BUDGET_MS, on_again, r);
}

/* ---- the beginning ---- */

static void refuse_several(struct request *r)
{
	request_wrong(r, ERR_BAD_PARAM, "n",
		"One video is made here. POST /v1/videos/generations makes several.");
}

void request_derive(struct request *r, const char *operation,
	void (*fn)(struct request *r, const struct job *j))
{
	if (!repeat_key_ok(r))
		return;
	if (operation && body_request(r->body)->n > 1) {
		refuse_several(r);
		return;
	}
	r->operation = operation;
	r->created = fn;
	r->want = *body_request(r->body);
	r->want.n = r->want.n ? r->want.n : 1;
	again_ask(r);
}

void request_create(struct request *r, void (*fn)(struct request *r, const struct job *j))
{
	request_derive(r, NULL, fn);
}

void request_create_one(struct request *r, void (*fn)(struct request *r, const struct job *j))
{
	if (body_request(r->body)->n > 1)
		refuse_several(r);
	else
		request_create(r, fn);
}
