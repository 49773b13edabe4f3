#include "services/bridge/lease.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utlist.h>

#include "proto/clock.h"
#include "proto/log.h"
#include "services/bridge/ending.h"
#include "services/bridge/feed.h"
#include "services/bridge/intake.h"
#include "services/bridge/presence.h"
#include "services/bridge/progress.h"
#include "services/bridge/say.h"
#include "services/bridge/upload.h"

#define OVER_MS     30000 /* how long we wait for `stopped` */
#define RENEW_BATCH 1000  /* leases in one ask */

/* ---- life ---- */

struct lease *lease_hold(struct lease *l)
{
	l->refs++;
	return l;
}

void lease_put(struct lease *l)
{
	if (--l->refs > 0)
		return;
	assert(l->state == LEASE_GONE);
	msg_free(l->msg);
	free(l);
}

static void detach(struct lease *l)
{
	if (l->worker)
		DL_DELETE(l->worker->leases, l);
	l->worker = NULL;
}

static void attach(struct lease *l, struct link *w)
{
	l->worker = w;
	DL_APPEND(w->leases, l);
}

struct lease *lease_new(
	struct link *w, const char *job, const char *token, enum lease_state state, struct msg *msg)
{
	struct lease *l = xcalloc(1, sizeof *l);

	l->b = w->b;
	l->refs = 1;
	l->state = state;
	snprintf(l->job, sizeof l->job, "%s", job);
	snprintf(l->token, sizeof l->token, "%s", token);
	l->msg = msg;
	l->rec = msg ? msg_rec(msg) : NULL;
	l->until_ms = mono_ms() + l->b->conf.accept_wait_ms;
	attach(l, w);
	HASH_ADD_STR(l->b->leases, token, l);
	metric_set(&fig_leases, HASH_COUNT(l->b->leases));
	presence_touch(l->b);
	return l;
}

/* Forget it. keep: its uploads may be wanted again, by whoever has the lease next. */
static void let_go(struct lease *l, bool keep)
{
	if (l->state == LEASE_GONE)
		return;
	l->state = LEASE_GONE;
	HASH_DEL(l->b->leases, l);
	metric_set(&fig_leases, HASH_COUNT(l->b->leases));
	detach(l);
	progress_stop(l);
	uploads_leave(l, keep);
	intake_abandon(l);
	ending_abandon(l);
	presence_touch(l->b);
	lease_put(l);
}

/* Forget it, and fill its slot: its worker may have said long ago that it can take another. */
static void make_room(struct lease *l)
{
	struct link *w = l->worker;

	let_go(l, false);
	if (w)
		feed_worker(w);
}

struct lease *lease_by_token(struct bridge *b, const char *job, const char *token)
{
	struct lease *l;

	HASH_FIND_STR(b->leases, token, l);
	return l && strcmp(l->job, job) == 0 ? l : NULL;
}

struct lease *lease_find(const struct link *w, const struct frame_ref *ref)
{
	struct lease *l = lease_by_token(w->b, ref->job, ref->lease);

	return l && l->worker == w ? l : NULL;
}

bool lease_resume(struct link *w, const struct frame_ref *ref, struct msg *msg)
{
	struct lease *l = lease_by_token(w->b, ref->job, ref->lease);

	if (!l) {
		lease_new(w, ref->job, ref->lease, LEASE_HELD, msg);
		return true;
	}
	msg_free(msg);
	if (l->worker || l->state == LEASE_OVER)
		return l->worker == w &&
		       l->state != LEASE_OVER; /* named twice; or another worker has it */
	attach(l, w);
	return true;
}

/* ---- what its worker says ---- */

void lease_accepted(struct lease *l)
{
	if (l->state == LEASE_OFFERED)
		l->state = LEASE_HELD;
}

void lease_stopped(struct lease *l)
{
	static const struct frame_release unasked = {.reason = "stopped"};

	if (l->state == LEASE_OVER)
		make_room(l);
	else if (l->state == LEASE_OFFERED || l->state == LEASE_HELD)
		ending_back(l, &unasked);
}

static void say_end(struct lease *l, const char *status)
{
	struct buf out = {0};

	say_done(&out, l->job, l->token, status);
	link_say(l->worker, &out);
}

void lease_done(struct lease *l, const char *status)
{
	say_end(l, status);
	make_room(l);
}

void lease_given_up(struct lease *l)
{
	say_end(l, "queued");
	let_go(l, false);
}

void lease_forget(struct lease *l)
{
	make_room(l);
}

/* ---- what jobs says ---- */

static void say_why(struct lease *l, const char *reason)
{
	struct buf out = {0};

	log_info("job_over", LS("job", l->job), LS("reason", reason));
	say_cancel(&out, l->job, l->token, reason);
	link_say(l->worker, &out);
}

static void told_why(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	struct lease *l = arg;
	const struct job *job = answer;
	const char *reason = "lost";

	(void)b;
	(void)keep;
	if (e == ERR_NOT_FOUND)
		reason = "deleted";
	else if (e == ERR_OK && job->status && strcmp(job->status, "cancelled") == 0)
		reason = "cancelled";
	else if (e == ERR_OK && job->status && strcmp(job->status, "failed") == 0)
		reason = "expired";
	if (l->state == LEASE_OVER)
		say_why(l, reason);
	lease_put(l);
}

void lease_lost(struct lease *l)
{
	struct job_ref ref = {.id = l->job};

	/* when jobs is being told how it ended, the answer to that says what became of it */
	if (l->state == LEASE_OVER || l->state == LEASE_GONE || l->reporting)
		return;
	metric_add(&fig_jobs_lost, 1);
	if (l->state == LEASE_ENDING || !l->worker) {
		lease_done(l, "lost");
		return;
	}
	l->state = LEASE_OVER;
	l->until_ms = mono_ms() + OVER_MS;
	progress_stop(l);
	uploads_leave(l, false);
	presence_touch(l->b);
	if (l->rec && l->rec->owner) {
		ref.owner = l->rec->owner;
		bridge_ask(l->b, l->b->jobs, MSG_JOB_GET, &ref, told_why, lease_hold(l));
	} else {
		say_why(l, "lost");
	}
}

static void renewed(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	const struct lease_lost *lost = answer;

	(void)arg;
	(void)keep;
	for (size_t i = 0; e == ERR_OK && i < lost->n_lost; i++) {
		const struct lease_ref *ref = &lost->lost[i];
		struct lease *l =
			ref->id && ref->lease ? lease_by_token(b, ref->id, ref->lease) : NULL;

		if (l)
			lease_lost(l);
	}
}

static void renew(struct bridge *b, const struct lease_ref *refs, size_t n)
{
	struct lease_renew ask = {.leases = refs, .n_leases = n};

	if (n)
		bridge_ask(b, b->jobs, MSG_LEASE_RENEW, &ask, renewed, NULL);
}

void leases_renew(void *bridge)
{
	struct bridge *b = bridge;
	struct lease_ref refs[RENEW_BATCH];
	struct lease *l, *tmp;
	size_t n = 0;

	HASH_ITER (hh, b->leases, l, tmp) {
		if (l->state == LEASE_OVER)
			continue;
		refs[n++] = (struct lease_ref){l->job, l->token};
		if (n == RENEW_BATCH) {
			renew(b, refs, n);
			n = 0;
		}
	}
	renew(b, refs, n);
}

void lease_over_hint(struct bridge *b, const char *job)
{
	struct lease *l, *tmp;

	HASH_ITER (hh, b->leases, l, tmp) {
		if (l->state != LEASE_OVER && strcmp(l->job, job) == 0) {
			const struct lease_ref ref = {l->job, l->token};

			renew(b, &ref, 1);
		}
	}
}

/* ---- giving back ---- */

struct back {
	char job[ID_MAX], token[33], reason[32];
	int tries;
	struct bridge *b;
};

static void back_ask(void *arg);

static void backed(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	struct back *k = arg;

	(void)answer;
	(void)keep;
	if (err_passes(e) && !b->stopping && k->tries < 20)
		loop_after(b->loop, pause_ms(k->tries++), back_ask, k, NULL);
	else
		free(k);
}

static void back_ask(void *arg)
{
	struct back *k = arg;
	struct lease_back ask = {.id = k->job, .lease = k->token, .reason = k->reason};

	bridge_ask(k->b, k->b->jobs, MSG_LEASE_BACK, &ask, backed, k);
}

void lease_give_back(struct bridge *b, const char *job, const char *token, const char *reason)
{
	struct back *k = xcalloc(1, sizeof *k);

	k->b = b;
	snprintf(k->job, sizeof k->job, "%s", job);
	snprintf(k->token, sizeof k->token, "%s", token);
	snprintf(k->reason, sizeof k->reason, "%s", reason);
	metric_add(&fig_jobs_given_back, 1);
	log_info("job_given_back", LS("job", job), LS("reason", reason));
	back_ask(k);
}

/* ---- time, and the end ---- */

void leases_take_back(struct link *w, const char *reason)
{
	struct lease *l, *tmp;

	w->free = 0;
	DL_FOREACH_SAFE (w->leases, l, tmp) {
		if (l->state != LEASE_OFFERED && l->state != LEASE_HELD)
			continue;
		lease_give_back(l->b, l->job, l->token, reason);
		let_go(l, false);
	}
}

void leases_leave(struct link *w)
{
	struct lease *l, *tmp;

	DL_FOREACH_SAFE (w->leases, l, tmp) {
		if (l->state == LEASE_ENDING) {
			detach(l);
			continue;
		}
		if (l->state == LEASE_OFFERED) /* it never arrived */
			lease_give_back(l->b, l->job, l->token, "not_accepted");
		progress_flush(l);
		let_go(l, l->state == LEASE_HELD);
	}
}

void leases_tick(struct bridge *b, int64_t now)
{
	struct lease *l, *tmp;

	HASH_ITER (hh, b->leases, l, tmp) {
		if (l->state == LEASE_OFFERED && now >= l->until_ms) {
			lease_give_back(b, l->job, l->token, "not_accepted");
			say_why(l, "lost");
			/* it does not hear us: not this job again, nor others */
			l->worker->free = 0;
			let_go(l, false);
		} else if (l->state == LEASE_OVER && now >= l->until_ms) {
			make_room(l);
		}
	}
}

void leases_clear(struct bridge *b)
{
	struct lease *l, *tmp;

	HASH_ITER (hh, b->leases, l, tmp) {
		let_go(l, true);
	}
}
