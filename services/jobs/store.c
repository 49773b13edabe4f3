/*
 * The store's tables, its transactions, and numbers of all kinds. How the tables look is in the
 * other store_*.c; what they lie in is kv.h.
 */
#include "store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/buf.h"
#include "store_inside.h"

#define CHANGE "change" /* among the numbers */

static const char *const table_names[TABLES] = {
	[JOBS] = "jobs",           /* id -> record as JSON */
	[OWNED] = "owned",         /* owner NUL id -> nothing */
	[LIVE] = "live",           /* id -> nothing */
	[EXPIRY] = "expiry",       /* time, kind, key -> nothing */
	[IDEM] = "idem",           /* owner NUL key -> id NUL fingerprint */
	[ENDED] = "ended",         /* time, id -> milliseconds, ok */
	[REFS] = "refs",           /* sha256 -> count */
	[MODELS] = "models",       /* id -> time, record as JSON */
	[MINUTES] = "minutes",     /* minute -> nothing */
	[NUMBERS] = "numbers",     /* name -> number */
	[CHANGES] = "changes",     /* owner NUL number of the change -> id of the job */
	[FILES] = "files",         /* owner NUL id -> record as JSON */
	[TYPICAL] = "typical",     /* model -> how long its last tries took, milliseconds */
	[ENDPOINTS] = "endpoints", /* owner NUL id -> record as JSON */
	[HOOKS] = "hooks",   /* owner NUL endpoint NUL id -> record as JSON, pending deliveries */
	[HOOKED] = "hooked", /* the same, of those that are over */
	[VOTES] = "votes",   /* worker NUL id of the job -> nothing */
};

const struct span nothing = {"", 0};

/* ---- keys ---- */

void key_add(struct key *k, const void *p, size_t n)
{
	assert(n <= sizeof k->b - k->n);
	memcpy(k->b + k->n, p, n);
	k->n += n;
}

void key_str(struct key *k, const char *s)
{
	key_add(k, s, strlen(s));
}

void be8_put(unsigned char b[8], int64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		b[i] = (unsigned char)v;
}

int64_t be8_get(const void *p)
{
	const unsigned char *b = p;
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | b[i];
	return (int64_t)v;
}

void key_be8(struct key *k, int64_t v)
{
	unsigned char b[8];

	be8_put(b, v);
	key_add(k, b, sizeof b);
}

struct key key_of(const char *name)
{
	struct key k = {.n = 0};

	key_str(&k, name);
	return k;
}

struct key key_owned(const char *owner, const char *name)
{
	struct key k = {.n = 0};

	key_add(&k, owner, strlen(owner) + 1);
	key_str(&k, name);
	return k;
}

bool id_from(struct span key, size_t skip, char id[ID_MAX])
{
	if (key.n < skip || key.n - skip >= ID_MAX)
		return false;
	memcpy(id, (const char *)key.p + skip, key.n - skip);
	id[key.n - skip] = 0;
	return true;
}

struct span span(const struct key *k)
{
	return (struct span){k->b, k->n};
}

/* ---- tables ---- */

void table_put(struct store *s, enum table t, const struct key *k, const void *p, size_t n)
{
	kv_put(s->kv, t, span(k), (struct span){p, n});
}

void table_del(struct store *s, enum table t, const struct key *k)
{
	kv_del(s->kv, t, span(k));
}

bool table_get(struct store *s, enum table t, const struct key *k, struct span *ret)
{
	return kv_get(s->kv, t, span(k), ret);
}

struct owned_walk {
	const char *owner, *after;
	size_t skip;
	owned_fn *fn;
	void *arg;
};

static bool owned_one(void *arg, struct span key, struct span val)
{
	struct owned_walk *w = arg;
	char id[ID_MAX];

	if (key.n <= w->skip || memcmp(key.p, w->owner, w->skip) != 0 || !id_from(key, w->skip, id))
		return false;
	return (w->after && strcmp(id, w->after) == 0) || w->fn(w->arg, id, val);
}

void table_walk_owned(struct store *s, enum table t, const char *owner, const char *after,
	bool ascending, owned_fn *fn, void *arg)
{
	struct owned_walk w = {owner, after, strlen(owner) + 1, fn, arg};
	struct key k = key_owned(owner, after ? after : ascending ? "" : "\xff");

	if (ascending)
		kv_walk(s->kv, t, span(&k), owned_one, &w);
	else
		kv_walk_back(s->kv, t, span(&k), owned_one, &w);
}

/* ---- opening and transactions ---- */

enum err store_open(const char *dir, int64_t map_size, struct store **ret)
{
	struct kv *kv;
	enum err e = kv_open(dir, map_size, table_names, TABLES, &kv);

	if (e)
		return e;
	*ret = xcalloc(1, sizeof **ret);
	(*ret)->kv = kv;
	return ERR_OK;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	kv_close(s->kv);
	free(s);
}

enum err store_begin(struct store *s, bool write)
{
	return kv_begin(s->kv, write);
}

/* The number of the newest change is written once for all changes of a transaction. */
enum err store_commit(struct store *s)
{
	enum err e;

	if (s->changed)
		store_number_put(s, CHANGE, s->change);
	e = kv_commit(s->kv);
	s->remembered &= e == ERR_OK;
	s->changed = false;
	return e;
}

void store_abort(struct store *s)
{
	s->remembered &= !s->changed;
	s->changed = false;
	kv_abort(s->kv);
}

bool store_failed(const struct store *s)
{
	return kv_failed(s->kv);
}

/* ---- numbers of all kinds ---- */

static int64_t number_get(struct store *s, enum table t, const char *name)
{
	struct key k = key_of(name);
	struct span v;

	return table_get(s, t, &k, &v) && v.n == 8 ? be8_get(v.p) : 0;
}

static void number_put(struct store *s, enum table t, const char *name, int64_t value)
{
	struct key k = key_of(name);
	unsigned char b[8];

	be8_put(b, value);
	table_put(s, t, &k, b, sizeof b);
}

int64_t store_number_get(struct store *s, const char *name)
{
	return number_get(s, NUMBERS, name);
}

void store_number_put(struct store *s, const char *name, int64_t value)
{
	number_put(s, NUMBERS, name, value);
}

int64_t store_ref_get(struct store *s, const char *sha256)
{
	return number_get(s, REFS, sha256);
}

int64_t store_ref_add(struct store *s, const char *sha256, int64_t n)
{
	int64_t count = number_get(s, REFS, sha256) + n;
	struct key k = key_of(sha256);

	if (count > 0)
		number_put(s, REFS, sha256, count);
	else
		table_del(s, REFS, &k);
	return count;
}

int64_t store_change_last(struct store *s)
{
	if (!s->remembered) {
		s->change = store_number_get(s, CHANGE);
		s->remembered = !store_failed(s);
	}
	return s->change;
}

int64_t store_change_next(struct store *s)
{
	int64_t last = store_change_last(s);

	s->changed = true;
	return s->change = last + 1;
}
