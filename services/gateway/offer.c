/* What can be asked for: the routes that tell of models. */
#include <string.h>

#include "handlers.h"
#include "model_json.h"
#include "request.h"
#include "router_json.h"

/* Answers with what the list says, and resumes. */
typedef void tell_fn(struct request *r, const struct model_list *list);

static void on_list(void *arg, enum err e, struct model_shot *s)
{
	struct request *r = arg;

	if (e != ERR_OK)
		request_fail(r, e, NULL);
	else
		r->tell_models(r, model_shot_list(s));
	model_shot_drop(s);
}

static void with_list(struct request *r, tell_fn *fn)
{
	struct model_shot *s = models_now(r->g->models);

	r->tell_models = fn;
	if (s)
		fn(r, model_shot_list(s));
	else
		models_ask(r->g->models, exchange_rid(r->x), on_list, r);
	model_shot_drop(s);
}

static void tell_all(struct request *r, const struct model_list *list)
{
	struct buf json = {0};

	model_json_list(&json, list);
	request_json(r, 200, &json);
}

/* Its name may have slashes. */
static void tell_one(struct request *r, const struct model_list *list)
{
	const char *id = exchange_path(r->x) + strlen("/v1/models/");
	struct catalogue_entry e;
	struct buf json = {0};

	if (!catalogue_get(list, id, &e)) {
		request_fail(r, ERR_NO_MODEL, NULL);
		return;
	}
	model_json(&json, &e);
	request_json(r, 200, &json);
}

static void tell_router(struct request *r, const struct model_list *list)
{
	struct buf json = {0};

	router_models(&json, list);
	request_json(r, 200, &json);
}

void models_list(struct request *r)
{
	with_list(r, tell_all);
}

void model_get(struct request *r)
{
	with_list(r, tell_one);
}

void router_models_list(struct request *r)
{
	with_list(r, tell_router);
}
