/*
 * POST /v1/chat/completions for video models: for clients that can only chat. The answer is the
 * video as markdown, streamed with the way there or not. The job goes on when the client leaves,
 * or when the wait ends: then the message has a link that works later.
 */
#include <stdio.h>
#include <string.h>

#include "chat_json.h"
#include "generation.h"
#include "handlers.h"
#include "proto/clock.h"
#include "request.h"

static struct chat chat_of(const struct request *r)
{
	return (struct chat){.video_id = r->ids[0],
		.model = r->model,
		.created_s = now_ms() / 1000,
		.usage = r->want.stream_usage};
}

static bool push(struct request *r, struct buf *text)
{
	bool ok = stream_push(r->x, text->p, text->n);

	buf_free(text);
	return ok;
}

/* ---- not streamed ---- */

static void answer_done(struct request *r, enum wait_end end)
{
	struct chat c = chat_of(r);
	struct links l = request_links(r);
	struct buf json = {0}, content = {0};
	struct job room;
	const struct job *j = wait_job(r, 0, &room);

	if (end == WAIT_GONE) {
		answer_nothing(r->x);
		request_resume(r);
	} else if (end == WAIT_OVER && !job_is_good(j)) {
		answer_failed(r->x, j);
		request_resume(r);
	} else {
		chat_markdown(&content, j, &l);
		chat_answer(&json, &c, content.p);
		buf_free(&content);
		request_json(r, 200, &json);
	}
}

/* ---- streamed ---- */

/* Says where it is, when that is something new. */
static bool push_status(struct request *r, size_t i, const struct job *j)
{
	struct chat c = chat_of(r);
	struct buf text = {0};
	char line[CHAT_STATUS];

	(void)i;
	chat_status(j, line);
	if (!line[0] || strcmp(line, r->said) == 0)
		return true;
	snprintf(r->said, sizeof r->said, "%s", line);
	chat_reason(&text, &c, line);
	return push(r, &text);
}

static bool push_beat(struct request *r)
{
	return stream_push(r->x, ": still here\n\n", 14);
}

static void stream_done(struct request *r, enum wait_end end)
{
	struct chat c = chat_of(r);
	struct links l = request_links(r);
	struct buf text = {0}, content = {0};
	struct job room;
	const struct job *j = wait_job(r, 0, &room);

	if (end == WAIT_OVER && !job_is_good(j)) {
		generation_failed(&text, j);
	} else if (end != WAIT_GONE) {
		chat_markdown(&content, j, &l);
		chat_content(&text, &c, content.p);
		chat_end(&text, &c);
		buf_free(&content);
	}
	if (text.n)
		push(r, &text);
	stream_end(r->x);
}

static void created(struct request *r, const struct job *j)
{
	struct wait_how how = {.ms = wait_wanted_ms(r), .done = answer_done};
	struct chat c = chat_of(r);
	struct buf text = {0};

	(void)j;
	if (!r->want.stream) {
		wait_begin(r, &how);
		return;
	}
	how.news = push_status;
	how.beat = push_beat;
	how.done = stream_done;
	answer_events(r->x);
	chat_begin(&text, &c);
	push(r, &text);
	wait_begin(r, &how);
	request_resume(r);
}

void chat_complete(struct request *r)
{
	/* Before the job is made: an answer that does not wait would be of no use here. */
	enum err e = wait_place(r);

	if (e)
		request_fail(r, e, NULL);
	else
		request_create_one(r, created);
}
