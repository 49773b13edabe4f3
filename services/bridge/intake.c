#include "services/bridge/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/clock.h"
#include "proto/log.h"
#include "services/bridge/ending.h"
#include "services/bridge/picture.h"
#include "services/bridge/progress.h"
#include "services/bridge/say.h"
#include "services/bridge/upload.h"

#define FETCH_TRIES  4
#define COMMIT_TRIES 5

/* One output. */
struct part {
	struct intake *in;
	char *url;
	char *label, *name; /* what the worker says of it; or NULL */
	uint64_t fetch;     /* under way; 0: none */
	int tries;
	struct fetch_result got;
	struct loop_timer *pause;
	struct picture pic;
};

struct intake {
	struct bridge *b;
	struct lease *l; /* NULL: abandoned */
	int refs;        /* one for the lease, one for each thing under way */
	bool failed;
	char *upstream_ref; /* jobs may not have been told yet; or NULL */
	struct part parts[FRAME_OUTPUTS];
	size_t n, left; /* parts; not ready yet */
	enum err e;     /* of committing them */
	int commits;    /* times that jobs said BLOB_GONE */
	int tries;      /* of telling jobs */
	struct loop_timer *pause;
};

static void part_fetch(void *arg);
static void tell_jobs(void *arg);

/* ---- life ---- */

static void put(struct intake *in)
{
	if (--in->refs > 0)
		return;
	for (size_t i = 0; i < in->n; i++) {
		free(in->parts[i].url);
		free(in->parts[i].label);
		free(in->parts[i].name);
		picture_clear(&in->parts[i].pic);
	}
	free(in->upstream_ref);
	in->b->intakes--;
	free(in);
}

static struct intake *hold(struct intake *in)
{
	in->refs++;
	return in;
}

void intake_abandon(struct lease *l)
{
	struct intake *in = l->intake;

	if (!in)
		return;
	l->intake = NULL;
	in->l = NULL;
	loop_cancel(in->b->loop, &in->pause);
	for (size_t i = 0; i < in->n; i++) {
		loop_cancel(in->b->loop, &in->parts[i].pause);
		if (in->parts[i].fetch)
			fetch_cancel(in->b->fetcher, in->parts[i].fetch);
	}
	put(in);
}

/* The outputs are no good: the try has failed. */
static void fail(struct intake *in, const char *code, const char *why)
{
	if (!in->l || in->failed)
		return;
	in->failed = true;
	log_info("result_refused", LS("job", in->l->job), LS("code", code), LS("why", why));
	ending_refused(in->l, code, why);
}

/* ---- jobs ---- */

static void commit(void *arg)
{
	struct intake *in = arg;

	in->e = ERR_OK;
	for (size_t i = 0; i < in->n && in->e == ERR_OK; i++)
		in->e = picture_commit(&in->parts[i].pic);
}

static void fail_to_keep(struct intake *in)
{
	in->l->reporting = false;
	fail(in, "storage_failed", "the result could not be kept");
}

static void committed(void *arg)
{
	struct intake *in = arg;

	if (in->l && in->e == ERR_OK)
		tell_jobs(in);
	else if (in->l)
		fail_to_keep(in);
	put(in);
}

static void told(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	struct intake *in = arg;

	(void)answer, (void)keep;
	if (!in->l)
		goto out;
	if (e == ERR_OK) {
		metric_add(&fig_jobs_completed, 1);
		log_info("job_done", LS("job", in->l->job), LI("outputs", (int64_t)in->n));
		lease_done(in->l, "completed");
	} else if (e == ERR_BLOB_GONE && !b->stopping && in->commits++ < COMMIT_TRIES) {
		pool_run(b->disk, commit, committed, hold(in));
	} else if (err_passes(e) && !b->stopping) {
		loop_after(b->loop, pause_ms(in->tries++), tell_jobs, in, &in->pause);
	} else if (e == ERR_LEASE_LOST || e == ERR_NOT_FOUND || b->stopping) {
		metric_add(&fig_jobs_lost, 1);
		lease_done(in->l, "lost");
	} else {
		fail_to_keep(in);
	}
out:
	put(in);
}

static void tell_jobs(void *arg)
{
	struct intake *in = arg;
	struct output outputs[FRAME_OUTPUTS];
	struct lease_done ask = {.id = in->l->job,
		.lease = in->l->token,
		.outputs = outputs,
		.n_outputs = in->n,
		.upstream_ref = in->upstream_ref};

	for (size_t i = 0; i < in->n; i++) {
		outputs[i] = picture_output(&in->parts[i].pic);
		outputs[i].label = in->parts[i].label;
		outputs[i].model_name = in->parts[i].name;
	}
	in->l->reporting = true;
	bridge_ask(in->b, in->b->jobs, MSG_LEASE_DONE, &ask, told, hold(in));
}

/* ---- looking at it ---- */

static void probe(void *arg)
{
	struct part *p = arg;
	const struct bridge *b = p->in->b;

	picture_make(&p->pic, b->blobs, b->dir, b->media_program, b->conf.media_time_ms);
}

static void probed(void *arg)
{
	struct part *p = arg;
	struct intake *in = p->in;

	metric_observe_us(&fig_probe_seconds, p->pic.took_us);
	if (p->pic.e == ERR_BAD_PARAM)
		fail(in, "not_a_video", p->pic.why);
	else if (p->pic.e == ERR_TOO_LARGE)
		fail(in, "too_large", "the file is too large");
	else if (p->pic.e != ERR_OK)
		fail(in, "storage_failed", "the result could not be looked at or kept");
	else if (--in->left == 0 && in->l && !in->failed)
		pool_run(in->b->disk, commit, committed, hold(in));
	put(in);
}

static void part_probe(struct part *p)
{
	hold(p->in);
	pool_run(p->in->b->media, probe, probed, p);
}

/* ---- fetching it ---- */

static void fetched(void *arg)
{
	struct part *p = arg;
	struct intake *in = p->in;
	struct bridge *b = in->b;

	p->fetch = 0;
	p->pic.video = p->got.w;
	if (p->got.e != ERR_OK)
		metric_add(&fig_fetches_failed, 1);
	if (!in->l || in->failed || b->stopping)
		goto out;
	if (p->got.e == ERR_OK) {
		part_probe(p);
	} else if (p->got.e == ERR_UNAVAILABLE && p->tries < FETCH_TRIES) {
		log_info("fetch_again", LS("job", in->l->job), LS("why", p->got.why));
		loop_after(b->loop, 2 * pause_ms(p->tries), part_fetch, p, &p->pause);
	} else if (p->got.e == ERR_TOO_LARGE) {
		fail(in, "too_large", p->got.why);
	} else {
		fail(in, "fetch_failed", p->got.why);
	}
out:
	put(in);
}

/* In the fetcher's thread. */
static void fetched_there(void *arg, struct fetch_result *r)
{
	struct part *p = arg;

	p->got = *r;
	loop_post(p->in->b->loop, fetched, p);
}

static void part_fetch(void *arg)
{
	struct part *p = arg;

	hold(p->in);
	p->tries++;
	metric_add(&fig_fetches, 1);
	p->fetch = fetch_start(p->in->b->fetcher, p->url, fetched_there, p);
}

/* ---- begin ---- */

/* NULL for what was not said. */
static char *copy(const char *s)
{
	return s && *s ? xstrdup(s) : NULL;
}

static bool part_begin(struct part *p, struct lease *l, const struct frame_output *o)
{
	p->in = l->intake;
	p->label = copy(o->label);
	p->name = copy(o->name);
	if (o->url) {
		p->url = xstrdup(o->url);
		return true;
	}
	p->pic.video = upload_take(l, o->upload);
	return p->pic.video != NULL;
}

void intake_begin(struct lease *l, const struct frame_result *f)
{
	struct intake *in;
	bool all = true;

	if (l->state != LEASE_HELD)
		return; /* said again after a reconnect: it is under way */
	in = l->intake = xcalloc(1, sizeof *in);
	in->b = l->b;
	in->l = l;
	in->refs = 2; /* the lease's, and ours until we are through */
	in->n = in->left = f->n_outputs;
	in->b->intakes++;
	in->upstream_ref = copy(progress_upstream(l));
	l->state = LEASE_ENDING;
	progress_stop(l);
	for (size_t i = 0; i < in->n; i++)
		all = part_begin(&in->parts[i], l, &f->outputs[i]) && all;
	uploads_leave(l, false);
	if (!all)
		fail(in, "unknown_upload", "an output names an upload that is not here");
	for (size_t i = 0; all && i < in->n; i++) {
		if (in->parts[i].url)
			part_fetch(&in->parts[i]);
		else
			part_probe(&in->parts[i]);
	}
	put(in);
}
