/*
 * POST /v1/videos/{id}/vote: which of two videos is the better one. The vote goes to the worker
 * that made them, which takes its time: we wait a while for what becomes of it, then answer 202,
 * and it goes on.
 */
#include <string.h>

#include "handlers.h"
#include "proto/clock.h"
#include "proto/shape.h"
#include "request.h"

#define WAIT_US 15000000

static bool is_pending(const struct job *j)
{
	return j->vote_state && strcmp(j->vote_state, "pending") == 0;
}

static void answer(struct request *r, const struct job *j)
{
	struct links l = request_links(r);
	struct buf json = {0};

	openai_video(&json, j, &l);
	request_json(r, is_pending(j) ? 202 : 200, &json);
}

/* Called with the watch's lock. Whoever has answered touches r no more. */
static bool on_news(void *arg, enum watch_news news, enum err e, const struct job *j)
{
	struct request *r = arg;

	switch (news) {
	case WATCH_BEAT:
		return true;
	case WATCH_CHECK:
		if (!exchange_client_gone(r->x))
			return true;
		answer_nothing(r->x);
		request_resume(r);
		return false;
	case WATCH_JOB:
		if (is_pending(j))
			return true;
		answer(r, j);
		return false;
	case WATCH_LOST:
		request_fail(r, e, NULL);
		return false;
	case WATCH_TIME:
	case WATCH_STOP:
		break;
	}
	answer(r, msg_rec(r->cast));
	return false;
}

static void on_cast(void *arg, enum err e, const struct answer *a)
{
	struct request *r = arg;
	const struct job *j;

	if (!request_ok(r, e, a))
		return;
	j = a->rec;
	if (!is_pending(j) || wait_place(r) != ERR_OK) {
		answer(r, j);
		return;
	}
	r->cast = answer_keep(a);
	r->watcher = (struct watcher){.fn = on_news,
		.arg = r,
		.deadline_us = mono_us() + WAIT_US,
		.revision = -1,
		.place = -1};
	r->waiting = true;
	if (!watch_add(r->g->watch, &r->watcher, r->owner, r->arg))
		answer(r, msg_rec(r->cast));
}

struct wish {
	const char *winner;
};

static const struct shape wish_shape[] = {
	{"winner", SHAPE_STR, offsetof(struct wish, winner), .hi = 16}, {.type = SHAPE_END}};

static bool is_winner(const char *s)
{
	return strcmp(s, "a") == 0 || strcmp(s, "b") == 0 || strcmp(s, "tie") == 0 ||
	       strcmp(s, "both_bad") == 0;
}

void video_vote(struct request *r)
{
	struct vote_new say = {.owner = r->owner, .id = r->arg};
	const struct wish *w;
	struct doc *doc = NULL;
	char why[SHAPE_WHY];
	const char *text;
	size_t n;

	text = body_text(r->body, &n);
	if (doc_parse(text, n, &doc) != ERR_OK) {
		request_fail(r, ERR_BAD_JSON, NULL);
		goto out;
	}
	w = doc_read(doc, wish_shape, sizeof *w, why);
	if (w && !w->winner) {
		request_wrong(r, ERR_MISSING_PARAM, "winner",
			"Say which video is the better one: winner is a, b, tie or both_bad.");
	} else if (!w || !is_winner(w->winner)) {
		request_wrong(r, ERR_BAD_PARAM, "winner", "winner must be a, b, tie or both_bad.");
	} else {
		say.winner = w->winner;
		ask(r->g->jobs, exchange_rid(r->x), MSG_VOTE_CAST, &say, JOBS_BUDGET_MS, on_cast,
			r);
	}
out:
	doc_free(doc);
}
