#include "services/bridge/hello.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/alias.h"
#include "proto/clock.h"
#include "proto/log.h"
#include "services/bridge/feed.h"
#include "services/bridge/lease.h"
#include "services/bridge/presence.h"
#include "services/bridge/progress.h"
#include "services/bridge/say.h"
#include "services/bridge/votes.h"

#define WINDOW (4 << 20)

/* A resume under way: one LEASE_RENEW, then one LEASE_TAKE for each job that is still the worker's.
 */
struct resume {
	struct link *w;
	size_t left; /* LEASE_TAKEs not answered */
	bool lost[FRAME_JOBS];
	struct msg *msg[FRAME_JOBS];
};

struct resume_one {
	struct resume *r;
	size_t i;
};

void link_offer(struct link *w, const struct model *models, size_t n)
{
	free(w->model_names);
	w->models = models;
	w->n_models = n;
	w->model_names = xcalloc(n * ALIAS_MAX + 1, sizeof *w->model_names);
	w->n_model_names = 0;
	for (size_t i = 0; i < n; i++)
		w->n_model_names += alias_names(&models[i], w->model_names + w->n_model_names);
	presence_touch(w->b);
}

/* ---- the last step ---- */

/* What it found out while it was away. Never less than jobs knows: people would see it go back. */
static void resumed(struct lease *l, const struct frame_held *held)
{
	struct frame_progress p = {.percent = held->progress, .upstream_ref = held->upstream_ref};

	if (!l || (held->progress < 0 && !held->upstream_ref))
		return;
	if (l->rec && l->rec->progress > p.percent)
		p.percent = l->rec->progress;
	if (p.percent < 0)
		p.percent = 0;
	p.stage = l->rec ? l->rec->stage : NULL;
	progress_said(l, &p);
}

static void welcome(struct resume *r)
{
	struct link *w = r->w;
	struct bridge *b = w->b;
	const struct frame_hello *h = w->hello.hello;
	struct say_state states[FRAME_JOBS];
	struct say_welcome say = {b->id, w->id, b->conf.heartbeat_ms, b->conf.lease_ms, FRAME_MAX,
		WINDOW, b->conf.video_max, states, h->n_jobs, b->conf.fetch_hosts};
	struct buf out = {0};

	for (size_t i = 0; i < h->n_jobs; i++) {
		const struct frame_ref *ref = &h->jobs[i].ref;

		if (!r->lost[i])
			r->lost[i] = !lease_resume(w, ref, r->msg[i]);
		else
			msg_free(r->msg[i]);
		r->msg[i] = NULL;
		states[i] = (struct say_state){ref->job, ref->lease, r->lost[i]};
		if (!r->lost[i])
			resumed(lease_find(w, ref), &h->jobs[i]);
	}
	say_welcome(&out, &say);
	w->state = LINK_LIVE;
	link_say(w, &out);
	w->connected_at = now_ms();
	presence_touch(b);
	votes_look(b);
	log_info("worker_joined", LS("worker", w->id), LS("name", w->name), LS("kind", w->kind),
		LI("slots", w->slots), LI("models", (int64_t)w->n_models),
		LI("resumed", link_busy(w)));
}

static void resume_end(struct resume *r)
{
	if (r->w->state == LINK_RESUMING)
		welcome(r);
	for (size_t i = 0; i < FRAME_JOBS; i++)
		msg_free(r->msg[i]);
	link_put(r->w);
	free(r);
}

/* ---- what it still holds ---- */

static void taken_again(
	struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	struct resume_one *one = arg;
	struct resume *r = one->r;
	const struct job *job = answer;

	(void)b;
	if (e == ERR_OK && r->w->state == LINK_RESUMING && job->id &&
		strcmp(job->id, r->w->hello.hello->jobs[one->i].ref.job) == 0)
		r->msg[one->i] = *keep, *keep = NULL;
	free(one);
	if (--r->left == 0)
		resume_end(r);
}

/* The same token gets the same job again: so we learn what it is. No models: never a new one. */
static void take_again(struct resume *r, size_t i)
{
	struct resume_one *one = xmalloc(sizeof *one);
	struct lease_new take = {.lease = r->w->hello.hello->jobs[i].ref.lease,
		.worker = r->w->name,
		.worker_id = r->w->id};

	*one = (struct resume_one){r, i};
	r->left++;
	bridge_ask(r->w->b, r->w->b->jobs, MSG_LEASE_TAKE, &take, taken_again, one);
}

static void renewed(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	struct resume *r = arg;
	const struct lease_lost *lost = answer;
	const struct frame_hello *h = r->w->hello.hello;

	(void)b;
	(void)keep;
	if (r->w->state != LINK_RESUMING) {
		resume_end(r);
		return;
	}
	/* When jobs does not answer they are taken to be the worker's: the fencing decides later.
	 */
	for (size_t k = 0; e == ERR_OK && k < lost->n_lost; k++)
		for (size_t i = 0; i < h->n_jobs; i++)
			if (lost->lost[k].lease &&
				strcmp(lost->lost[k].lease, h->jobs[i].ref.lease) == 0)
				r->lost[i] = true;
	r->left = 1; /* ours: nothing ends before all are asked */
	for (size_t i = 0; e == ERR_OK && i < h->n_jobs; i++)
		if (!r->lost[i])
			take_again(r, i);
	if (--r->left == 0)
		resume_end(r);
}

static void resume(struct link *w)
{
	const struct frame_hello *h = w->hello.hello;
	struct resume *r = xcalloc(1, sizeof *r);
	struct lease_ref refs[FRAME_JOBS];
	struct lease_renew ask = {.leases = refs, .n_leases = h->n_jobs};

	r->w = link_hold(w);
	if (!h->n_jobs) {
		resume_end(r);
		return;
	}
	for (size_t i = 0; i < h->n_jobs; i++)
		refs[i] = (struct lease_ref){h->jobs[i].ref.job, h->jobs[i].ref.lease};
	bridge_ask(w->b, w->b->jobs, MSG_LEASE_RENEW, &ask, renewed, r);
}

/* ---- the token ---- */

/*
 * Another connection of the same worker gives way, and what it was offered counts as accepted.
 * False: it is somebody else's worker, which only says the same id.
 */
static bool replace(struct link *w)
{
	const struct frame_hello *h = w->hello.hello;
	struct buf out = {0};
	struct link *old;

	HASH_FIND_STR(w->b->by_id, w->id, old);
	if (!old)
		return true;
	if (strcmp(old->owner, w->owner) != 0)
		return false;
	for (size_t i = 0; i < h->n_jobs; i++) {
		struct lease *l = lease_find(old, &h->jobs[i].ref);

		if (l)
			lease_accepted(l);
	}
	say_bye(&out, "replaced");
	link_say(old, &out);
	link_drop(old, WS_REPLACED, "another connection of this worker took over");
	return true;
}

static void copy_key(struct link *w, const struct auth_grant *g)
{
	snprintf(w->key, sizeof w->key, "%s", g->owner ? g->owner : "");
	snprintf(w->key_mark, sizeof w->key_mark, "%s", g->mark ? g->mark : "");
	snprintf(w->owner, sizeof w->owner, "%s", g->key_owner ? g->key_owner : "");
}

static void checked(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	const struct auth_grant *grant = answer;
	struct link *w = arg;

	(void)keep;
	if (w->state != LINK_CHECKING)
		goto out;
	if (e == ERR_UNAUTHORIZED || e == ERR_FORBIDDEN) {
		metric_add(&fig_refused_workers, 1);
		log_warn("worker_refused", LS("worker", w->id));
		link_drop(w, WS_UNAUTHORIZED, "the token is missing or wrong");
		goto out;
	}
	if (e != ERR_OK) {
		link_drop(w, WS_TRY_LATER, "the token cannot be checked at the moment");
		goto out;
	}
	copy_key(w, grant);
	if (!replace(w)) {
		link_drop(w, WS_UNAUTHORIZED, "a worker of somebody else has this id");
		goto out;
	}
	if (b->n_workers >= b->conf.max_workers) {
		link_drop(w, WS_TRY_LATER, "too many workers");
		goto out;
	}
	w->state = LINK_RESUMING;
	HASH_ADD_STR(b->by_id, id, w);
	b->n_workers++;
	metric_set(&fig_workers, b->n_workers);
	link_offer(w, w->hello.hello->offer.models, w->hello.hello->offer.n_models);
	resume(w);
out:
	link_put(w);
}

static void copy_who(struct link *w, const struct frame_who *who)
{
	snprintf(w->id, sizeof w->id, "%s", who->id);
	snprintf(w->name, sizeof w->name, "%s", who->name && *who->name ? who->name : who->id);
	snprintf(w->kind, sizeof w->kind, "%s", who->kind ? who->kind : "");
	snprintf(w->version, sizeof w->version, "%s", who->version ? who->version : "");
}

const char *hello_begin(struct link *w, struct frame *f)
{
	struct auth_check check = {.what = "worker"};

	if (f->type == FRAME_UNKNOWN)
		return NULL;
	if (f->type != FRAME_HELLO)
		return "say hello first";
	w->hello = *f, *f = (struct frame){0};
	copy_who(w, &w->hello.hello->worker);
	w->slots = (int)w->hello.hello->slots;
	w->state = LINK_CHECKING;
	check.key = w->conn->token ? w->conn->token : w->hello.hello->token;
	bridge_ask(w->b, w->b->auth, MSG_AUTH_CHECK, &check, checked, link_hold(w));
	return NULL;
}
