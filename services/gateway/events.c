/* GET /v1/videos/{id}/events: the job's states as server-sent events, from now to its end. */
#include <string.h>

#include "handlers.h"
#include "proto/clock.h"
#include "request.h"

static bool is_over(const struct job *j)
{
	return strcmp(j->status, "queued") != 0 && strcmp(j->status, "in_progress") != 0;
}

static bool push(struct request *r, struct buf *text)
{
	bool ok = stream_push(r->x, text->p, text->n);

	buf_free(text);
	return ok;
}

static bool push_job(struct request *r, const struct job *j)
{
	struct links l = request_links(r);
	struct buf text = {0};

	openai_event(&text, j, &l);
	return push(r, &text);
}

static bool push_deleted(struct request *r)
{
	struct buf text = {0};

	buf_adds(&text, "event: deleted\ndata: ");
	openai_deleted(&text, r->arg);
	buf_adds(&text, "\n\n");
	return push(r, &text);
}

static bool on_news(void *arg, enum watch_news news, enum err e, const struct job *j)
{
	struct request *r = arg;
	bool stay = false;

	(void)e;
	switch (news) {
	case WATCH_JOB:
		stay = push_job(r, j) && !is_over(j);
		break;
	case WATCH_LOST:
		push_deleted(r);
		break;
	case WATCH_BEAT:
		stay = stream_push(r->x, ": still here\n\n", 14);
		break;
	case WATCH_CHECK:
		stay = !exchange_client_gone(r->x);
		break;
	case WATCH_TIME:
	case WATCH_STOP:
		break;
	}
	if (!stay)
		stream_end(r->x);
	return stay;
}

static void on_first(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	const struct job *j = a->rec;

	if (e == ERR_OK && watch_count(r->g->watch) >= r->g->conf->max_waits)
		e = ERR_OVERLOADED;
	if (e != ERR_OK) {
		request_fail(r, e, a->problem);
		return;
	}
	exchange_set(r->x, "Cache-Control", "no-store");
	exchange_set(r->x, "X-Accel-Buffering", "no");
	if (strcmp(exchange_method(r->x), "HEAD") == 0) {
		/* The library would end the stream with a chunk, which a HEAD must not have. */
		answer_const(r->x, 200, "text/event-stream", "", 0);
		request_resume(r);
		return;
	}
	answer_stream(r->x, 200, "text/event-stream");
	push_job(r, j);
	/* In before it goes on: once it does, its end may come at any moment. */
	r->watcher = (struct watcher){.fn = on_news, .arg = r, .revision = j->revision};
	r->waiting = true;
	if (is_over(j) || !watch_add(r->g->watch, &r->watcher, r->owner, r->arg))
		stream_end(r->x);
	request_resume(r);
}

void video_events(struct request *r)
{
	request_ask_job(r, MSG_JOB_GET, on_first);
}
