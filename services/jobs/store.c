/* How the store's tables look. What they lie in is kv.h. */
#include "store.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "kv.h"
#include "proto/buf.h"
#include "proto/id.h"
#include "proto/log.h"

enum table { JOBS, OWNED, LIVE, EXPIRY, IDEM, ENDED, REFS, MODELS, MINUTES, NUMBERS, TABLES };

static const char *const table_names[TABLES] = {
	[JOBS] = "jobs",       /* id -> record as JSON */
	[OWNED] = "owned",     /* owner NUL id -> nothing */
	[LIVE] = "live",       /* id -> nothing */
	[EXPIRY] = "expiry",   /* time, kind, key -> nothing */
	[IDEM] = "idem",       /* owner NUL key -> id NUL fingerprint */
	[ENDED] = "ended",     /* time, id -> milliseconds, ok */
	[REFS] = "refs",       /* sha256 -> count */
	[MODELS] = "models",   /* id -> time, record as JSON */
	[MINUTES] = "minutes", /* minute -> nothing */
	[NUMBERS] = "numbers", /* name -> number */
};

/* A key being put together. Times and numbers are big-endian, so they sort. */
struct key {
	unsigned char b[512];
	size_t n;
};

static void key_add(struct key *k, const void *p, size_t n)
{
	assert(n <= sizeof k->b - k->n);
	memcpy(k->b + k->n, p, n);
	k->n += n;
}

static void key_str(struct key *k, const char *s)
{
	key_add(k, s, strlen(s));
}

static void be8_put(unsigned char b[8], int64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		b[i] = (unsigned char)v;
}

static int64_t be8_get(const void *p)
{
	const unsigned char *b = p;
	uint64_t v = 0;

	for (int i = 0; i < 8; i++)
		v = v << 8 | b[i];
	return (int64_t)v;
}

static void key_be8(struct key *k, int64_t v)
{
	unsigned char b[8];

	be8_put(b, v);
	key_add(k, b, sizeof b);
}

static struct span span(const struct key *k)
{
	return (struct span){k->b, k->n};
}

static const struct span nothing = {"", 0};

/* ---- opening and transactions ---- */

struct store {
	struct kv *kv;
};

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

enum err store_commit(struct store *s)
{
	return kv_commit(s->kv);
}

void store_abort(struct store *s)
{
	kv_abort(s->kv);
}

bool store_failed(const struct store *s)
{
	return kv_failed(s->kv);
}

static void put(struct store *s, enum table t, const struct key *k, const void *p, size_t n)
{
	kv_put(s->kv, t, span(k), (struct span){p, n});
}

static void del(struct store *s, enum table t, const struct key *k)
{
	kv_del(s->kv, t, span(k));
}

static bool get(struct store *s, enum table t, const struct key *k, struct span *ret)
{
	return kv_get(s->kv, t, span(k), ret);
}

static struct key key_of(const char *name)
{
	struct key k = {.n = 0};

	key_str(&k, name);
	return k;
}

/* An id from the end of a key; false: not one of ours. */
static bool id_from(struct span key, size_t skip, char id[ID_MAX])
{
	if (key.n < skip || key.n - skip >= ID_MAX)
		return false;
	memcpy(id, (const char *)key.p + skip, key.n - skip);
	id[key.n - skip] = 0;
	return true;
}

/* ---- jobs ---- */

enum err store_job_get(struct store *s, const char *id, struct msg **ret)
{
	struct key k = key_of(id);
	struct span v;

	if (!get(s, JOBS, &k, &v))
		return store_failed(s) ? ERR_STORE : ERR_NOT_FOUND;
	if (msg_read(&rec_job, v.p, v.n, ret) != ERR_OK) {
		log_error("store_bad_record", LS("id", id));
		return ERR_INTERNAL;
	}
	return ERR_OK;
}

enum err store_job_tell(struct store *s, const char *id, struct buf *out)
{
	static const char cut[] = ",\"untold\":true"; /* in no value: quotes are escaped there */
	struct key k = key_of(id);
	const char *end;
	struct span v;

	if (!get(s, JOBS, &k, &v))
		return store_failed(s) ? ERR_STORE : ERR_NOT_FOUND;
	end = memmem(v.p, v.n, cut, sizeof cut - 1);
	if (!end) {
		log_error("store_bad_record", LS("id", id));
		return ERR_INTERNAL;
	}
	buf_add(out, v.p, (size_t)(end - (const char *)v.p));
	buf_add(out, "}", 1);
	return ERR_OK;
}

bool store_job_has(struct store *s, const char *id)
{
	struct key k = key_of(id);
	struct span v;

	return get(s, JOBS, &k, &v);
}

void store_job_put(struct store *s, const struct job *job)
{
	struct key k = key_of(job->id);
	size_t n;
	char *json = rec_write(&rec_job, job, &n);

	put(s, JOBS, &k, json, n);
	free(json);
}

void store_job_drop(struct store *s, const char *id)
{
	struct key k = key_of(id);

	del(s, JOBS, &k);
}

int64_t store_jobs(struct store *s)
{
	return kv_count(s->kv, JOBS);
}

static struct key owned_key(const char *owner, const char *id)
{
	struct key k = {.n = 0};

	key_add(&k, owner, strlen(owner) + 1);
	key_str(&k, id);
	return k;
}

void store_owned_add(struct store *s, const char *owner, const char *id)
{
	struct key k = owned_key(owner, id);

	put(s, OWNED, &k, "", 0);
}

void store_owned_drop(struct store *s, const char *owner, const char *id)
{
	struct key k = owned_key(owner, id);

	del(s, OWNED, &k);
}

bool store_owned_has(struct store *s, const char *owner, const char *id)
{
	struct key k = owned_key(owner, id);
	struct span v;

	return get(s, OWNED, &k, &v);
}

struct owned_walk {
	const char *owner, *after;
	size_t skip;
	store_id_fn *fn;
	void *arg;
};

static bool owned_one(void *arg, struct span key, struct span val)
{
	struct owned_walk *w = arg;
	char id[ID_MAX];

	(void)val;
	if (key.n <= w->skip || memcmp(key.p, w->owner, w->skip) != 0 || !id_from(key, w->skip, id))
		return false;
	return (w->after && strcmp(id, w->after) == 0) || w->fn(w->arg, id);
}

void store_owned_walk(struct store *s, const char *owner, const char *after, bool ascending,
	store_id_fn *fn, void *arg)
{
	struct owned_walk w = {owner, after, strlen(owner) + 1, fn, arg};
	struct key k = owned_key(owner, after ? after : ascending ? "" : "\xff");

	if (ascending)
		kv_walk(s->kv, OWNED, span(&k), owned_one, &w);
	else
		kv_walk_back(s->kv, OWNED, span(&k), owned_one, &w);
}

void store_live_add(struct store *s, const char *id)
{
	struct key k = key_of(id);

	put(s, LIVE, &k, "", 0);
}

void store_live_drop(struct store *s, const char *id)
{
	struct key k = key_of(id);

	del(s, LIVE, &k);
}

struct id_walk {
	store_id_fn *fn;
	void *arg;
};

static bool live_one(void *arg, struct span key, struct span val)
{
	struct id_walk *w = arg;
	char id[ID_MAX];

	(void)val;
	return !id_from(key, 0, id) || w->fn(w->arg, id);
}

void store_live_walk(struct store *s, store_id_fn *fn, void *arg)
{
	struct id_walk w = {fn, arg};

	kv_walk(s->kv, LIVE, nothing, live_one, &w);
}

/* ---- expiry and idempotency ---- */

static struct key expiry_key(int64_t at, enum expiry_kind kind, const void *key, size_t n)
{
	struct key k = {.n = 0};
	char c = (char)kind;

	key_be8(&k, at);
	key_add(&k, &c, 1);
	key_add(&k, key, n);
	return k;
}

void store_expiry_add(struct store *s, int64_t at, enum expiry_kind kind, const void *key, size_t n)
{
	struct key k = expiry_key(at, kind, key, n);

	put(s, EXPIRY, &k, "", 0);
}

void store_expiry_drop(
	struct store *s, int64_t at, enum expiry_kind kind, const void *key, size_t n)
{
	struct key k = expiry_key(at, kind, key, n);

	del(s, EXPIRY, &k);
}

static bool expiry_one(void *arg, struct span key, struct span val)
{
	struct expiry *e = arg;

	(void)val;
	if (key.n < 9 || key.n - 9 >= sizeof e->key)
		return true;
	e->at = be8_get(key.p);
	e->kind = (enum expiry_kind)((const char *)key.p)[8];
	e->n = key.n - 9;
	memcpy(e->key, (const char *)key.p + 9, e->n);
	e->key[e->n] = 0;
	return false;
}

bool store_expiry_next(struct store *s, int64_t now, struct expiry *ret)
{
	struct expiry e = {.at = INT64_MAX};

	kv_walk(s->kv, EXPIRY, nothing, expiry_one, &e);
	if (e.at > now)
		return false;
	*ret = e;
	return true;
}

bool store_idem_get(struct store *s, const char *owner, const char *key, struct idem *ret)
{
	struct key k = owned_key(owner, key);
	const char *p, *nul;
	struct span v;
	size_t n;

	if (!get(s, IDEM, &k, &v))
		return false;
	p = v.p;
	nul = memchr(p, 0, v.n);
	n = nul ? v.n - (size_t)(nul - p) - 1 : 0;
	if (!nul || (size_t)(nul - p) >= sizeof ret->id || n >= sizeof ret->fingerprint)
		return false;
	memcpy(ret->id, p, (size_t)(nul - p) + 1);
	memcpy(ret->fingerprint, nul + 1, n);
	ret->fingerprint[n] = 0;
	return true;
}

void store_idem_put(struct store *s, const char *owner, const char *key, const struct idem *idem,
	int64_t expires_at)
{
	struct key k = owned_key(owner, key), v = owned_key(idem->id, idem->fingerprint);

	put(s, IDEM, &k, v.b, v.n);
	store_expiry_add(s, expires_at, EXPIRY_IDEM, k.b, k.n);
}

void store_idem_drop(struct store *s, const struct expiry *e)
{
	struct key k = {.n = 0};

	key_add(&k, e->key, e->n);
	del(s, IDEM, &k);
}

/* ---- numbers of all kinds ---- */

static int64_t number_get(struct store *s, enum table t, const char *name)
{
	struct key k = key_of(name);
	struct span v;

	return get(s, t, &k, &v) && v.n == 8 ? be8_get(v.p) : 0;
}

static void number_put(struct store *s, enum table t, const char *name, int64_t value)
{
	struct key k = key_of(name);
	unsigned char b[8];

	be8_put(b, value);
	put(s, t, &k, b, sizeof b);
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
		del(s, REFS, &k);
	return count;
}

void store_end_add(struct store *s, int64_t at, const char *id, int64_t took_ms, bool ok)
{
	struct key k = {.n = 0};
	unsigned char v[9];

	key_be8(&k, at);
	key_str(&k, id);
	be8_put(v, took_ms);
	v[8] = ok;
	put(s, ENDED, &k, v, sizeof v);
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
	put(s, MINUTES, &k, "", 0);
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

/* ---- models ---- */

void store_model_put(struct store *s, const char *id, const char *json, size_t n, int64_t seen_at)
{
	struct key k = key_of(id);
	struct buf v = {0};
	unsigned char b[8];

	be8_put(b, seen_at);
	buf_add(&v, b, sizeof b);
	buf_add(&v, json, n);
	put(s, MODELS, &k, v.p, v.n);
	buf_free(&v);
}

void store_model_drop(struct store *s, const char *id)
{
	struct key k = key_of(id);

	del(s, MODELS, &k);
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
