/* From a request's body to a job: choose and check the model, store the image, tell jobs. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "proto/log.h"
#include "request.h"
#include "stats.h"

#define TRIES_MAX           3 /* when the sweep of jobs was faster than we */
#define IDEMPOTENCY_KEY_MAX 255

static void create_ask(struct request *r);

/* ---- the image ---- */

static void store_again(void *arg)
{
	struct request *r = arg;
	enum err e = body_store_again(r->body);

	if (e != ERR_OK)
		request_fail(r, e, NULL);
	else
		create_ask(r);
}

static void store(void *arg)
{
	struct request *r = arg;
	enum err e = body_store(r->body);

	if (e != ERR_OK) {
		request_fail(r, e, body_problem(r->body));
		return;
	}
	r->want.images[0] = body_request(r->body)->images[0];
	stats_upload(r->want.images[0].stored.size);
	create_ask(r);
}

static void in_task(struct request *r, void (*fn)(void *arg))
{
	if (!task_run(r->g->tasks, fn, r))
		request_fail(r, ERR_OVERLOADED, NULL);
}

/* ---- the ask ---- */

static void hash_str(crypto_generichash_state *h, const char *s)
{
	crypto_generichash_update(h, (const unsigned char *)s, strlen(s) + 1);
}

/* Of what was asked for, not of what it became: a default may change between two tries. */
static void fingerprint(struct request *r)
{
	const struct video_request *asked = body_request(r->body);
	crypto_generichash_state h;
	unsigned char sum[32];
	char figures[128];

	crypto_generichash_init(&h, NULL, 0, sizeof sum);
	hash_str(&h, r->route->name);
	hash_str(&h, asked->model);
	hash_str(&h, asked->prompt);
	snprintf(figures, sizeof figures,
		"%" PRId64 " %" PRId64 "x%" PRId64 " %" PRId64 " %" PRId64, asked->seconds,
		asked->width, asked->height, asked->seed, asked->n);
	hash_str(&h, figures);
	hash_str(&h, asked->n_images ? asked->images[0].stored.sha256 : "");
	crypto_generichash_final(&h, sum, sizeof sum);
	sodium_bin2hex(r->fingerprint, sizeof r->fingerprint, sum, sizeof sum);
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
	if (exchange_header(r->x, "Idempotency-Key"))
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
		in_task(r, store_again);
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
static const char *key_of_next(const struct request *r, char out[IDEMPOTENCY_KEY_MAX + 8])
{
	const char *key = exchange_header(r->x, "Idempotency-Key");

	if (!key || r->n_ids == 0)
		return key;
	snprintf(out, IDEMPOTENCY_KEY_MAX + 8, "%s\n%zu", key, r->n_ids);
	return out;
}

static void create_ask(struct request *r)
{
	const struct video_request *want = &r->want;
	char key[IDEMPOTENCY_KEY_MAX + 8];
	struct job_new job = {.id = r->ids[r->n_ids],
		.owner = r->owner,
		.model = r->model,
		.prompt = want->prompt,
		.seconds = want->seconds,
		.width = want->width,
		.height = want->height,
		.seed = want->seed,
		.inputs = want->n_images ? &want->images[0].stored : NULL,
		.n_inputs = want->n_images,
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

/* False: this list does not have the model that is wanted. */
static bool with_list(struct request *r, const struct model_list *list)
{
	const char *id =
		model_choose(list, models_preferred(r->g->models), body_request(r->body)->model);
	const struct model *m = model_find(list, id);
	struct problem p;
	char message[240];
	enum err e;

	if (!m)
		return false;
	snprintf(r->model, sizeof r->model, "%s", m->id);
	r->want = *body_request(r->body);
	r->want.n = r->want.n ? r->want.n : 1;
	e = model_check(m, &r->want, &p, message);
	if (e != ERR_OK)
		request_fail(r, e, &p);
	else if (r->want.n_images)
		in_task(r, store);
	else
		create_ask(r);
	return true;
}

static void on_models(void *arg, enum err e, struct model_shot *s)
{
	struct request *r = arg;

	if (e != ERR_OK)
		request_fail(r, e, NULL);
	else if (!with_list(r, model_shot_list(s)))
		request_wrong(r, ERR_UNKNOWN_MODEL, "model", NULL);
	model_shot_drop(s);
}

static bool idempotency_key_ok(const char *key)
{
	if (!key)
		return true;
	for (const char *p = key; *p; p++)
		if (*p < 0x20 || *p > 0x7e)
			return false;
	return key[0] && strlen(key) <= IDEMPOTENCY_KEY_MAX;
}

void request_create(struct request *r, void (*fn)(struct request *r, const struct job *j))
{
	struct model_shot *s;

	if (!idempotency_key_ok(exchange_header(r->x, "Idempotency-Key"))) {
		request_wrong(r, ERR_BAD_PARAM, "Idempotency-Key",
			"Idempotency-Key must be 1 to 255 printable ASCII characters.");
		return;
	}
	r->created = fn;
	s = models_now(r->g->models);
	if (!s || !with_list(r, model_shot_list(s)))
		models_ask(r->g->models, exchange_rid(r->x), on_models, r);
	model_shot_drop(s);
}

void request_create_one(struct request *r, void (*fn)(struct request *r, const struct job *j))
{
	if (body_request(r->body)->n > 1)
		request_wrong(r, ERR_BAD_PARAM, "n",
			"One video is made here. POST /v1/videos/generations makes several.");
	else
		request_create(r, fn);
}
