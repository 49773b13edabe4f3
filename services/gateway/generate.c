/*
 * POST /v1/videos/generations: make one video or several and wait for them, or stream where they
 * are, or do not wait.
 *
 * What the body says (async, timeout) counts before what the Prefer header says. A streamed answer
 * ends as generation.h tells.
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "embed.h"
#include "generation.h"
#include "handlers.h"
#include "prefer.h"
#include "request.h"

#define LOOK_MS 3000 /* to see where several jobs are */

/* ---- what there is to tell ---- */

struct told {
	struct job room[COUNT_MAX];
	const struct job *jobs[COUNT_MAX];
	struct links links;
	struct generation g;
};

static void gather(const struct request *r, struct told *ret)
{
	size_t n = r->n_ids;

	assert(n > 0 && n <= COUNT_MAX);
	ret->links = request_links(r);
	for (size_t i = 0; i < n; i++)
		ret->jobs[i] = wait_job(r, i, &ret->room[i]);
	ret->g = (struct generation){.jobs = ret->jobs, .n = n, .links = &ret->links};
}

static bool any_good(const struct told *t)
{
	for (size_t i = 0; i < t->g.n; i++)
		if (job_is_good(t->jobs[i]))
			return true;
	return false;
}

/* ---- one answer ---- */

static void answer_accepted(struct request *r, const struct generation *g)
{
	struct buf json = {0};

	if (g->n == 1)
		exchange_setf(r->x, "Location", "/v1/videos/%s", g->jobs[0]->id);
	answer_poll_after(r->x, g->jobs[g->n - 1]);
	generation_accepted(&json, g);
	request_json(r, 202, &json);
}

static void answer_embedded(void *arg)
{
	struct request *r = arg;
	struct buf json = {0};
	struct told t;

	gather(r, &t);
	t.g.embed = embed_video;
	t.g.arg = r;
	generation_json(&json, &t.g);
	request_json(r, 200, &json);
}

static void answer_result(struct request *r, const struct told *t)
{
	struct buf json = {0};

	if (!any_good(t)) {
		answer_failed(r->x, t->jobs[0]);
		request_resume(r);
	} else if (r->want.format == RESPONSE_URL) {
		generation_json(&json, &t->g);
		request_json(r, 200, &json);
	} else if (!task_run(r->g->tasks, answer_embedded, r)) {
		request_fail(r, ERR_OVERLOADED, NULL);
	}
}

static void answer_done(struct request *r, enum wait_end end)
{
	struct told t;

	gather(r, &t);
	if (end == WAIT_GONE) {
		answer_nothing(r->x);
		request_resume(r);
	} else if (end == WAIT_LATE || r->wait.how.look) {
		answer_accepted(r, &t.g);
	} else {
		answer_result(r, &t);
	}
}

/* ---- a stream ---- */

static bool push(struct request *r, struct buf *text)
{
	bool ok = stream_push(r->x, text->p, text->n);

	buf_free(text);
	return ok;
}

static bool push_progress(struct request *r, size_t i, const struct job *j)
{
	struct buf text = {0};

	generation_progress(&text, j, i);
	return push(r, &text);
}

static bool push_beat(struct request *r)
{
	return stream_push(r->x, ": still here\n\n", 14);
}

static void stream_done(struct request *r, enum wait_end end)
{
	struct buf text = {0};
	struct told t;

	gather(r, &t);
	if (end == WAIT_LATE)
		generation_unfinished(&text, &t.g);
	else if (end == WAIT_OVER && any_good(&t))
		generation_completed(&text, &t.g);
	else if (end == WAIT_OVER)
		generation_failed(&text, t.jobs[0]);
	if (text.n)
		push(r, &text);
	stream_end(r->x);
}

/* ---- how it begins ---- */

static void prefer_add(void *arg, const char *name, const char *value)
{
	if (strcasecmp(name, "Prefer") == 0)
		prefer_read(value, arg);
}

/* How long to wait: 0 is not at all. */
static int64_t wait_ms(struct request *r)
{
	struct prefer p = {.wait_s = -1};
	int64_t ms = wait_wanted_ms(r);

	exchange_headers(r->x, prefer_add, &p);
	if (r->want.async)
		return 0;
	if (r->want.timeout_ms >= 0 || (p.wait_s < 0 && !p.respond_async))
		return ms;
	if (p.wait_s < 0) {
		exchange_set(r->x, "Preference-Applied", "respond-async");
		return 0;
	}
	/* With both: wait so long, then answer 202. We do that in any case. */
	exchange_setf(r->x, "Preference-Applied", "wait=%" PRId64 "%s", p.wait_s,
		p.respond_async ? ", respond-async" : "");
	return p.wait_s * 1000 < ms ? p.wait_s * 1000 : ms;
}

static void created(struct request *r, const struct job *j)
{
	struct wait_how how = {.done = answer_done};
	struct links l = request_links(r);
	bool full = wait_place(r) != ERR_OK;

	if (r->want.stream && !full) {
		how.ms = wait_wanted_ms(r);
		how.news = push_progress;
		how.beat = push_beat;
		how.done = stream_done;
		answer_events(r->x);
		wait_begin(r, &how);
		request_resume(r);
		return;
	}
	how.ms = full ? 0 : wait_ms(r);
	if (how.ms == 0 && r->n_ids == 1) {
		answer_accepted(r, &(struct generation){.jobs = &j, .n = 1, .links = &l});
		return;
	}
	how.look = how.ms == 0;
	if (how.look)
		how.ms = LOOK_MS;
	wait_begin(r, &how);
}

void video_generate(struct request *r)
{
	const struct video_request *want = body_request(r->body);

	if (want->stream && want->format == RESPONSE_B64_JSON)
		request_wrong(r, ERR_BAD_PARAM, "response_format",
			"A stream cannot carry the video itself. Ask for url, or leave out "
			"stream.");
	else
		request_create(r, created);
}
