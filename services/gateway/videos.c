/* Making, reading, cancelling and deleting jobs. */
#include "handlers.h"
#include "request.h"

static void answer_job(struct request *r, int status, const struct job *j)
{
	struct links l = request_links(r);
	struct buf json = {0};

	answer_poll_after(r->x, j);
	openai_video(&json, j, &l);
	request_json(r, status, &json);
}

static void on_job(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;

	if (request_ok(r, e, a))
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
	request_deleted(arg, e, a, "video.deleted");
}

void video_delete(struct request *r)
{
	request_ask_job(r, MSG_JOB_DELETE, on_deleted);
}
