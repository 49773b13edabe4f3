/* POST /v1/videos/generations: make a video and wait for it. */
#include <stdio.h>
#include <string.h>

#include "generation.h"
#include "handlers.h"
#include "proto/clock.h"
#include "request.h"

static void answer_accepted(struct request *r, const struct job *j)
{
	struct links l = request_links(r);
	struct buf json = {0};
	char where[96];

	snprintf(where, sizeof where, "/v1/videos/%s", j->id);
	exchange_set(r->x, "Location", where);
	openai_video(&json, j, &l);
	request_json(r, 202, &json);
}

static void on_unfinished(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;

	if (e != ERR_OK)
		request_fail(r, e, a->problem);
	else
		answer_accepted(r, a->rec);
}

/* It takes longer than the client wants to wait (or than we are there): it goes on without us. */
static void give_up(struct request *r)
{
	ask(r->g->jobs, exchange_rid(r->x), MSG_JOB_GET, &(struct job_ref){r->owner, r->ids[0]},
		JOBS_BUDGET_MS, on_unfinished, r);
}

static void answer_failed(struct request *r, const struct job *j)
{
	int status = openai_failure_status(j->error_code);
	struct buf json = {0};

	/* Trying again by itself would make, and cost, another video. */
	exchange_set(r->x, "x-should-retry", "false");
	openai_error(&json, j->error_message ? j->error_message : "The video failed.",
		status == 400 ? "invalid_request_error" : "server_error", NULL,
		j->error_code ? j->error_code : "failed");
	request_json(r, status, &json);
}

static void answer_completed(struct request *r, const struct job *j)
{
	struct links l = request_links(r);
	struct buf json = {0};

	generation_json(&json, &(struct generation){.jobs = &j, .n = 1, .links = &l});
	request_json(r, 200, &json);
}

/* True: it was over, and the client has its answer. */
static bool answer_if_over(struct request *r, const struct job *j)
{
	if (strcmp(j->status, "completed") == 0 && j->n_outputs)
		answer_completed(r, j);
	else if (strcmp(j->status, "failed") == 0)
		answer_failed(r, j);
	else if (strcmp(j->status, "cancelled") == 0)
		request_wrong(r, ERR_CONFLICT, NULL, "The video was cancelled.");
	else
		return false;
	return true;
}

static bool on_news(void *arg, enum watch_news news, enum err e, const struct job *j)
{
	struct request *r = arg;

	switch (news) {
	case WATCH_JOB:
		return !answer_if_over(r, j);
	case WATCH_LOST:
		request_fail(r, e, NULL);
		return false;
	case WATCH_TIME:
	case WATCH_STOP:
		give_up(r);
		return false;
	case WATCH_BEAT:
		return true;
	case WATCH_CHECK:
		if (!exchange_client_gone(r->x))
			return true;
		/* The job goes on: it was accepted. */
		answer_nothing(r->x);
		request_resume(r);
		return false;
	}
	return false;
}

static void created(struct request *r, const struct job *j)
{
	const struct gateway_conf *conf = r->g->conf;
	int64_t wait_ms = r->want.timeout_ms ? r->want.timeout_ms : conf->wait_ms;

	if (r->want.async) {
		answer_accepted(r, j);
		return;
	}
	if (answer_if_over(r, j))
		return;
	r->watcher = (struct watcher){.fn = on_news,
		.arg = r,
		.deadline_us = mono_us() + wait_ms * 1000,
		.revision = j->revision};
	if (watch_count(r->g->watch) >= conf->max_waits ||
		!watch_add(r->g->watch, &r->watcher, r->owner, r->ids[0]))
		answer_accepted(r, j);
}

void video_generate(struct request *r)
{
	request_create(r, created);
}
