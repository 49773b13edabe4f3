/* From a request's body to jobs: choose the model, see what it makes of it, tell jobs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "catalogue.h"
#include "fit.h"
#include "inputs.h"
#include "proto/log.h"
#include "repeat.h"
#include "request.h"

#define TRIES_MAX 3 /* when the sweep of jobs was faster than we */

static void create_ask(struct request *r);
static void source_ask(struct request *r);
static void start(struct request *r);

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

static void on_created(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	const struct job *j = a->rec;

	if (e == ERR_BLOB_GONE && ++r->tries < TRIES_MAX) {
		start(r); /* its links may be dead by now, its source deleted */
	} else if (e != ERR_OK) {
		undo(r);
		request_fail(r, e, a->problem);
	} else {
		snprintf(r->ids[r->n_ids++], ID_MAX, "%s", j->id);
		if (r->n_ids < (size_t)r->want.n) {
			if (r->n_ids == 1)
				r->first = answer_keep(a);
			create_ask(r);
		} else {
			r->created(r, r->first ? msg_rec(r->first) : j);
		}
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
		.inputs = r->inputs,
		.n_inputs = r->n_inputs,
		.max_running = r->max_running,
		.max_waiting = r->max_waiting,
		.idempotency_key = key_of_next(r, key),
		.fingerprint = r->fingerprint};

	if (!r->fingerprint[0])
		fingerprint(r);
	id_new("video_", r->ids[r->n_ids]);
	ask(r->g->jobs, exchange_rid(r->x), MSG_JOB_CREATE, &job, JOBS_BUDGET_MS, on_created, r);
}

/* ---- the model ---- */

/* A connected model that can do the operation; the source's own if it can. NULL: none. */
static const struct model *offering(
	const struct model_list *list, const char *operation, const char *preferred)
{
	const struct model *found = NULL;

	for (size_t i = 0; i < list->n_available; i++) {
		const struct model *m = catalogue_find(list, list->available[i]);

		if (!m || !model_offers(m, operation))
			continue;
		if (!found || strcmp(m->id, preferred) == 0)
			found = m;
	}
	return found;
}

static bool is_remix(const struct request *r)
{
	return r->operation && strcmp(r->operation, "remix") == 0;
}

/* A remix can be made by any model, as a new video; the others only by those that say so. */
static const struct model *choose(const struct request *r, const struct model_list *list)
{
	const struct job *source = r->source ? msg_rec(r->source) : NULL;
	const char *wanted = body_request(r->body)->model;

	if (source && !wanted[0])
		wanted = source->model;
	if (source && !is_remix(r) && !body_request(r->body)->model[0])
		return offering(list, r->operation, wanted);
	return catalogue_find(list, catalogue_choose(list, models_preferred(r->g->models), wanted));
}

static void refuse_unknown(struct request *r, const struct model_list *list)
{
	const struct job *source = r->source ? msg_rec(r->source) : NULL;
	const char *wanted = body_request(r->body)->model;
	char message[SUGGEST_MAX];

	if (!wanted[0])
		wanted = source ? source->model : models_preferred(r->g->models);
	request_wrong(r, ERR_UNKNOWN_MODEL, "model", catalogue_suggest(list, wanted, message));
}

/* The model is known; is it there, and can it do what is wanted? */
static void with_model(struct request *r, const struct model *m, bool available)
{
	const struct job *source = r->source ? msg_rec(r->source) : NULL;
	struct problem p;
	char message[FIT_MESSAGE];
	enum err e;

	if (r->operation && !is_remix(r) && !(available && model_offers(m, r->operation))) {
		request_wrong(r, ERR_NOT_OFFERED, "model", NULL);
		return;
	}
	snprintf(r->model, sizeof r->model, "%s", m->id);
	r->want = *body_request(r->body);
	r->want.n = r->want.n ? r->want.n : 1;
	if (r->want.fail_fast && !available) {
		request_wrong(r, ERR_NO_WORKER, "model", NULL);
		return;
	}
	r->n_inherited = inputs_inherited(r, m);
	r->with_video = r->operation && model_offers(m, r->operation);
	if (source && !r->want.fps)
		r->want.fps = source->fps;
	e = model_fit(m, source, r->n_inherited, &r->want, &p, message);
	if (e != ERR_OK)
		request_fail(r, e, &p);
	else
		inputs_bring(r, create_ask);
}

/* False: a newer list is needed, which may have what this one has not. */
static bool with_list(struct request *r, const struct model_list *list, bool newest)
{
	const struct model *m;
	bool available;

	if (r->operation && !r->source) {
		if (!is_remix(r) && !offering(list, r->operation, "")) {
			if (newest)
				request_fail(r, ERR_NOT_OFFERED, NULL);
			return newest;
		}
		source_ask(r);
		return true;
	}
	m = choose(r, list);
	available = m && catalogue_available(list, m->id);
	if (!newest && !available &&
		(!m || body_request(r->body)->fail_fast || catalogue_has_aliases(m->id)))
		return false;
	if (m)
		with_model(r, m, available);
	else if (r->operation && !is_remix(r) && !body_request(r->body)->model[0])
		request_fail(r, ERR_NOT_OFFERED, NULL);
	else
		refuse_unknown(r, list);
	return true;
}

static void on_models(void *arg, enum err e, struct model_shot *s)
{
	struct request *r = arg;

	if (e != ERR_OK)
		request_fail(r, e, NULL);
	else
		with_list(r, model_shot_list(s), true);
	model_shot_drop(s);
}

static void with_models(struct request *r)
{
	struct model_shot *s = models_now(r->g->models);

	if (!s || !with_list(r, model_shot_list(s), false))
		models_ask(r->g->models, exchange_rid(r->x), on_models, r);
	model_shot_drop(s);
}

/* ---- the video that is there already ---- */

static void on_source(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	const struct job *source = a->rec;

	if (e == ERR_NOT_FOUND) {
		request_wrong(r, e, is_remix(r) ? NULL : "video", NULL);
	} else if (e != ERR_OK) {
		request_fail(r, e, a->problem);
	} else if (strcmp(source->status, "completed") != 0 || !source->n_outputs) {
		request_wrong(r, ERR_NOT_READY, is_remix(r) ? NULL : "video",
			"The video is not completed; only then can another one be made from it.");
	} else {
		r->source = answer_keep(a);
		with_models(r);
	}
}

static void source_ask(struct request *r)
{
	const char *id = is_remix(r) ? r->arg : body_request(r->body)->source;

	if (!id_ok("video_", id))
		request_wrong(r, ERR_NOT_FOUND, is_remix(r) ? NULL : "video", NULL);
	else
		ask(r->g->jobs, exchange_rid(r->x), MSG_JOB_GET, &(struct job_ref){r->owner, id},
			JOBS_BUDGET_MS, on_source, r);
}

/* ---- the beginning ---- */

static void start(struct request *r)
{
	msg_free(r->source);
	r->source = NULL;
	with_models(r);
}

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
	start(r);
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
