#include "services/bridge/progress.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/clock.h"

#define EVERY_MS 250

struct progress {
	int64_t percent;
	char stage[65], upstream_ref[513];
	bool fresh; /* jobs has not been told */
	bool asked; /* an ask is in flight */
	int64_t sent_ms;
	struct loop_timer *timer;
};

static void pump(void *arg);

static void told(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	struct lease *l = arg;

	(void)b, (void)answer, (void)keep;
	if (l->progress)
		l->progress->asked = false;
	if (e == ERR_LEASE_LOST)
		lease_lost(l);
	else
		pump(l);
	lease_put(l);
}

static void tell_jobs(struct lease *l, int64_t now)
{
	struct progress *p = l->progress;
	struct lease_progress ask = {.id = l->job,
		.lease = l->token,
		.progress = p->percent,
		.stage = *p->stage ? p->stage : NULL,
		.upstream_ref = progress_upstream(l)};

	p->fresh = false;
	p->asked = true;
	p->sent_ms = now;
	bridge_ask(l->b, l->b->jobs, MSG_LEASE_PROGRESS, &ask, told, lease_hold(l));
}

static void pump(void *arg)
{
	struct lease *l = arg;
	struct progress *p = l->progress;
	int64_t now = mono_ms();

	if (!p || !p->fresh || p->asked || p->timer)
		return;
	if (now - p->sent_ms < EVERY_MS) {
		loop_after(l->b->loop, EVERY_MS - (now - p->sent_ms), pump, l, &p->timer);
		return;
	}
	tell_jobs(l, now);
}

void progress_said(struct lease *l, const struct frame_progress *f)
{
	struct progress *p = l->progress;

	if (l->state != LEASE_HELD)
		return;
	if (!p) {
		p = l->progress = xcalloc(1, sizeof *p);
		p->sent_ms = mono_ms() - EVERY_MS;
	}
	p->percent = f->percent;
	snprintf(p->stage, sizeof p->stage, "%s", f->stage ? f->stage : "");
	if (f->upstream_ref)
		snprintf(p->upstream_ref, sizeof p->upstream_ref, "%s", f->upstream_ref);
	p->fresh = true;
	pump(l);
}

const char *progress_upstream(const struct lease *l)
{
	return l->progress && *l->progress->upstream_ref ? l->progress->upstream_ref : NULL;
}

void progress_flush(struct lease *l)
{
	if (l->progress && l->progress->fresh)
		tell_jobs(l, mono_ms());
}

void progress_stop(struct lease *l)
{
	if (!l->progress)
		return;
	loop_cancel(l->b->loop, &l->progress->timer);
	free(l->progress);
	l->progress = NULL;
}
