/* Jobs in the store: their records, and who finds them there. */
#include <stdlib.h>
#include <string.h>

#include "proto/log.h"
#include "store_inside.h"

enum err store_job_get(struct store *s, const char *id, struct msg **ret)
{
	struct raw all;
	enum err e = store_job_record(s, id, &all);

	if (e)
		return e;
	if (msg_read(&rec_job, all.p, all.n, ret) != ERR_OK) {
		log_error("store_bad_record", LS("id", id));
		return ERR_INTERNAL;
	}
	return ERR_OK;
}

enum err store_job_record(struct store *s, const char *id, struct raw *ret)
{
	struct key k = key_of(id);
	struct span v;

	if (!table_get(s, JOBS, &k, &v))
		return store_failed(s) ? ERR_STORE : ERR_NOT_FOUND;
	*ret = (struct raw){v.p, v.n};
	return ERR_OK;
}

enum err store_job_text(struct store *s, const char *id, struct raw *ret)
{
	static const char cut[] = ",\"untold\":true"; /* in no value: quotes are escaped there */
	const char *end;
	struct raw all;
	enum err e = store_job_record(s, id, &all);

	if (e)
		return e;
	end = memmem(all.p, all.n, cut, sizeof cut - 1);
	if (!end)
		return ERR_EMPTY;
	*ret = (struct raw){all.p, (size_t)(end - all.p)};
	return ERR_OK;
}

bool store_job_has(struct store *s, const char *id)
{
	struct key k = key_of(id);
	struct span v;

	return table_get(s, JOBS, &k, &v);
}

void store_job_put(struct store *s, const struct job *job)
{
	struct key k = key_of(job->id);
	size_t n;
	char *json = rec_write(&rec_job, job, &n);

	table_put(s, JOBS, &k, json, n);
	free(json);
}

void store_job_drop(struct store *s, const char *id)
{
	struct key k = key_of(id);

	table_del(s, JOBS, &k);
}

int64_t store_jobs(struct store *s)
{
	return kv_count(s->kv, JOBS);
}

void store_owned_add(struct store *s, const char *owner, const char *id)
{
	struct key k = key_owned(owner, id);

	table_put(s, OWNED, &k, "", 0);
}

void store_owned_drop(struct store *s, const char *owner, const char *id)
{
	struct key k = key_owned(owner, id);

	table_del(s, OWNED, &k);
}

bool store_owned_has(struct store *s, const char *owner, const char *id)
{
	struct key k = key_owned(owner, id);
	struct span v;

	return table_get(s, OWNED, &k, &v);
}

struct id_walk {
	store_id_fn *fn;
	void *arg;
};

static bool owned_one(void *arg, const char *id, struct span val)
{
	struct id_walk *w = arg;

	(void)val;
	return w->fn(w->arg, id);
}

void store_owned_walk(struct store *s, const char *owner, const char *after, bool ascending,
	store_id_fn *fn, void *arg)
{
	struct id_walk w = {fn, arg};

	table_walk_owned(s, OWNED, owner, after, ascending, owned_one, &w);
}

void store_live_add(struct store *s, const char *id)
{
	struct key k = key_of(id);

	table_put(s, LIVE, &k, "", 0);
}

void store_live_drop(struct store *s, const char *id)
{
	struct key k = key_of(id);

	table_del(s, LIVE, &k);
}

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

/* ---- votes ---- */

void store_vote_add(struct store *s, const char *worker, const char *id)
{
	struct key k = key_owned(worker, id);

	table_put(s, VOTES, &k, "", 0);
}

void store_vote_drop(struct store *s, const char *worker, const char *id)
{
	struct key k = key_owned(worker, id);

	table_del(s, VOTES, &k);
}

void store_vote_walk(struct store *s, const char *worker, store_id_fn *fn, void *arg)
{
	struct id_walk w = {fn, arg};

	table_walk_owned(s, VOTES, worker, NULL, true, owned_one, &w);
}

/* ---- changes ---- */

static struct key change_key(const char *owner, int64_t change)
{
	struct key k = key_owned(owner, "");

	key_be8(&k, change);
	return k;
}

void store_change_add(struct store *s, const char *owner, int64_t change, const char *id)
{
	struct key k = change_key(owner, change);

	table_put(s, CHANGES, &k, id, strlen(id));
}

void store_change_drop(struct store *s, const char *owner, int64_t change)
{
	struct key k = change_key(owner, change);

	table_del(s, CHANGES, &k);
}

struct change_walk {
	const char *owner;
	size_t skip;
	store_change_fn *fn;
	void *arg;
};

static bool change_one(void *arg, struct span key, struct span val)
{
	struct change_walk *w = arg;
	char id[ID_MAX];

	if (key.n != w->skip + 8 || memcmp(key.p, w->owner, w->skip) != 0 || !id_from(val, 0, id))
		return false;
	return w->fn(w->arg, be8_get((const char *)key.p + w->skip), id);
}

void store_change_walk(
	struct store *s, const char *owner, int64_t after, store_change_fn *fn, void *arg)
{
	struct change_walk w = {owner, strlen(owner) + 1, fn, arg};
	struct key k = change_key(owner, after + 1);

	kv_walk(s->kv, CHANGES, span(&k), change_one, &w);
}
