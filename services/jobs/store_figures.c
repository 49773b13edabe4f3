/* What the store keeps to count with: how jobs ended, minutes, models that were seen. */
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

struct model_walk {
	store_model_fn *fn;
	void *arg;
};

static bool model_one(void *arg, struct span key, struct span val)
{
	struct model_walk *w = arg;
	char id[512];

	if (key.n >= sizeof id || val.n < 8)
		return true;
	memcpy(id, key.p, key.n);
	id[key.n] = 0;
	w->fn(w->arg, id, (const char *)val.p + 8, val.n - 8, be8_get(val.p));
	return true;
}

void store_model_walk(struct store *s, store_model_fn *fn, void *arg)
{
	struct model_walk w = {fn, arg};

	kv_walk(s->kv, MODELS, nothing, model_one, &w);
}
