#include "services/bridge/presence.h"

#include <stdio.h>
#include <stdlib.h>
#include <utlist.h>

#include "services/bridge/lease.h"

#define EVERY_MS 10000
#define SOON_MS  100

struct left {
	char id[65];
	struct left *next;
};

struct presence {
	struct loop_timer *every, *soon;
	struct left *left; /* since the last word to jobs */
};

static void left_clear(struct presence *p)
{
	struct left *l, *tmp;

	LL_FOREACH_SAFE (p->left, l, tmp) {
		free(l);
	}
	p->left = NULL;
}

static void told(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	/* when it failed: the next one says all of it again */
	(void)b, (void)arg, (void)e, (void)answer, (void)keep;
}

/* The jobs of w, into room for them. */
static size_t fill_jobs(struct worker_job *to, const struct link *w)
{
	const struct lease *l;
	size_t n = 0;

	DL_FOREACH (w->leases, l) {
		if (l->state != LEASE_OVER)
			to[n++] = (struct worker_job){
				.id = l->job, .owner = l->rec ? l->rec->owner : NULL};
	}
	return n;
}

static void fill(struct worker *to, struct bridge *b, const struct link *w)
{
	*to = (struct worker){.id = w->id,
		.name = w->name,
		.kind = w->kind,
		.bridge = b->id,
		.slots = w->slots,
		.busy = link_busy(w),
		.models = w->models,
		.n_models = w->n_models,
		.version = *w->version ? w->version : NULL,
		.key = *w->key ? w->key : NULL,
		.owner = *w->owner ? w->owner : NULL,
		.transport = w->transport,
		.connected_at = w->connected_at};
	condition_tell(&w->condition, to);
}

/* How many of them are how. */
static void count(struct bridge *b)
{
	int64_t states[WORKER_STATES] = {0}, attentions[ATTENTIONS] = {0};
	const struct link *w, *tmp;

	HASH_ITER (hh, b->by_id, w, tmp) {
		states[condition_state(&w->condition, w->slots, link_busy(w))]++;
		attentions[w->condition.reason] += w->condition.needs_human;
	}
	for (int i = 0; i < WORKER_STATES; i++)
		metric_set(&fig_states[i], states[i]);
	for (int i = 0; i < ATTENTIONS; i++)
		metric_set(&fig_attentions[i], attentions[i]);
}

static void send_now(void *arg)
{
	struct bridge *b = arg;
	struct presence *p = b->presence;
	struct worker_list list = {0};
	struct worker *all;
	struct worker_job *jobs;
	struct link *w, *tmp;
	struct left *l;
	size_t n = 0, n_jobs = 0;

	if (b->stopping)
		return;
	count(b);
	jobs = xcalloc(HASH_COUNT(b->leases) + 1, sizeof *jobs);
	LL_COUNT(p->left, l, n);
	all = xcalloc(n + (size_t)b->n_workers + 1, sizeof *all);
	LL_FOREACH (p->left, l) {
		HASH_FIND_STR(b->by_id, l->id, w);
		if (!w) /* else it came back */
			all[list.n_workers++] = (struct worker){
				.id = l->id, .bridge = b->id, .slots = 1, .gone = true};
	}
	HASH_ITER (hh, b->by_id, w, tmp) {
		struct worker *to = &all[list.n_workers++];

		fill(to, b, w);
		to->jobs = jobs + n_jobs;
		to->n_jobs = fill_jobs(jobs + n_jobs, w);
		n_jobs += to->n_jobs;
	}
	list.workers = all;
	loop_cancel(b->loop, &p->soon);
	bridge_ask(b, b->jobs, MSG_WORKER_SEEN, &list, told, NULL);
	left_clear(p);
	free(all);
	free(jobs);
}

void presence_open(struct bridge *b)
{
	b->presence = xcalloc(1, sizeof *b->presence);
	b->presence->every = loop_every(b->loop, EVERY_MS, send_now, b);
}

void presence_close(struct bridge *b)
{
	if (!b->presence)
		return;
	left_clear(b->presence);
	loop_cancel(b->loop, &b->presence->every);
	loop_cancel(b->loop, &b->presence->soon);
	free(b->presence);
	b->presence = NULL;
}

void presence_touch(struct bridge *b)
{
	if (!b->presence->soon)
		loop_after(b->loop, SOON_MS, send_now, b, &b->presence->soon);
}

void presence_left(struct bridge *b, const char *id)
{
	struct left *l = xcalloc(1, sizeof *l);

	snprintf(l->id, sizeof l->id, "%s", id);
	LL_PREPEND(b->presence->left, l);
	presence_touch(b);
}
