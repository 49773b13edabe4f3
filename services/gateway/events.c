/*
 * Server-sent events: GET /v1/videos/{id}/events, one job's states to its end, and GET /v1/events,
 * what happens to all jobs of the caller. An event's id is its place among all changes: who comes
 * again with it (Last-Event-ID) hears of what it missed and of nothing twice, of each job the state
 * that it has by then.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "generation.h"
#include "handlers.h"
#include "request.h"

#define ID_DIGITS 18         /* of an event */
#define ROOM      (32 << 10) /* more waits for a client that reads slowly: it hears later */

/* ---- what is said ---- */

static bool push(struct request *r, struct buf *text)
{
	bool ok = stream_push(r->x, text->p, text->n);

	buf_free(text);
	return ok;
}

static bool push_job(struct request *r, const struct job *j)
{
	struct links l = request_links(r);
	const struct buf *text = texts_event(r->g->texts, j, &l);

	return stream_push(r->x, text->p, text->n);
}

/* change 0: not known. */
static bool push_deleted(struct request *r, const char *id, int64_t change)
{
	struct buf text = {0};

	if (change)
		buf_addf(&text, "id: %" PRId64 "\n", change);
	buf_adds(&text, "event: video.deleted\ndata: ");
	openai_deleted(&text, "video.deleted", id);
	buf_adds(&text, "\n\n");
	return push(r, &text);
}

static bool has_room(void *arg)
{
	struct request *r = arg;

	return stream_waiting(r->x) < ROOM;
}

/* What both kinds of stream do alike. */
static bool go_on(struct request *r, enum watch_news news)
{
	if (news == WATCH_BEAT)
		return stream_push(r->x, ": still here\n\n", 14);
	return news == WATCH_CHECK && !exchange_client_gone(r->x);
}

static bool on_job_news(void *arg, enum watch_news news, enum err e, const struct job *j)
{
	struct request *r = arg;
	bool stay;

	(void)e;
	if (news == WATCH_LOST)
		push_deleted(r, r->arg, 0);
	stay = news == WATCH_JOB ? push_job(r, j) && !job_is_over(j) : go_on(r, news);
	if (!stay)
		stream_end(r->x);
	return stay;
}

static bool on_owner_news(void *arg, enum watch_news news, enum err e, const struct job *j)
{
	struct request *r = arg;
	bool stay;

	(void)e;
	if (news != WATCH_JOB)
		stay = go_on(r, news);
	else if (strcmp(j->status, "deleted") == 0)
		stay = push_deleted(r, j->id, j->change);
	else
		stay = push_job(r, j);
	if (!stay)
		stream_end(r->x);
	return stay;
}

/* ---- how it begins ---- */

/*
 * Where the client left off: the header, which browsers send when they come again, or the
 * parameter, for those that begin with fetch(). -1: it says nothing. False: answered.
 */
static bool last_id(struct request *r, int64_t *ret)
{
	const char *id = exchange_header(r->x, "Last-Event-ID");

	if (!id || !id[0])
		id = exchange_query(r->x, "last_event_id");
	*ret = -1;
	if (!id || !id[0])
		return true;
	if (strlen(id) > ID_DIGITS || strspn(id, "0123456789") != strlen(id)) {
		request_wrong(r, ERR_BAD_PARAM, "last_event_id",
			"Last-Event-ID must be the id of an event of this stream, or left out.");
		return false;
	}
	*ret = strtoll(id, NULL, 10);
	return true;
}

/* False: answered, with an error or, to HEAD, without a body. */
static bool stream_begin(struct request *r)
{
	enum err e = wait_place(r);

	if (e) {
		request_fail(r, e, NULL);
		return false;
	}
	if (strcmp(exchange_method(r->x), "HEAD") == 0) {
		/* The library would end the stream with a chunk, which a HEAD must not have. */
		exchange_set(r->x, "Cache-Control", "no-store");
		answer_const(r->x, 200, "text/event-stream", "", 0);
		request_resume(r);
		return false;
	}
	answer_events(r->x);
	stream_push(r->x, "retry: 2000\n\n", 13);
	return true;
}

static void on_first_state(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	const struct job *j = a->rec;
	struct links l = request_links(r);
	struct buf text = {0};
	bool known;

	if (!request_ok(r, e, a))
		return;
	/* An id that is not of the past is of another store: as none. */
	known = r->watcher.after == j->change;
	if (known && job_is_over(j)) {
		/* This ends it for a browser, which would come again and again. WHATWG HTML, 9.2 */
		answer_const(r->x, 204, NULL, "", 0);
		request_resume(r);
		return;
	}
	if (!stream_begin(r))
		return;
	if (!known) {
		openai_event(&text, j, &l);
		push(r, &text);
	}
	/* In before it goes on: once it does, its end may come at any moment. */
	r->watcher = (struct watcher){.fn = on_job_news,
		.arg = r,
		.room = has_room,
		.revision = j->revision,
		.place = j->queue_position};
	r->waiting = true;
	if (job_is_over(j) || !watch_add(r->g->watch, &r->watcher, r->owner, r->arg))
		stream_end(r->x);
	request_resume(r);
}

void video_events(struct request *r)
{
	if (last_id(r, &r->watcher.after))
		request_ask_job(r, MSG_JOB_GET, on_first_state);
}

static void on_place(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	const struct change_page *page = a->rec;
	int64_t after = r->watcher.after;
	struct buf text = {0};

	if (!request_ok(r, e, a))
		return;
	if (after < 0 || after > page->last)
		after = page->last;
	if (!stream_begin(r))
		return;
	/* So that one that has heard nothing yet can come again too. */
	buf_addf(&text, "id: %" PRId64 "\n\n", after);
	push(r, &text);
	r->watcher =
		(struct watcher){.fn = on_owner_news, .arg = r, .room = has_room, .after = after};
	r->waiting = true;
	if (!watch_add_owner(r->g->watch, &r->watcher, r->owner))
		stream_end(r->x);
	request_resume(r);
}

void owner_events(struct request *r)
{
	if (last_id(r, &r->watcher.after))
		ask(r->g->jobs, exchange_rid(r->x), MSG_JOB_CHANGES,
			&(struct change_list){r->owner, -1, 0}, JOBS_BUDGET_MS, on_place, r);
}
