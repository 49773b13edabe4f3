/*
 * GET /v1/videos: a page of the caller's jobs. A search may find little in much: jobs looks at so
 * many at a time (2,000), and we ask on for a while; what is left is for the client's next page.
 * Much longer when nothing was found: some clients take an empty page for the last one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "handlers.h"
#include "proto/json.h"
#include "request.h"
#include "utf8.h"

#define ASKS_MAX       5
#define ASKS_MAX_EMPTY 50
#define TEXT_MAX       1000 /* bytes of a filter */

/* A page that is being filled. Its strings are the request's query, or in it. */
struct listing {
	struct request *r;
	struct job_list want;
	struct buf json;
	int64_t n; /* jobs in json */
	int asks;
	char first[ID_MAX], last[ID_MAX], next[ID_MAX];
};

static void listing_free(struct listing *l)
{
	buf_free(&l->json);
	free(l);
}

static void add(struct listing *l, const struct job_page *page)
{
	struct links links = request_links(l->r);

	for (size_t i = 0; i < page->n_jobs; i++) {
		json_next(&l->json);
		openai_video(&l->json, &page->jobs[i], &links);
		if (!l->n++)
			snprintf(l->first, sizeof l->first, "%s", page->jobs[i].id);
		snprintf(l->last, sizeof l->last, "%s", page->jobs[i].id);
	}
}

static void finish(struct listing *l, bool has_more)
{
	openai_list_end(
		&l->json, l->first[0] ? l->first : NULL, l->last[0] ? l->last : NULL, has_more);
	request_json(l->r, 200, &l->json);
	listing_free(l);
}

static void list_ask(struct listing *l);

static void on_page(void *arg, enum err e, const struct answer *a)
{
	struct listing *l = arg;
	const struct job_page *page = a->rec;

	if (!request_ok(l->r, e, a)) {
		listing_free(l);
		return;
	}
	add(l, page);
	if (!page->next || l->n >= l->want.limit) {
		finish(l, page->has_more || page->next);
		return;
	}
	snprintf(l->next, sizeof l->next, "%s", page->next);
	if (++l->asks < (l->n ? ASKS_MAX : ASKS_MAX_EMPTY) && !exchange_client_gone(l->r->x)) {
		list_ask(l);
		return;
	}
	/* The next page begins where we stopped looking, not behind the last that was found. */
	snprintf(l->last, sizeof l->last, "%s", l->next);
	finish(l, true);
}

static void list_ask(struct listing *l)
{
	struct job_list want = l->want;

	want.limit -= l->n;
	if (l->next[0])
		want.after = l->next;
	ask(l->r->g->jobs, exchange_rid(l->r->x), MSG_JOB_LIST, &want, JOBS_BUDGET_MS, on_page, l);
}

/* ---- what is asked for ---- */

/* The value of a parameter, NULL when it is not there or empty. */
static const char *given(const struct request *r, const char *name)
{
	const char *v = exchange_query(r->x, name);

	return v && v[0] ? v : NULL;
}

static bool among(const char *v, const char *const *list)
{
	for (; *list; list++)
		if (strcmp(v, *list) == 0)
			return true;
	return false;
}

static bool text_ok(const char *v)
{
	return !v || (strlen(v) <= TEXT_MAX && utf8_count(v, strlen(v)) >= 0);
}

static bool limit_ok(const char *v, int64_t *ret)
{
	if (!v)
		return true;
	if (strlen(v) > 3 || strspn(v, "0123456789") != strlen(v))
		return false;
	*ret = atoi(v);
	return *ret <= 100;
}

/* NULL: all is well; else what is wrong, and with which parameter. */
static const char *read_query(const struct request *r, struct job_list *want, const char **param)
{
	static const char *const orders[] = {"asc", "desc", NULL};
	static const char *const states[] = {
		"queued", "in_progress", "completed", "failed", "cancelled", NULL};
	const char *order = given(r, "order");

	*want = (struct job_list){.owner = r->owner,
		.after = given(r, "after"),
		.limit = 20,
		.ascending = order && strcmp(order, "asc") == 0,
		.status = given(r, "status"),
		.model = given(r, "model"),
		.q = given(r, "q")};
	*param = "limit";
	if (!limit_ok(given(r, "limit"), &want->limit))
		return "limit must be a whole number from 0 to 100.";
	*param = "order";
	if (order && !among(order, orders))
		return "order must be asc or desc.";
	*param = "status";
	if (want->status && !among(want->status, states))
		return "status must be queued, in_progress, completed, failed or cancelled.";
	*param = "model";
	if (!text_ok(want->model))
		return "model must be the name of a model.";
	*param = "q";
	if (!text_ok(want->q))
		return "q must be words of the prompt, up to 1000 bytes of UTF-8.";
	return NULL;
}

void video_list(struct request *r)
{
	struct job_list want;
	struct listing *l;
	const char *param, *wrong = read_query(r, &want, &param);

	if (wrong) {
		request_wrong(r, ERR_BAD_PARAM, param, wrong);
		return;
	}
	if (want.after && !id_ok("video_", want.after)) {
		request_wrong(
			r, ERR_NOT_FOUND, "after", "after must be the id of one of your videos.");
		return;
	}
	l = xcalloc(1, sizeof *l);
	l->r = r;
	l->want = want;
	openai_list_begin(&l->json);
	list_ask(l);
}
