#include "queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>
#include <utlist.h>

#include "heap.h"
#include "line.h"
#include "proto/buf.h"

struct model {
	char *name;
	struct lane *lanes; /* of all owners who want it */
	size_t ready;       /* jobs in them that need not wait for their time */
	uint64_t wanted;    /* by the take with this number */
	UT_hash_handle hh;
};

/* The jobs of one owner for one model. */
struct lane {
	struct owner *owner;
	struct model *model;
	size_t jobs;                /* ready or delayed */
	struct line ready;          /* by id */
	struct lane *prev, *next;   /* of the owner's */
	struct lane *mprev, *mnext; /* of the model's */
};

struct owner {
	char *name;
	size_t waiting, ready, running;
	int64_t max_running;
	uint64_t served;           /* number of the take that served it last; 0: never */
	uint64_t joined;           /* number of its joining q->turns: who was never served */
	struct lane *lanes;        /* none is empty */
	struct owner *prev, *next; /* of q->turns, while ready > 0 */
	UT_hash_handle hh;
};

struct wait {
	char id[ID_MAX];
	struct lane *lane;
	int64_t since, not_before;
	bool ready;         /* in lane->ready, else in q->delayed */
	struct place place; /* there */
	size_t place_delayed;
	size_t place_oldest; /* in q->oldest */
	UT_hash_handle hh;
};

struct queue {
	struct wait *waits;   /* by id */
	struct owner *owners; /* by name */
	struct model *models; /* by name */
	struct owner *turns;  /* owners with ready jobs, served longest ago first */
	struct heap delayed;  /* by not_before */
	struct heap oldest;   /* by since */
	size_t n_running;
	uint64_t takes, joins;
	queue_ready_fn *ready;
	void *arg;
};

static bool by_time(const void *a, const void *b)
{
	return ((const struct wait *)a)->not_before < ((const struct wait *)b)->not_before;
}

static bool by_age(const void *a, const void *b)
{
	return ((const struct wait *)a)->since < ((const struct wait *)b)->since;
}

struct queue *queue_new(queue_ready_fn *ready, void *arg)
{
	struct queue *q = xcalloc(1, sizeof *q);

	q->ready = ready;
	q->arg = arg;
	heap_init(&q->delayed, by_time, offsetof(struct wait, place_delayed));
	heap_init(&q->oldest, by_age, offsetof(struct wait, place_oldest));
	return q;
}

static struct owner *owner_find(const struct queue *q, const char *name)
{
	struct owner *o;

	HASH_FIND_STR(q->owners, name, o);
	return o;
}

static struct owner *owner_get(struct queue *q, const char *name)
{
	struct owner *o = owner_find(q, name);

	if (!o) {
		o = xcalloc(1, sizeof *o);
		o->name = xstrdup(name);
		HASH_ADD_KEYPTR(hh, q->owners, o->name, strlen(o->name), o);
	}
	return o;
}

static struct model *model_get(struct queue *q, const char *name)
{
	struct model *m;

	HASH_FIND_STR(q->models, name, m);
	if (!m) {
		m = xcalloc(1, sizeof *m);
		m->name = xstrdup(name);
		HASH_ADD_KEYPTR(hh, q->models, m->name, strlen(m->name), m);
	}
	return m;
}

static struct lane *lane_get(struct queue *q, struct owner *o, const char *model)
{
	struct lane *l;

	for (l = o->lanes; l; l = l->next) {
		if (strcmp(l->model->name, model) == 0)
			return l;
	}
	l = xcalloc(1, sizeof *l);
	l->owner = o;
	l->model = model_get(q, model);
	DL_APPEND2(l->model->lanes, l, mprev, mnext);
	DL_APPEND(o->lanes, l);
	return l;
}

static void lane_drop(struct queue *q, struct lane *l)
{
	struct model *m = l->model;

	DL_DELETE(l->owner->lanes, l);
	DL_DELETE2(m->lanes, l, mprev, mnext);
	free(l);
	if (!m->lanes) {
		HASH_DEL(q->models, m);
		free(m->name);
		free(m);
	}
}

static bool at_limit(const struct owner *o)
{
	return o->max_running > 0 && o->running >= (size_t)o->max_running;
}

/* Into the order of turns, from its end: who joins was mostly served of late. */
static void turns_join(struct queue *q, struct owner *o)
{
	struct owner *at = q->turns ? q->turns->prev : NULL;

	while (at && at->served > o->served)
		at = at == q->turns ? NULL : at->prev;
	if (at)
		DL_APPEND_ELEM(q->turns, at, o);
	else
		DL_PREPEND(q->turns, o);
	o->joined = ++q->joins;
}

static void make_ready(struct queue *q, struct wait *w)
{
	struct lane *l = w->lane;

	w->ready = true;
	line_add(&l->ready, &w->place);
	l->model->ready++;
	if (l->owner->ready++ == 0)
		turns_join(q, l->owner);
	if (q->ready && !at_limit(l->owner))
		q->ready(q->arg, l->model->name);
}

static void make_unready(struct queue *q, struct wait *w)
{
	struct lane *l = w->lane;

	w->ready = false;
	line_remove(&l->ready, &w->place);
	l->model->ready--;
	if (--l->owner->ready == 0)
		DL_DELETE(q->turns, l->owner);
}

void queue_add(struct queue *q, const struct queue_job *job, int64_t now)
{
	struct owner *o = owner_get(q, job->owner);
	struct wait *w = xcalloc(1, sizeof *w);

	assert(strlen(job->id) < sizeof w->id);
	memccpy(w->id, job->id, 0, sizeof w->id);
	w->place.name = w->id;
	w->since = job->since;
	w->not_before = job->not_before;
	w->lane = lane_get(q, o, job->model);
	w->lane->jobs++;
	o->waiting++;
	o->max_running = job->max_running;
	HASH_ADD_STR(q->waits, id, w);
	heap_add(&q->oldest, w);
	if (w->not_before > now)
		heap_add(&q->delayed, w);
	else
		make_ready(q, w);
}

static struct wait *wait_find(const struct queue *q, const char *id)
{
	struct wait *w;

	HASH_FIND_STR(q->waits, id, w);
	return w;
}

static void wait_drop(struct queue *q, struct wait *w)
{
	struct lane *l = w->lane;

	if (w->ready)
		make_unready(q, w);
	else
		heap_remove(&q->delayed, w);
	heap_remove(&q->oldest, w);
	HASH_DEL(q->waits, w);
	free(w);
	l->owner->waiting--;
	if (--l->jobs == 0)
		lane_drop(q, l);
}

bool queue_remove(struct queue *q, const char *id)
{
	struct wait *w = wait_find(q, id);

	if (w)
		wait_drop(q, w);
	return w != NULL;
}

static struct wait *lane_first(const struct lane *l)
{
	struct place *p = line_first(&l->ready);

	return p ? (struct wait *)((char *)p - offsetof(struct wait, place)) : NULL;
}

/* Mark the wanted models; false: none of them has a ready job. */
static bool want(struct queue *q, const char *const *models, size_t n)
{
	size_t ready = 0;

	q->takes++;
	for (size_t i = 0; i < n; i++) {
		struct model *m;

		HASH_FIND_STR(q->models, models[i], m);
		if (m) {
			m->wanted = q->takes;
			ready += m->ready;
		}
	}
	return ready > 0;
}

static struct wait *oldest_wanted(const struct queue *q, const struct owner *o)
{
	struct wait *best = NULL;
	struct lane *l;

	for (l = o->lanes; l; l = l->next) {
		struct wait *w = l->model->wanted == q->takes ? lane_first(l) : NULL;

		if (w && (!best || strcmp(w->id, best->id) < 0))
			best = w;
	}
	return best;
}

bool queue_take(
	struct queue *q, const char *const *models, size_t n, char id[ID_MAX], const char **owner)
{
	struct owner *o;
	struct wait *w = NULL;

	if (!want(q, models, n))
		return false;
	for (o = q->turns; o; o = o->next) {
		w = at_limit(o) ? NULL : oldest_wanted(q, o);
		if (w)
			break;
	}
	if (!w)
		return false;
	memccpy(id, w->id, 0, ID_MAX);
	*owner = o->name;
	wait_drop(q, w);
	if (o->ready) { /* to the end of the turns */
		DL_DELETE(q->turns, o);
		DL_APPEND(q->turns, o);
	}
	o->served = q->takes;
	o->running++;
	q->n_running++;
	return true;
}

void queue_runs(struct queue *q, const char *owner, int64_t max_running)
{
	struct owner *o = owner_get(q, owner);

	o->max_running = max_running;
	o->running++;
	q->n_running++;
}

void queue_run_over(struct queue *q, const char *owner)
{
	struct owner *o = owner_find(q, owner);
	bool was = o && at_limit(o);
	struct lane *l;

	assert(o && o->running > 0);
	o->running--;
	q->n_running--;
	if (!was || at_limit(o) || !q->ready)
		return;
	for (l = o->lanes; l; l = l->next) {
		if (line_count(&l->ready))
			q->ready(q->arg, l->model->name);
	}
}

void queue_wake(struct queue *q, int64_t now)
{
	struct wait *w;

	while ((w = heap_top(&q->delayed)) && w->not_before <= now) {
		heap_remove(&q->delayed, w);
		make_ready(q, w);
	}
}

int64_t queue_next_wake(const struct queue *q)
{
	const struct wait *w = heap_top(&q->delayed);

	return w ? w->not_before : INT64_MAX;
}

const char *queue_oldest(const struct queue *q, int64_t *since)
{
	const struct wait *w = heap_top(&q->oldest);

	if (!w)
		return NULL;
	*since = w->since;
	return w->id;
}

/* Is it a's turn before b's? Who has nothing that is ready comes after those who have. */
static bool turn_before(const struct owner *a, const struct owner *b)
{
	if (a->served != b->served)
		return a->served < b->served;
	return !b->ready || a->joined < b->joined;
}

bool queue_place(const struct queue *q, const char *id, struct queue_place *ret)
{
	const struct wait *w = wait_find(q, id);
	const struct lane *l, *other;
	size_t round; /* in which the owner's turn is this job's */

	if (!w)
		return false;
	l = w->lane;
	round = line_before(&l->ready, id) + 1;
	*ret = (struct queue_place){
		.model = l->model->name, .not_before = w->not_before, .position = round};
	for (other = l->model->lanes; other; other = other->mnext) {
		size_t ready = line_count(&other->ready);
		size_t turns = turn_before(other->owner, l->owner) ? round : round - 1;

		if (other != l)
			ret->position += ready < turns ? ready : turns;
	}
	return true;
}

void queue_models(const struct queue *q, queue_model_fn *fn, void *arg)
{
	const struct model *m, *tmp;
	const struct lane *l;

	HASH_ITER (hh, q->models, m, tmp) {
		size_t n = 0;

		for (l = m->lanes; l; l = l->mnext)
			n += l->jobs;
		if (n)
			fn(arg, m->name, n);
	}
}

size_t queue_waiting(const struct queue *q)
{
	return q->oldest.n;
}

size_t queue_delayed(const struct queue *q)
{
	return q->delayed.n;
}

size_t queue_running(const struct queue *q)
{
	return q->n_running;
}

size_t queue_owner_waiting(const struct queue *q, const char *owner)
{
	const struct owner *o = owner_find(q, owner);

	return o ? o->waiting : 0;
}

void queue_free(struct queue *q)
{
	struct owner *o, *next;

	if (!q)
		return;
	while (heap_top(&q->oldest))
		wait_drop(q, heap_top(&q->oldest));
	for (o = q->owners; o; o = next) {
		next = o->hh.next;
		HASH_DEL(q->owners, o); /* NOLINT(clang-analyzer-unix.Malloc): it moves the head */
		free(o->name);
		free(o);
	}
	heap_free(&q->delayed);
	heap_free(&q->oldest);
	free(q);
}
