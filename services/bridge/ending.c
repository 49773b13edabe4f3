#include "services/bridge/ending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/log.h"
#include "services/bridge/progress.h"
#include "services/bridge/say.h"
#include "services/bridge/upload.h"

struct ending {
	enum msg_type type; /* LEASE_FAILED or LEASE_BACK */
	char code[65];      /* or the reason */
	char message[2001];
	char upstream_ref[513]; /* "": as before */
	bool retryable;
	int64_t when; /* retry_after_ms or not_before */
	bool refused; /* the worker is told so, instead of `done` */
	int tries;
	struct loop_timer *timer;
};

static void tell_jobs(void *arg);

/* ---- what the worker is told ---- */

static void say_how(struct lease *l, const char *status)
{
	const struct ending *k = l->ending;
	struct say_refused r = {l->job, l->token, NULL, k->code, k->message};
	struct buf out = {0};

	if (k->refused) {
		say_refused(&out, &r);
		link_say(l->worker, &out);
		lease_forget(l);
	} else if (k->type == MSG_LEASE_BACK) {
		lease_given_up(l);
	} else {
		lease_done(l, status);
	}
}

/* What became of the job: jobs knows whether there will be another try. */
static void told_status(
	struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	struct lease *l = arg;
	const struct job *job = answer;
	const char *status;

	(void)b, (void)keep;
	if (l->state == LEASE_ENDING && l->ending) {
		status = l->ending->retryable ? "queued" : "failed";
		if (e == ERR_OK && job->status)
			status = strcmp(job->status, "in_progress") == 0 ? "queued" : job->status;
		say_how(l, status);
	}
	lease_put(l);
}

static void ended(struct lease *l)
{
	const struct ending *k = l->ending;
	struct job_ref ref = {.id = l->job};

	if (k->type == MSG_LEASE_BACK || k->refused || !l->rec || !l->rec->owner) {
		say_how(l, k->type == MSG_LEASE_BACK || k->retryable ? "queued" : "failed");
		return;
	}
	ref.owner = l->rec->owner;
	bridge_ask(l->b, l->b->jobs, MSG_JOB_GET, &ref, told_status, lease_hold(l));
}

/* ---- what jobs is told ---- */

static void told(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	struct lease *l = arg;
	struct ending *k = l->ending;

	(void)answer, (void)keep;
	if (l->state != LEASE_ENDING)
		goto out;
	if (e == ERR_OK) {
		metric_add(k->type == MSG_LEASE_BACK ? &fig_jobs_given_back : &fig_jobs_failed, 1);
		log_info("try_ended", LS("job", l->job), LS("how", msg_info((int)k->type)->name),
			LS("code", k->code));
		ended(l);
	} else if (err_passes(e) && !b->stopping) {
		loop_after(b->loop, pause_ms(k->tries++), tell_jobs, l, &k->timer);
	} else {
		metric_add(&fig_jobs_lost, 1);
		log_info("try_lost", LS("job", l->job), LS("err", err_name(e)));
		lease_done(l, "lost");
	}
out:
	lease_put(l);
}

static void tell_jobs(void *arg)
{
	struct lease *l = arg;
	const struct ending *k = l->ending;
	const char *message = *k->message ? k->message : NULL;
	const struct lease_failed failed = {
		l->job, l->token, k->code, message, k->retryable, k->when};
	const struct lease_back back = {.id = l->job,
		.lease = l->token,
		.reason = k->code,
		.not_before = k->when,
		.upstream_ref = *k->upstream_ref ? k->upstream_ref : NULL,
		.message = message};
	const void *rec = k->type == MSG_LEASE_BACK ? (const void *)&back : &failed;

	bridge_ask(l->b, l->b->jobs, k->type, rec, told, lease_hold(l));
}

static void begin(struct lease *l, const struct ending *how)
{
	if (l->state != LEASE_HELD && l->state != LEASE_ENDING)
		return;
	if (l->ending || (l->state == LEASE_ENDING && !how->refused))
		return; /* it has said how it ended already */
	l->state = LEASE_ENDING;
	l->reporting = true;
	progress_stop(l);
	uploads_leave(l, false);
	l->ending = xmalloc(sizeof *l->ending);
	*l->ending = *how;
	tell_jobs(l);
}

void ending_failed(struct lease *l, const struct frame_failed *f)
{
	struct ending k = {
		.type = MSG_LEASE_FAILED, .retryable = f->retryable, .when = f->retry_after_ms};

	snprintf(k.code, sizeof k.code, "%s", f->code);
	snprintf(k.message, sizeof k.message, "%s", f->message ? f->message : "");
	begin(l, &k);
}

void ending_back(struct lease *l, const struct frame_release *f)
{
	struct ending k = {.type = MSG_LEASE_BACK, .when = f->not_before};
	const char *upstream = f->upstream_ref ? f->upstream_ref : progress_upstream(l);

	snprintf(k.code, sizeof k.code, "%s", f->reason ? f->reason : "released");
	snprintf(k.message, sizeof k.message, "%s", f->message ? f->message : "");
	snprintf(k.upstream_ref, sizeof k.upstream_ref, "%s", upstream ? upstream : "");
	lease_accepted(l);
	begin(l, &k);
}

void ending_refused(struct lease *l, const char *code, const char *message)
{
	struct ending k = {.type = MSG_LEASE_FAILED, .retryable = true, .refused = true};

	snprintf(k.code, sizeof k.code, "%s", code);
	snprintf(k.message, sizeof k.message, "%s", message);
	begin(l, &k);
}

void ending_abandon(struct lease *l)
{
	if (!l->ending)
		return;
	loop_cancel(l->b->loop, &l->ending->timer);
	free(l->ending);
	l->ending = NULL;
}
