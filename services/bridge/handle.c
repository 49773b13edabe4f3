#include "services/bridge/handle.h"

#include <stdlib.h>
#include <string.h>

#include "proto/clock.h"
#include "proto/log.h"
#include "services/bridge/ending.h"
#include "services/bridge/feed.h"
#include "services/bridge/hello.h"
#include "services/bridge/input.h"
#include "services/bridge/intake.h"
#include "services/bridge/lease.h"
#include "services/bridge/presence.h"
#include "services/bridge/progress.h"
#include "services/bridge/say.h"
#include "services/bridge/upload.h"
#include "services/bridge/votes.h"

#define LOGS_PER_S 10

typedef const char *handle_fn(struct link *w, struct frame *f, struct lease *l);

/* ---- about the worker ---- */

static const char *on_hello(struct link *w, struct frame *f, struct lease *l)
{
	(void)w, (void)f, (void)l;
	return "hello came twice";
}

static const char *on_models(struct link *w, struct frame *f, struct lease *l)
{
	struct frame old = w->offer;

	(void)l;
	w->offer = *f, *f = (struct frame){0};
	link_offer(w, w->offer.models->models, w->offer.models->n_models);
	frame_clear(&old);
	frame_clear(&w->hello);
	feed_worker(w);
	return NULL;
}

static const char *on_ready(struct link *w, struct frame *f, struct lease *l)
{
	int most = w->slots - link_busy(w);

	(void)l;
	/* it may have been said before a job that is on its way had come */
	w->free = f->ready->free < most ? (int)f->ready->free : most;
	feed_worker(w);
	return NULL;
}

static const char *on_log(struct link *w, struct frame *f, struct lease *l)
{
	static const char *const names[] = {"debug", "info", "warn", "error"};
	enum log_level level = LOG_INFO;
	int64_t now = mono_ms();

	(void)l;
	if (now - w->logged_ms >= 1000)
		w->logged_ms = now, w->logged = 0;
	if (++w->logged > LOGS_PER_S)
		return NULL;
	for (int i = 0; f->log->level && i < 4; i++)
		if (strcmp(f->log->level, names[i]) == 0)
			level = (enum log_level)i;
	log_at(level, "worker_says", LS("worker", w->id), LS("text", f->log->message));
	return NULL;
}

static const char *on_attention(struct link *w, struct frame *f, struct lease *l)
{
	(void)l;
	if (condition_attention(&w->condition, f->attention, now_ms())) {
		log_warn("worker_needs_a_human", LS("worker", w->id), LS("name", w->name),
			LS("reason", f->attention->reason), LS("text", f->attention->message));
		presence_touch(w->b);
	}
	return NULL;
}

static const char *on_attention_over(struct link *w, struct frame *f, struct lease *l)
{
	(void)f, (void)l;
	if (condition_attention_over(&w->condition)) {
		log_info("worker_needs_nobody", LS("worker", w->id));
		presence_touch(w->b);
	}
	return NULL;
}

static const char *on_state(struct link *w, struct frame *f, struct lease *l)
{
	(void)l;
	if (condition_stated(&w->condition, f->state, now_ms()))
		presence_touch(w->b);
	return NULL;
}

static const char *on_voted(struct link *w, struct frame *f, struct lease *l)
{
	(void)l;
	votes_done(w, f->voted);
	return NULL;
}

static const char *on_nothing(struct link *w, struct frame *f, struct lease *l)
{
	(void)w, (void)f, (void)l;
	return NULL;
}

/* ---- about a job ---- */

static const char *on_accepted(struct link *w, struct frame *f, struct lease *l)
{
	(void)w, (void)f;
	lease_accepted(l);
	return NULL;
}

static const char *on_stopped(struct link *w, struct frame *f, struct lease *l)
{
	(void)w, (void)f;
	lease_stopped(l);
	return NULL;
}

static const char *on_progress(struct link *w, struct frame *f, struct lease *l)
{
	(void)w;
	progress_said(l, f->progress);
	return NULL;
}

static const char *on_upload(struct link *w, struct frame *f, struct lease *l)
{
	(void)w;
	upload_open(l, f->upload);
	return NULL;
}

static const char *on_upload_end(struct link *w, struct frame *f, struct lease *l)
{
	(void)l;
	upload_end(w, f->upload_end);
	return NULL;
}

static const char *on_result(struct link *w, struct frame *f, struct lease *l)
{
	(void)w;
	intake_begin(l, f->result);
	return NULL;
}

static const char *on_failed(struct link *w, struct frame *f, struct lease *l)
{
	(void)w;
	ending_failed(l, f->failed);
	return NULL;
}

static const char *on_release(struct link *w, struct frame *f, struct lease *l)
{
	(void)w;
	ending_back(l, f->release);
	return NULL;
}

static const char *on_input_get(struct link *w, struct frame *f, struct lease *l)
{
	(void)w;
	input_send(l, f->input_get);
	return NULL;
}

/* ---- answers to those whose lease is over ---- */

static void say_stop(struct buf *out, const struct frame *f)
{
	say_cancel(out, f->ref->job, f->ref->lease, "lost");
}

static void say_too_late(struct buf *out, const struct frame *f)
{
	say_done(out, f->ref->job, f->ref->lease, "lost");
}

static void say_no_upload(struct buf *out, const struct frame *f)
{
	struct say_refused r = {
		f->ref->job, NULL, f->upload->upload, "lost", "the lease of this job is over"};

	say_refused(out, &r);
}

static void say_no_input(struct buf *out, const struct frame *f)
{
	struct say_refused r = {
		f->ref->job, f->ref->lease, NULL, "lost", "the lease of this job is over"};

	say_refused(out, &r);
}

/* ---- the table ---- */

static const struct {
	handle_fn *fn;
	bool about_job; /* has a frame_ref; fn gets the lease */
	void (*lost)(struct buf *out, const struct frame *f); /* what to say when there is none */
} handlers[FRAME_TYPES] = {
	[FRAME_UNKNOWN] = {on_nothing, false, NULL},
	[FRAME_HELLO] = {on_hello, false, NULL},
	[FRAME_MODELS] = {on_models, false, NULL},
	[FRAME_READY] = {on_ready, false, NULL},
	[FRAME_ACCEPTED] = {on_accepted, true, say_stop},
	[FRAME_STOPPED] = {on_stopped, true, NULL},
	[FRAME_PROGRESS] = {on_progress, true, say_stop},
	[FRAME_UPLOAD] = {on_upload, true, say_no_upload},
	[FRAME_UPLOAD_END] = {on_upload_end, false, NULL},
	[FRAME_RESULT] = {on_result, true, say_too_late},
	[FRAME_FAILED] = {on_failed, true, say_too_late},
	[FRAME_RELEASE] = {on_release, true, say_too_late},
	[FRAME_INPUT_GET] = {on_input_get, true, say_no_input},
	[FRAME_LOG] = {on_log, false, NULL},
	[FRAME_ATTENTION] = {on_attention, false, NULL},
	[FRAME_ATTENTION_OVER] = {on_attention_over, false, NULL},
	[FRAME_STATE] = {on_state, false, NULL},
	[FRAME_VOTED] = {on_voted, false, NULL},
	[FRAME_PONG] = {on_nothing, false, NULL},
};

const char *handle_frame(struct link *w, struct frame *f)
{
	struct lease *l = NULL;
	struct buf out = {0};

	if (handlers[f->type].about_job) {
		l = lease_find(w, f->ref);
		if (l && l->state == LEASE_OVER && handlers[f->type].lost == say_stop)
			return NULL; /* it is told why, once */
		if (l && l->state == LEASE_OVER && handlers[f->type].lost == say_too_late) {
			lease_done(l, "lost");
			return NULL;
		}
		if (!l || (l->state == LEASE_OVER && f->type != FRAME_STOPPED)) {
			if (handlers[f->type].lost) {
				handlers[f->type].lost(&out, f);
				link_say(w, &out);
			}
			return NULL;
		}
		if (f->type != FRAME_STOPPED)
			lease_accepted(l); /* any word about it will do */
	}
	return handlers[f->type].fn(w, f, l);
}
