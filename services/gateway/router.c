/* OpenRouter's videos under /api/v1, over the same jobs as /v1: for its SDK and the AI SDK's. */
#include "handlers.h"
#include "request.h"
#include "router_json.h"

static void answer_job(struct request *r, int status, const struct job *j)
{
	struct links l = request_links(r);
	struct buf json = {0};

	answer_poll_after(r->x, j);
	router_video(&json, j, &l);
	request_json(r, status, &json);
}

static void created(struct request *r, const struct job *j)
{
	answer_job(r, 202, j);
}

void router_create(struct request *r)
{
	request_create_one(r, created);
}

static void on_job(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;

	if (request_ok(r, e, a))
		answer_job(r, 200, a->rec);
}

void router_get(struct request *r)
{
	request_ask_job(r, MSG_JOB_GET, on_job);
}
