#include "services/bridge/votes.h"

#include <stdio.h>
#include <stdlib.h>

#include "proto/clock.h"
#include "proto/log.h"
#include "services/bridge/say.h"

#define EVERY_MS 10000 /* covers hints that were lost */
#define AGAIN_MS 30000 /* before a worker that has not answered is told again */
#define TRIES    20    /* of telling jobs; after that the worker is asked again */

struct votes {
	struct loop_timer *every;
	bool asking; /* a VOTE_TAKE is in flight */
	bool again;  /* there may be more since it was asked */
};

/* A vote that a worker was told of. */
struct vote_said {
	char job[ID_MAX];
	int64_t at_ms;
	UT_hash_handle hh;
};

/* ---- to the workers ---- */

/* Shall it be said now? And then it was. */
static bool is_due(struct link *w, const char *job)
{
	struct vote_said *s;
	int64_t now = mono_ms();

	HASH_FIND_STR(w->votes, job, s);
	if (s && now - s->at_ms < AGAIN_MS)
		return false;
	if (!s) {
		s = xcalloc(1, sizeof *s);
		snprintf(s->job, sizeof s->job, "%s", job);
		HASH_ADD_STR(w->votes, job, s);
	}
	s->at_ms = now;
	return true;
}

static void forget(struct link *w, const char *job)
{
	struct vote_said *s;

	HASH_FIND_STR(w->votes, job, s);
	if (!s)
		return;
	HASH_DEL(w->votes, s); /* NOLINT(clang-analyzer-unix.Malloc): it moves the head */
	free(s);
}

void votes_leave(struct link *w)
{
	struct vote_said *s, *tmp;

	HASH_ITER (hh, w->votes, s, tmp) {
		HASH_DEL(w->votes, s); /* NOLINT(clang-analyzer-unix.Malloc): it moves the head */
		free(s);
	}
}

static void hand_over(struct bridge *b, const struct vote *v)
{
	struct buf out = {0};
	struct link *w = NULL;

	if (!v->job || !v->worker || !v->winner)
		return;
	HASH_FIND_STR(b->by_id, v->worker, w);
	if (!w || w->state != LINK_LIVE || !is_due(w, v->job))
		return;
	log_info("vote_said", LS("job", v->job), LS("worker", w->id));
	say_vote(&out, v);
	link_say(w, &out);
}

static void taken(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	const struct vote_list *list = answer;
	struct votes *v = b->votes;
	bool again = v->again;

	(void)arg, (void)keep;
	v->asking = v->again = false;
	for (size_t i = 0; e == ERR_OK && i < list->n_votes; i++)
		hand_over(b, &list->votes[i]);
	if (again)
		votes_look(b);
}

void votes_look(void *bridge)
{
	struct bridge *b = bridge;
	struct vote_take ask = {0};
	struct link *w, *tmp;
	const char **ids;

	if (b->stopping || b->draining || !b->n_workers)
		return;
	if (b->votes->asking) {
		b->votes->again = true;
		return;
	}
	ids = xcalloc((size_t)b->n_workers, sizeof *ids);
	HASH_ITER (hh, b->by_id, w, tmp) {
		if (w->state == LINK_LIVE)
			ids[ask.n_workers++] = w->id;
	}
	ask.workers = ids;
	b->votes->asking = ask.n_workers > 0;
	if (ask.n_workers)
		bridge_ask(b, b->jobs, MSG_VOTE_TAKE, &ask, taken, NULL);
	free(ids);
}

/* ---- to jobs ---- */

struct telling {
	struct bridge *b;
	char job[ID_MAX], worker[65], message[1001];
	bool ok;
	char *names[FRAME_OUTPUTS];
	size_t n_names;
	int tries;
};

static void tell_jobs(void *arg);

static void told(struct bridge *b, void *arg, enum err e, const void *answer, struct msg **keep)
{
	struct telling *t = arg;
	struct link *w = NULL;

	(void)answer, (void)keep;
	if (err_passes(e) && !b->stopping && t->tries < TRIES) {
		loop_after(b->loop, pause_ms(t->tries++), tell_jobs, t, NULL);
		return;
	}
	HASH_FIND_STR(b->by_id, t->worker, w);
	if (w) /* one that is cast later on the same job is another one */
		forget(w, t->job);
	for (size_t i = 0; i < t->n_names; i++)
		free(t->names[i]);
	free(t);
}

static void tell_jobs(void *arg)
{
	struct telling *t = arg;
	struct vote_done say = {.job = t->job,
		.worker = t->worker,
		.ok = t->ok,
		.message = *t->message ? t->message : NULL,
		.names = (const char *const *)t->names,
		.n_names = t->n_names};

	bridge_ask(t->b, t->b->jobs, MSG_VOTE_DONE, &say, told, t);
}

void votes_done(struct link *w, const struct frame_voted *f)
{
	struct telling *t = xcalloc(1, sizeof *t);

	t->b = w->b;
	snprintf(t->job, sizeof t->job, "%s", f->job);
	snprintf(t->worker, sizeof t->worker, "%s", w->id);
	snprintf(t->message, sizeof t->message, "%s", f->message ? f->message : "");
	t->ok = f->ok;
	for (size_t i = 0; i < f->n_names && i < FRAME_OUTPUTS; i++)
		t->names[t->n_names++] = xstrdup(f->names[i]);
	tell_jobs(t);
}

/* ---- open and close ---- */

void votes_open(struct bridge *b)
{
	b->votes = xcalloc(1, sizeof *b->votes);
	b->votes->every = loop_every(b->loop, EVERY_MS, votes_look, b);
}

void votes_close(struct bridge *b)
{
	if (!b->votes)
		return;
	loop_cancel(b->loop, &b->votes->every);
	free(b->votes);
	b->votes = NULL;
}
