#include "roster.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#include "proto/buf.h"
#include "queue.h"

#define SAVE_EVERY_MS 3600000LL /* that a model is still there is written down so often */

struct guest {
	char *key;  /* bridge, a space, id */
	char *json; /* its record but for what it does now: to see whether something has changed */
	struct msg *msg;
	struct msg *doing; /* what it does now: busy, state, jobs */
	bool rests;        /* it takes no jobs for now */
	int64_t busy, until;
	UT_hash_handle hh;
};

struct offer {
	struct msg *msg;
	int64_t seen_at, saved_at;
	struct crew crew;
	UT_hash_handle hh;
};

struct roster {
	int64_t ttl_ms;
	struct guest *guests; /* by key */
	struct offer *offers; /* by id of the model */
	bool counted;         /* the crews are right */
	struct msg **old;     /* replaced, perhaps still pointed to */
	size_t n_old, cap_old;
};

struct roster *roster_new(int64_t worker_ttl_ms)
{
	struct roster *r = xcalloc(1, sizeof *r);

	r->ttl_ms = worker_ttl_ms;
	return r;
}

static void retire(struct roster *r, struct msg *m)
{
	if (r->n_old == r->cap_old) {
		r->cap_old = r->cap_old ? 2 * r->cap_old : 16;
		r->old = xrealloc(r->old, r->cap_old * sizeof *r->old);
	}
	r->old[r->n_old++] = m;
}

void roster_tidy(struct roster *r)
{
	while (r->n_old)
		msg_free(r->old[--r->n_old]);
}

static const struct model *model_of(const struct offer *o)
{
	return msg_rec(o->msg);
}

static struct offer *offer_find(const struct roster *r, const char *id)
{
	struct offer *o;

	HASH_FIND_STR(r->offers, id, o);
	return o;
}

static void offer_drop(struct roster *r, struct offer *o)
{
	HASH_DEL(r->offers, o); /* NOLINT(clang-analyzer-unix.Malloc): it moves the head */
	retire(r, o->msg);
	free(o);
}

/* m becomes the roster's. */
static struct offer *offer_set(struct roster *r, struct msg *m)
{
	const struct model *model = msg_rec(m);
	struct offer *o = offer_find(r, model->id), old = {0};

	if (o) { /* its key lies in the message */
		old = *o;
		offer_drop(r, o);
	}
	o = xcalloc(1, sizeof *o);
	o->msg = m;
	o->seen_at = old.seen_at;
	r->counted = false;
	HASH_ADD_KEYPTR(hh, r->offers, model->id, strlen(model->id), o);
	return o;
}

void roster_load(struct roster *r, const char *json, size_t n, int64_t seen_at)
{
	struct msg *m;
	struct offer *o;

	if (msg_read(&rec_model, json, n, &m) != ERR_OK)
		return;
	if (!((const struct model *)msg_rec(m))->id) {
		msg_free(m);
		return;
	}
	o = offer_set(r, m);
	o->seen_at = o->saved_at = seen_at;
}

static void offer_seen(struct roster *r, const struct model *model, bool changed, int64_t now)
{
	struct offer *o;
	struct msg *m;
	size_t n;
	char *json;

	if (!model->id || strlen(model->id) >= MODEL_MAX)
		return;
	o = offer_find(r, model->id);
	if (!o || changed) {
		json = rec_write(&rec_model, model, &n);
		if (msg_read(&rec_model, json, n, &m) == ERR_OK)
			o = offer_set(r, m);
		free(json);
	}
	if (o)
		o->seen_at = now;
}

static void guest_drop(struct roster *r, struct guest *g)
{
	r->counted = false;
	HASH_DEL(r->guests, g); /* NOLINT(clang-analyzer-unix.Malloc): it moves the head */
	if (g->msg)
		retire(r, g->msg);
	if (g->doing)
		retire(r, g->doing);
	free(g->json);
	free(g->key);
	free(g);
}

static struct guest *guest_get(struct roster *r, const struct worker *w)
{
	struct buf key = {0};
	struct guest *g;

	buf_addf(&key, "%s %s", w->bridge ? w->bridge : "", w->id);
	HASH_FIND_STR(r->guests, key.p, g);
	if (g) {
		buf_free(&key);
		return g;
	}
	g = xcalloc(1, sizeof *g);
	g->key = key.p; /* theirs now */
	HASH_ADD_KEYPTR(hh, r->guests, g->key, strlen(g->key), g);
	return g;
}

/* ready, busy, or no word: as older bridges do. */
static bool is_resting(const struct worker *w)
{
	return w->state && strcmp(w->state, "ready") != 0 && strcmp(w->state, "busy") != 0;
}

static void doing_set(struct roster *r, struct guest *g, const struct worker *w)
{
	struct worker doing = {
		.busy = w->busy, .state = w->state, .jobs = w->jobs, .n_jobs = w->n_jobs};
	bool rests = is_resting(w);
	struct msg *m;
	size_t n;
	char *json = rec_write(&rec_worker, &doing, &n);

	r->counted &= g->doing && g->busy == w->busy && g->rests == rests;
	if (msg_read(&rec_worker, json, n, &m) == ERR_OK) {
		if (g->doing)
			retire(r, g->doing);
		g->doing = m;
	}
	free(json);
	g->busy = w->busy;
	g->rests = rests;
}

void roster_seen(struct roster *r, const struct worker *w, int64_t mono, int64_t now)
{
	struct worker calm = *w;
	struct guest *g = guest_get(r, w);
	struct msg *m;
	size_t n;
	char *json;
	bool changed;

	calm.busy = 0;
	calm.state = NULL;
	calm.jobs = NULL;
	calm.n_jobs = 0;
	json = rec_write(&rec_worker, &calm, &n);
	changed = !g->json || strcmp(g->json, json) != 0;
	if (w->gone || (changed && msg_read(&rec_worker, json, n, &m) != ERR_OK)) {
		free(json);
		guest_drop(r, g);
		return;
	}
	if (changed) {
		if (g->msg)
			retire(r, g->msg);
		free(g->json);
		g->msg = m;
		g->json = json, json = NULL;
	}
	free(json);
	r->counted &= !changed;
	doing_set(r, g, w);
	g->until = mono + r->ttl_ms;
	for (size_t i = 0; i < w->n_models; i++)
		offer_seen(r, &w->models[i], changed, now);
}

void roster_expire(struct roster *r, int64_t mono)
{
	for (struct guest *g = r->guests, *next; g; g = next) {
		next = g->hh.next;
		if (g->until <= mono)
			guest_drop(r, g);
	}
}

size_t roster_count(const struct roster *r)
{
	return HASH_COUNT(r->guests);
}

bool roster_has(const struct roster *r, const char *worker)
{
	for (const struct guest *g = r->guests; g; g = g->hh.next) {
		if (strcmp(((const struct worker *)msg_rec(g->msg))->id, worker) == 0)
			return true;
	}
	return false;
}

struct worker *roster_workers(const struct roster *r, size_t *n)
{
	struct worker *list = xcalloc(roster_count(r) + 1, sizeof *list);
	size_t i = 0;

	for (struct guest *g = r->guests; g; g = g->hh.next, i++) {
		const struct worker *doing = msg_rec(g->doing);

		list[i] = *(const struct worker *)msg_rec(g->msg);
		list[i].busy = doing->busy;
		list[i].state = doing->state;
		list[i].jobs = doing->jobs;
		list[i].n_jobs = doing->n_jobs;
	}
	*n = i;
	return list;
}

struct model *roster_models(const struct roster *r, size_t *n)
{
	struct model *list = xcalloc(HASH_COUNT(r->offers) + 1, sizeof *list);
	size_t i = 0;

	for (struct offer *o = r->offers; o; o = o->hh.next)
		list[i++] = *model_of(o);
	*n = i;
	return list;
}

static void crew_join(struct roster *r, const struct guest *g)
{
	const struct worker *w = msg_rec(g->msg);
	int64_t slots = g->rests ? 0 : w->slots; /* it is there, and will have some again */
	int64_t idle = slots > g->busy ? slots - g->busy : 0;

	for (size_t i = 0; w->slots > 0 && i < w->n_models; i++) {
		struct offer *o = w->models[i].id ? offer_find(r, w->models[i].id) : NULL;

		if (!o)
			continue;
		o->crew.workers++;
		o->crew.slots += slots;
		o->crew.idle += idle;
	}
}

static void count(struct roster *r)
{
	if (r->counted)
		return;
	for (struct offer *o = r->offers; o; o = o->hh.next)
		o->crew = (struct crew){0};
	for (struct guest *g = r->guests; g; g = g->hh.next)
		crew_join(r, g);
	r->counted = true;
}

struct crew roster_crew(struct roster *r, const char *model)
{
	const struct offer *o = offer_find(r, model);

	count(r);
	return o ? o->crew : (struct crew){0};
}

const char **roster_available(struct roster *r, size_t *n)
{
	const char **list = xcalloc(HASH_COUNT(r->offers) + 1, sizeof *list);
	size_t found = 0;

	count(r);
	for (struct offer *o = r->offers; o; o = o->hh.next) {
		if (o->crew.workers)
			list[found++] = model_of(o)->id;
	}
	*n = found;
	return list;
}

const struct model *roster_unsaved(struct roster *r, int64_t *seen_at)
{
	for (struct offer *o = r->offers; o; o = o->hh.next) {
		if (o->saved_at && o->seen_at - o->saved_at < SAVE_EVERY_MS)
			continue;
		o->saved_at = *seen_at = o->seen_at;
		return model_of(o);
	}
	return NULL;
}

void roster_save_again(struct roster *r)
{
	for (struct offer *o = r->offers; o; o = o->hh.next)
		o->saved_at = 0;
}

const struct model *roster_outdated(const struct roster *r, int64_t before)
{
	for (struct offer *o = r->offers; o; o = o->hh.next) {
		if (o->seen_at < before)
			return model_of(o);
	}
	return NULL;
}

void roster_drop(struct roster *r, const char *model)
{
	struct offer *o = offer_find(r, model);

	if (o)
		offer_drop(r, o);
}

void roster_free(struct roster *r)
{
	if (!r)
		return;
	roster_expire(r, INT64_MAX);
	for (struct offer *o = r->offers, *next; o; o = next) {
		next = o->hh.next;
		offer_drop(r, o);
	}
	roster_tidy(r);
	free(r->old);
	free(r);
}
