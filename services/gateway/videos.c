/* Making, reading, cancelling and deleting jobs. */
#include <inttypes.h>
#include <string.h>

#include "handlers.h"
#include "request.h"

#define POLL_MS     2000 /* nothing was measured yet */
#define POLL_MIN_MS 500
#define POLL_MAX_MS 5000

/*
 * When to look again, in milliseconds: python's create_and_poll() obeys it. Often when it is
 * nearly done, seldom when it will take long.
 */
static int64_t poll_after_ms(const struct job *j)
{
	int64_t ms = j->eta_ms ? j->eta_ms / 10 : POLL_MS;

	return ms < POLL_MIN_MS ? POLL_MIN_MS : ms > POLL_MAX_MS ? POLL_MAX_MS : ms;
}

static void answer_job(struct request *r, int status, const struct job *j)
{
	struct links l = request_links(r);
	struct buf json = {0};

	if (strcmp(j->status, "queued") == 0 || strcmp(j->status, "in_progress") == 0)
		exchange_setf(r->x, "openai-poll-after-ms", "%" PRId64, poll_after_ms(j));
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

void video_remix(struct request *r)
{
	request_derive(r, "remix", created);
}

void video_edit(struct request *r)
{
	request_derive(r, "edit", created);
}

void video_extend(struct request *r)
{
	request_derive(r, "extend", created);
}

/* Nothing in the worker protocol could offer them. */
void video_characters(struct request *r)
{
	request_fail(r, ERR_NOT_OFFERED, NULL);
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
