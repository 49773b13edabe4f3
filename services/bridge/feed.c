#include "services/bridge/feed.h"

#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "proto/clock.h"
#include "services/bridge/lease.h"
#include "services/bridge/presence.h"
#include "services/bridge/say.h"

/* One LEASE_TAKE. Its token stays the same however often it is asked: so no answer is ever lost. */
struct take {
	struct link *w;
	char token[33];
	int tries;
	int64_t began_us, began_ms;
};

static void take_ask(void *arg);

/*
 * What w says is free may be older than what is on its way to it, and than what it has handed over
 * and not heard of yet: a slot is free when its lease is gone.
 */
static bool can_take(const struct link *w)
{
	const struct lease *l;
	int had;

	DL_COUNT(w->leases, l, had);
	return w->state == LINK_LIVE && !w->b->draining && w->n_models && w->free > w->asking &&
	       had + w->asking < w->slots;
}

static void take_free(struct take *t)
{
	t->w->asking--;
	link_put(t->w);
	free(t);
}

/* Hand the job to the worker. Takes msg over. */
static void offer(struct take *t, struct msg *msg)
{
	struct link *w = t->w;
	struct bridge *b = w->b;
	const struct job *job = msg_rec(msg);
	struct job told = *job;
	struct buf out = {0};
	uint8_t key[32];

	linkkey_now(b->linkkey, key);
	told.model = link_offers(w, job->model); /* in the worker's own spelling */
	say_job(&out, &told, t->token, job->started_at + b->conf.job_timeout_ms, key);
	lease_new(w, job->id, t->token, LEASE_OFFERED, msg);
	w->free--;
	w->turn = ++b->turn;
	link_say(w, &out);
	metric_observe_us(&fig_take_seconds, mono_us() - t->began_us);
}

/* The free worker for this model that waited longest, but not this one. */
static struct link *next_free(struct bridge *b, const char *model, const struct link *but)
{
	struct link *w, *best = NULL;

	DL_FOREACH (b->links, w) {
		if (w != but && can_take(w) && (!best || w->turn < best->turn) &&
			link_offers(w, model))
			best = w;
	}
	return best;
}

/* w got a job. One hint may stand for many: so it asks again, and another worker besides. */
static void go_on(struct link *w, const char *model)
{
	struct link *other = next_free(w->b, model, w);

	feed_worker(w);
	if (other)
		feed_worker(other);
}

static void taken(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	struct take *t = arg;
	struct link *w = t->w;
	const struct job *job = answer;
	bool wanted = w->state == LINK_LIVE && w->free > 0 && !b->draining;

	if (err_passes(e) && !b->stopping && mono_ms() - t->began_ms < b->conf.lease_ms) {
		/* it may have been taken nevertheless: ask for the same, if only to give it back */
		loop_after(b->loop, pause_ms(t->tries++), take_ask, t, NULL);
		return;
	}
	if (e == ERR_OK && job->id) {
		if (wanted && job->model && link_offers(w, job->model))
			offer(t, *keep), *keep = NULL;
		else
			lease_give_back(b, job->id, t->token, "worker_left");
	}
	take_free(t);
	if (!wanted)
		return; /* and perhaps gone */
	if (e == ERR_OK && job->model) {
		go_on(w, job->model);
	} else if (w->again) {
		w->again = false;
		feed_worker(w);
	}
}

static void take_ask(void *arg)
{
	struct take *t = arg;
	struct link *w = t->w;
	struct lease_new ask = {.lease = t->token, .worker = w->name, .worker_id = w->id};

	if (w->state == LINK_LIVE) {
		ask.models = w->model_names;
		ask.n_models = w->n_model_names;
	} /* else no models: only what this token has already */
	if (w->b->stopping) {
		take_free(t);
		return;
	}
	bridge_ask(w->b, w->b->jobs, MSG_LEASE_TAKE, &ask, taken, t);
}

void feed_worker(struct link *w)
{
	struct take *t;

	if (!can_take(w))
		return;
	t = xcalloc(1, sizeof *t);
	t->w = link_hold(w);
	t->began_us = mono_us();
	t->began_ms = t->began_us / 1000;
	token_hex(16, t->token);
	w->asking++;
	take_ask(t);
}

void feed_model(struct bridge *b, const char *model)
{
	struct link *w = next_free(b, model, NULL);

	if (w) {
		feed_worker(w);
		return;
	}
	/* the asks under way may have been answered before this job was there */
	DL_FOREACH (b->links, w) {
		if (w->state == LINK_LIVE && w->asking > 0 && link_offers(w, model))
			w->again = true;
	}
}

void feed_all(void *bridge)
{
	struct bridge *b = bridge;
	struct link *w;

	DL_FOREACH (b->links, w) {
		feed_worker(w);
	}
}
