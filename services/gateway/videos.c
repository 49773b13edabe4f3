/* Making, listing, reading, cancelling and deleting jobs. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "handlers.h"
#include "request.h"

static void answer_job(struct request *r, int status, const struct job *j)
{
	struct links l = request_links(r);
	struct buf json = {0};

	openai_video(&json, j, &l);
	request_json(r, status, &json);
}

static void on_job(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;

	if (e != ERR_OK)
		request_fail(r, e, a->problem);
	else
		answer_job(r, 200, a->rec);
}

static void created(struct request *r, const struct job *j)
{
	answer_job(r, 200, j);
}

void video_create(struct request *r)
{
	request_create_one(r, created);
}

void video_get(struct request *r)
{
	request_ask_job(r, MSG_JOB_GET, on_job);
}

void video_cancel(struct request *r)
{
	request_ask_job(r, MSG_JOB_CANCEL, on_job);
}

static void on_deleted(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	struct buf json = {0};

	if (e != ERR_OK) {
		request_fail(r, e, a->problem);
		return;
	}
	openai_deleted(&json, r->arg);
	request_json(r, 200, &json);
}

void video_delete(struct request *r)
{
	request_ask_job(r, MSG_JOB_DELETE, on_deleted);
}

static void on_page(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	struct links l = request_links(r);
	struct buf json = {0};

	if (e != ERR_OK) {
		request_fail(r, e, a->problem);
		return;
	}
	openai_list(&json, a->rec, &l);
	request_json(r, 200, &json);
}

void video_list(struct request *r)
{
	const char *limit = exchange_query(r->x, "limit");
	const char *order = exchange_query(r->x, "order");
	struct job_list want = {
		.owner = r->owner, .after = exchange_query(r->x, "after"), .limit = 20};
	char *end;

	if (limit) {
		want.limit = strtoll(limit, &end, 10);
		if (end == limit || *end || want.limit < 0 || want.limit > 100) {
			request_wrong(r, ERR_BAD_PARAM, "limit",
				"limit must be a whole number from 0 to 100.");
			return;
		}
	}
	if (order && strcmp(order, "asc") != 0 && strcmp(order, "desc") != 0) {
		request_wrong(r, ERR_BAD_PARAM, "order", "order must be asc or desc.");
		return;
	}
	if (want.after && !want.after[0])
		want.after = NULL;
	if (want.after && !id_ok("video_", want.after)) {
		request_wrong(
			r, ERR_NOT_FOUND, "after", "after must be the id of one of your videos.");
		return;
	}
	want.ascending = order && strcmp(order, "asc") == 0;
	ask(r->g->jobs, exchange_rid(r->x), MSG_JOB_LIST, &want, JOBS_BUDGET_MS, on_page, r);
}
