#include "wait.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "generation.h"
#include "proto/clock.h"
#include "request.h"

/* The last one out ends the wait; whoever called us touches r no more. */
static bool leave(struct request *r, enum wait_end why)
{
	struct wait *w = &r->wait;
	unsigned ends = atomic_fetch_or(&w->ends, 1u << why) | 1u << why;

	if (atomic_fetch_sub(&w->holds, 1) == 1)
		w->how.done(r, ends & 1u << WAIT_GONE   ? WAIT_GONE
			       : ends & 1u << WAIT_LATE ? WAIT_LATE
							: WAIT_OVER);
	return false;
}

/* A copy, as j is only lent. */
static void keep(struct waiter *w, const struct job *j)
{
	size_t n;
	char *json = rec_write(&rec_job, j, &n);
	struct msg *m;

	if (msg_read(&rec_job, json, n, &m) == ERR_OK) {
		msg_free(w->job);
		w->job = m;
	}
	free(json);
}

static bool on_job(struct waiter *w, const struct job *j)
{
	struct request *r = w->r;

	keep(w, j);
	if (r->wait.how.news && !r->wait.how.news(r, (size_t)(w - r->wait.each), j))
		return leave(r, WAIT_GONE);
	return job_is_over(j) || r->wait.how.look ? leave(r, WAIT_OVER) : true;
}

static bool on_news(void *arg, enum watch_news news, enum err e, const struct job *j)
{
	struct waiter *w = arg;
	struct request *r = w->r;

	(void)e;
	switch (news) {
	case WATCH_JOB:
		return on_job(w, j);
	case WATCH_LOST:
		w->deleted = true;
		return leave(r, WAIT_OVER);
	case WATCH_BEAT:
		if (!r->wait.how.beat || r->wait.how.beat(r))
			return true;
		return leave(r, WAIT_GONE);
	case WATCH_CHECK:
		return exchange_client_gone(r->x) ? leave(r, WAIT_GONE) : true;
	case WATCH_TIME:
	case WATCH_STOP:
		break;
	}
	return leave(r, WAIT_LATE);
}

enum err wait_place(const struct request *r)
{
	const struct gateway_conf *conf = r->g->conf;

	if (watch_count(r->g->watch) >= conf->max_waits)
		return ERR_OVERLOADED;
	if (!r->unlimited && watch_count_of(r->g->watch, r->owner) >= conf->max_key_waits)
		return ERR_TOO_MANY_WAITS;
	return ERR_OK;
}

int64_t wait_wanted_ms(const struct request *r)
{
	return r->want.timeout_ms >= 0 ? r->want.timeout_ms : r->g->conf->wait_ms;
}

void wait_begin(struct request *r, const struct wait_how *how)
{
	struct wait *w = &r->wait;
	int64_t deadline_us = mono_us() + how->ms * 1000;

	w->how = *how;
	atomic_store(&w->holds, (int)r->n_ids + 1);
	for (size_t i = 0; i < r->n_ids; i++) {
		struct waiter *each = &w->each[i];

		each->r = r;
		each->watcher = (struct watcher){.fn = on_news,
			.arg = each,
			.deadline_us = deadline_us,
			.revision = -1,
			.place = -1};
		if (!watch_add(r->g->watch, &each->watcher, r->owner, r->ids[i]))
			leave(r, WAIT_LATE);
	}
	leave(r, WAIT_OVER);
}

const struct job *wait_job(const struct request *r, size_t i, struct job *room)
{
	const struct waiter *w = &r->wait.each[i];
	const struct video_request *want = &r->want;

	if (w->job && !w->deleted)
		return msg_rec(w->job);
	/* What was asked for is what it was when it was made. */
	*room = (struct job){.id = r->ids[i],
		.owner = r->owner,
		.status = w->deleted ? "deleted" : "queued",
		.model = r->model,
		.prompt = want->prompt,
		.negative_prompt = want->negative_prompt,
		.metadata = want->metadata,
		.n_metadata = want->n_metadata,
		.seconds = want->seconds,
		.width = want->width,
		.height = want->height,
		.fps = want->fps,
		.seed = want->seed,
		.created_at = now_ms()};
	return room;
}

void wait_free(struct request *r)
{
	for (size_t i = 0; i < COUNT_MAX; i++) {
		struct waiter *w = &r->wait.each[i];

		if (!w->r)
			continue;
		watch_remove(r->g->watch, &w->watcher);
		msg_free(w->job);
	}
}
