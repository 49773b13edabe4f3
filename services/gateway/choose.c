#include "choose.h"

#include <stdio.h>
#include <string.h>

#include "catalogue.h"
#include "fit.h"
#include "inputs.h"

static void source_ask(struct request *r);

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
static const struct model *choose_model(const struct request *r, const struct model_list *list)
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
	e = model_fit(m, source, r->n_inherited, &r->want, &p, message);
	if (e != ERR_OK) {
		request_fail(r, e, &p);
		return;
	}
	if (source && !r->want.fps)
		r->want.fps = source->fps; /* not asked for: so it is not said to be ignored */
	inputs_bring(r, r->chosen);
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
	m = choose_model(r, list);
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

void choose(struct request *r, void (*then)(struct request *r))
{
	msg_free(r->source);
	r->source = NULL;
	r->chosen = then;
	with_models(r);
}
