#include "store_hooks.h"

#include <stdlib.h>
#include <string.h>

#include "proto/log.h"
#include "store_inside.h"

#define TRIM_MAX 8

static enum err get(struct store *s, enum table t, const struct key *k, const struct rec_info *rec,
	struct msg **ret)
{
	struct span v;

	if (!table_get(s, t, k, &v))
		return store_failed(s) ? ERR_STORE : ERR_NOT_FOUND;
	if (msg_read(rec, v.p, v.n, ret) != ERR_OK) {
		log_error("store_bad_record", LS("what", rec->name));
		return ERR_INTERNAL;
	}
	return ERR_OK;
}

static void put(struct store *s, enum table t, const struct key *k, const struct rec_info *rec,
	const void *from)
{
	size_t n;
	char *json = rec_write(rec, from, &n);

	table_put(s, t, k, json, n);
	free(json);
}

static bool begins(struct span key, const struct key *prefix)
{
	return key.n >= prefix->n && memcmp(key.p, prefix->b, prefix->n) == 0;
}

/* ---- endpoints ---- */

enum err store_endpoint_get(struct store *s, const char *owner, const char *id, struct msg **ret)
{
	struct key k = key_owned(owner, id);

	return get(s, ENDPOINTS, &k, &rec_endpoint, ret);
}

void store_endpoint_put(struct store *s, const struct endpoint *e)
{
	struct key k = key_owned(e->owner, e->id);

	put(s, ENDPOINTS, &k, &rec_endpoint, e);
}

void store_endpoint_drop(struct store *s, const char *owner, const char *id)
{
	struct key k = key_owned(owner, id);

	table_del(s, ENDPOINTS, &k);
}

struct endpoint_walk {
	struct key prefix;
	struct msg **ret;
	size_t n, max;
};

static bool endpoint_one(void *arg, struct span key, struct span val)
{
	struct endpoint_walk *w = arg;

	if (!begins(key, &w->prefix) || w->n == w->max)
		return false;
	if (msg_read(&rec_endpoint, val.p, val.n, &w->ret[w->n]) == ERR_OK)
		w->n++;
	else
		log_error("store_bad_record", LS("what", "endpoint"));
	return true;
}

size_t store_endpoints(struct store *s, const char *owner, struct msg **ret, size_t max)
{
	struct endpoint_walk w = {.prefix = key_owned(owner, ""), .ret = ret, .max = max};

	kv_walk(s->kv, ENDPOINTS, span(&w.prefix), endpoint_one, &w);
	return w.n;
}

/* ---- deliveries ---- */

static enum table table_of(enum hook_table t)
{
	return t == HOOK_PENDING ? HOOKS : HOOKED;
}

static struct key hook_key(const char *owner, const char *endpoint, const char *id)
{
	struct key k = key_owned(owner, endpoint);

	key_add(&k, "", 1);
	key_str(&k, id);
	return k;
}

static struct key key_in(const struct hook_key *key)
{
	return hook_key(key->owner, key->endpoint, key->id);
}

enum err store_hook_get(
	struct store *s, enum hook_table t, const struct hook_key *key, struct msg **ret)
{
	struct key k = key_in(key);

	return get(s, table_of(t), &k, &rec_delivery, ret);
}

void store_hook_put(struct store *s, const struct delivery *d)
{
	struct key k = hook_key(d->owner, d->endpoint, d->id);

	put(s, HOOKS, &k, &rec_delivery, d);
}

void store_hook_drop(struct store *s, const struct hook_key *key)
{
	struct key k = key_in(key);

	table_del(s, HOOKS, &k);
}

struct newest_walk {
	struct key prefix;
	struct msg **ret;
	size_t n, max;
};

static bool newest_one(void *arg, struct span key, struct span val)
{
	struct newest_walk *w = arg;

	if (!begins(key, &w->prefix) || w->n == w->max)
		return false;
	if (msg_read(&rec_delivery, val.p, val.n, &w->ret[w->n]) == ERR_OK)
		w->n++;
	else
		log_error("store_bad_record", LS("what", "delivery"));
	return true;
}

size_t store_hooks_newest(struct store *s, enum hook_table t, const char *owner,
	const char *endpoint, struct msg **ret, size_t max)
{
	struct newest_walk w = {.prefix = hook_key(owner, endpoint, ""), .ret = ret, .max = max};
	struct key from = hook_key(owner, endpoint, "\xff");

	kv_walk_back(s->kv, table_of(t), span(&from), newest_one, &w);
	return w.n;
}

struct pending_walk {
	store_hook_fn *fn;
	void *arg;
};

static bool pending_one(void *arg, struct span key, struct span val)
{
	struct pending_walk *w = arg;
	struct msg *m;

	(void)key;
	if (msg_read(&rec_delivery, val.p, val.n, &m) == ERR_OK) {
		w->fn(w->arg, msg_rec(m));
		msg_free(m);
	} else {
		log_error("store_bad_record", LS("what", "delivery"));
	}
	return true;
}

void store_hooks_pending(struct store *s, store_hook_fn *fn, void *arg)
{
	struct pending_walk w = {fn, arg};

	kv_walk(s->kv, HOOKS, nothing, pending_one, &w);
}

/* ---- those that are over ---- */

void store_hook_over(struct store *s, const struct delivery *d, int64_t keep_ms)
{
	struct key k = hook_key(d->owner, d->endpoint, d->id);

	table_del(s, HOOKS, &k);
	put(s, HOOKED, &k, &rec_delivery, d);
	store_expiry_add(s, d->ended_at + keep_ms, EXPIRY_HOOK, k.b, k.n);
}

struct trim_walk {
	struct key prefix;
	size_t keep;
	struct key found[TRIM_MAX];
	int n;
};

static bool trim_one(void *arg, struct span key, struct span val)
{
	struct trim_walk *w = arg;

	(void)val;
	if (!begins(key, &w->prefix) || w->n == TRIM_MAX)
		return false;
	if (w->keep) {
		w->keep--;
		return true;
	}
	w->found[w->n] = (struct key){.n = 0};
	key_add(&w->found[w->n++], key.p, key.n);
	return true;
}

static void forget(struct store *s, const struct key *k, int64_t keep_ms)
{
	const struct delivery *d;
	struct msg *m;

	if (get(s, HOOKED, k, &rec_delivery, &m) == ERR_OK) {
		d = msg_rec(m);
		store_expiry_drop(s, d->ended_at + keep_ms, EXPIRY_HOOK, k->b, k->n);
		msg_free(m);
	}
	table_del(s, HOOKED, k);
}

int store_hooks_trim(
	struct store *s, const char *owner, const char *endpoint, size_t keep, int64_t keep_ms)
{
	struct trim_walk w = {.prefix = hook_key(owner, endpoint, ""), .keep = keep};
	struct key from = hook_key(owner, endpoint, "\xff");

	kv_walk_back(s->kv, HOOKED, span(&from), trim_one, &w);
	for (int i = 0; i < w.n; i++)
		forget(s, &w.found[i], keep_ms);
	return w.n;
}

void store_hook_expired(struct store *s, const struct expiry *e)
{
	struct key k = {.n = 0};

	key_add(&k, e->key, e->n);
	table_del(s, HOOKED, &k);
}
