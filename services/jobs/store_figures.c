/*
 * What the store keeps to count with: how jobs ended, minutes, models that were
 * seen, and how long they took.
 */
#include <stdlib.h>
#include <string.h>

#include "store_inside.h"

void store_end_add(struct store *s, int64_t at, const char *id, int64_t took_ms, bool ok)
{
	struct key k = {.n = 0};
	unsigned char v[9];

	key_be8(&k, at);
	key_str(&k, id);
	be8_put(v, took_ms);
	v[8] = ok;
	table_put(s, ENDED, &k, v, sizeof v);
}

struct end_walk {
	store_end_fn *fn;
	void *arg;
};

static bool end_one(void *arg, struct span key, struct span val)
{
	struct end_walk *w = arg;
	const unsigned char *v = val.p;

	if (key.n >= 8 && val.n == 9)
		w->fn(w->arg, be8_get(key.p), be8_get(v), v[8]);
	return true;
}

void store_end_walk(struct store *s, int64_t since, store_end_fn *fn, void *arg)
{
	struct end_walk w = {fn, arg};
	struct key k = {.n = 0};

	key_be8(&k, since);
	kv_walk(s->kv, ENDED, span(&k), end_one, &w);
}

void store_minute_mark(struct store *s, int64_t minute)
{
	struct key k = {.n = 0};

	key_be8(&k, minute);
	table_put(s, MINUTES, &k, "", 0);
}

static bool count_one(void *arg, struct span key, struct span val)
{
	(void)key, (void)val;
	++*(int64_t *)arg;
	return true;
}

int64_t store_minutes_since(struct store *s, int64_t minute)
{
	struct key k = {.n = 0};
	int64_t n = 0;

	key_be8(&k, minute);
	kv_walk(s->kv, MINUTES, span(&k), count_one, &n);
	return n;
}

static int64_t trim(struct store *s, enum table t, int64_t before, int64_t max)
{
	struct key k = {.n = 0};

	key_be8(&k, before);
	return kv_trim(s->kv, t, span(&k), max);
}

int64_t store_trim(struct store *s, int64_t before_ms, int64_t max)
{
	return trim(s, ENDED, before_ms, max) + trim(s, MINUTES, before_ms / 60000, max);
}

void store_model_put(struct store *s, const char *id, const char *json, size_t n, int64_t seen_at)
{
	struct key k = key_of(id);
	struct buf v = {0};
	unsigned char b[8];

	be8_put(b, seen_at);
	buf_add(&v, b, sizeof b);
	buf_add(&v, json, n);
	table_put(s, MODELS, &k, v.p, v.n);
	buf_free(&v);
}

void store_model_drop(struct store *s, const char *id)
{
	struct key k = key_of(id);

	table_del(s, MODELS, &k);
}

#define MODEL_KEY_MAX 512

static bool model_from(struct span key, char id[MODEL_KEY_MAX])
{
	if (key.n >= MODEL_KEY_MAX)
		return false;
	memcpy(id, key.p, key.n);
	id[key.n] = 0;
	return true;
}

struct model_walk {
	store_model_fn *fn;
	void *arg;
};

static bool model_one(void *arg, struct span key, struct span val)
{
	struct model_walk *w = arg;
	char id[MODEL_KEY_MAX];

	if (val.n >= 8 && model_from(key, id))
		w->fn(w->arg, id, (const char *)val.p + 8, val.n - 8, be8_get(val.p));
	return true;
}

void store_model_walk(struct store *s, store_model_fn *fn, void *arg)
{
	struct model_walk w = {fn, arg};

	kv_walk(s->kv, MODELS, nothing, model_one, &w);
}

void store_typical_put(struct store *s, const char *model, const int64_t *ms, size_t n)
{
	struct key k = key_of(model);
	struct buf v = {0};
	unsigned char b[8];

	for (size_t i = 0; i < n; i++) {
		be8_put(b, ms[i]);
		buf_add(&v, b, sizeof b);
	}
	table_put(s, TYPICAL, &k, v.p, v.n);
	buf_free(&v);
}

void store_typical_drop(struct store *s, const char *model)
{
	struct key k = key_of(model);

	table_del(s, TYPICAL, &k);
}

struct typical_walk {
	store_typical_fn *fn;
	void *arg;
};

static bool typical_one(void *arg, struct span key, struct span val)
{
	struct typical_walk *w = arg;
	char model[MODEL_KEY_MAX];
	size_t n = val.n / 8;
	int64_t *ms;

	if (!model_from(key, model))
		return true;
	ms = xcalloc(n + 1, sizeof *ms);
	for (size_t i = 0; i < n; i++)
		ms[i] = be8_get((const char *)val.p + 8 * i);
	w->fn(w->arg, model, ms, n);
	free(ms);
	return true;
}

void store_typical_walk(struct store *s, store_typical_fn *fn, void *arg)
{
	struct typical_walk w = {fn, arg};

	kv_walk(s->kv, TYPICAL, nothing, typical_one, &w);
}
