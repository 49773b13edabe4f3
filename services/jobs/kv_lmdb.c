/*
 * kv.h in LMDB: the only file that includes lmdb.h.
 *
 * An environment may be open only once in a process, and two processes would each think that the
 * queue is theirs: hence the lock file. MDB_NOTLS, as a transaction must not belong to a thread for
 * ever; mdb_reader_check at the start, for readers that were killed.
 */
#include "kv.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/buf.h"
#include "proto/fault.h"
#include "proto/log.h"

struct kv {
	char *dir;
	size_t map_size;
	int lock; /* the lock file */
	const char *const *tables;
	int n_tables;
	MDB_dbi dbi[KV_TABLES];
	MDB_env *env; /* NULL: could not be opened again */
	MDB_txn *txn;
	bool write, failed;
};

static enum err broken(const char *what, const char *why)
{
	log_error("store_failed", LS("what", what), LS("why", why));
	return ERR_STORE;
}

static enum err env_open(struct kv *kv)
{
	MDB_txn *txn = NULL;
	int dead = 0, rc;

	rc = mdb_env_create(&kv->env);
	if (!rc)
		rc = mdb_env_set_maxdbs(kv->env, KV_TABLES);
	if (!rc)
		rc = mdb_env_set_mapsize(kv->env, kv->map_size);
	if (!rc)
		rc = mdb_env_open(kv->env, kv->dir, MDB_NOTLS, 0600);
	if (!rc)
		rc = mdb_reader_check(kv->env, &dead);
	if (!rc)
		rc = mdb_txn_begin(kv->env, NULL, 0, &txn);
	for (int i = 0; !rc && i < kv->n_tables; i++)
		rc = mdb_dbi_open(txn, kv->tables[i], MDB_CREATE, &kv->dbi[i]);
	if (!rc) {
		rc = mdb_txn_commit(txn);
		txn = NULL;
	}
	if (!rc)
		return ERR_OK;
	mdb_txn_abort(txn);
	mdb_env_close(kv->env);
	kv->env = NULL;
	return broken(kv->dir, mdb_strerror(rc));
}

static enum err lock_take(struct kv *kv)
{
	struct buf path = {0};
	enum err e = ERR_OK;

	buf_addf(&path, "%s/lock", kv->dir);
	kv->lock = open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (kv->lock < 0)
		e = broken(path.p, strerror(errno));
	else if (flock(kv->lock, LOCK_EX | LOCK_NB) != 0)
		e = broken(path.p, errno == EWOULDBLOCK
					   ? "another jobs service runs on this data folder: stop "
					     "it, or use another --data"
					   : strerror(errno));
	buf_free(&path);
	return e;
}

enum err kv_open(
	const char *dir, int64_t map_size, const char *const *tables, int n, struct kv **ret)
{
	struct kv *kv = xcalloc(1, sizeof *kv);
	enum err e;

	assert(n <= KV_TABLES);
	kv->dir = xstrdup(dir);
	kv->map_size = (size_t)map_size;
	kv->tables = tables;
	kv->n_tables = n;
	kv->lock = -1;
	if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
		e = broken(dir, strerror(errno));
		goto out;
	}
	e = lock_take(kv);
	if (e)
		goto out;
	e = env_open(kv);
	if (e)
		goto out;
	*ret = kv, kv = NULL;
out:
	kv_close(kv);
	return e;
}

void kv_close(struct kv *kv)
{
	if (!kv)
		return;
	assert(!kv->txn);
	mdb_env_close(kv->env);
	if (kv->lock >= 0)
		close(kv->lock);
	free(kv->dir);
	free(kv);
}

/* After a failed write of its meta page LMDB refuses everything until it is opened anew. */
static enum err env_reopen(struct kv *kv)
{
	log_warn("store_reopen", LS("dir", kv->dir));
	mdb_env_close(kv->env);
	kv->env = NULL;
	return env_open(kv);
}

enum err kv_begin(struct kv *kv, bool write)
{
	unsigned flags = write ? 0 : MDB_RDONLY;
	int rc = MDB_PANIC;

	assert(!kv->txn);
	if (kv->env && !FAULT("store.panic"))
		rc = mdb_txn_begin(kv->env, NULL, flags, &kv->txn);
	if (rc == MDB_PANIC) {
		if (env_reopen(kv) != ERR_OK)
			return ERR_STORE;
		rc = mdb_txn_begin(kv->env, NULL, flags, &kv->txn);
	}
	if (rc) {
		kv->txn = NULL;
		return broken("begin", mdb_strerror(rc));
	}
	kv->write = write;
	kv->failed = false;
	return ERR_OK;
}

enum err kv_commit(struct kv *kv)
{
	int rc;

	assert(kv->txn);
	if (!kv->failed && kv->write && FAULT("store.commit")) {
		broken("commit", "fault");
		kv->failed = true;
	}
	if (kv->failed) {
		kv_abort(kv);
		return ERR_STORE;
	}
	rc = mdb_txn_commit(kv->txn);
	kv->txn = NULL;
	return rc ? broken("commit", mdb_strerror(rc)) : ERR_OK;
}

void kv_abort(struct kv *kv)
{
	mdb_txn_abort(kv->txn);
	kv->txn = NULL;
}

bool kv_failed(const struct kv *kv)
{
	return kv->failed;
}

/* Did it work? MDB_NOTFOUND is no failure, only a no. */
static bool worked(struct kv *kv, int table, int rc)
{
	if (rc && rc != MDB_NOTFOUND) {
		broken(kv->tables[table], mdb_strerror(rc));
		kv->failed = true;
	}
	return rc == 0;
}

static MDB_val val_of(struct span s)
{
	return (MDB_val){s.n, (void *)s.p};
}

static struct span span_of(const MDB_val *v)
{
	return (struct span){v->mv_data, v->mv_size};
}

bool kv_get(struct kv *kv, int table, struct span key, struct span *ret)
{
	MDB_val k = val_of(key), v;

	assert(kv->txn);
	if (kv->failed || !worked(kv, table, mdb_get(kv->txn, kv->dbi[table], &k, &v)))
		return false;
	*ret = span_of(&v);
	return true;
}

void kv_put(struct kv *kv, int table, struct span key, struct span val)
{
	MDB_val k = val_of(key), v = val_of(val);
	int rc;

	assert(kv->txn && kv->write && key.n <= KV_KEY_MAX);
	if (kv->failed)
		return;
	rc = FAULT("store.put") ? MDB_MAP_FULL : mdb_put(kv->txn, kv->dbi[table], &k, &v, 0);
	worked(kv, table, rc);
}

void kv_del(struct kv *kv, int table, struct span key)
{
	MDB_val k = val_of(key);
	int rc;

	assert(kv->txn && kv->write);
	if (kv->failed)
		return;
	rc = FAULT("store.put") ? MDB_MAP_FULL : mdb_del(kv->txn, kv->dbi[table], &k, NULL);
	worked(kv, table, rc);
}

int64_t kv_count(struct kv *kv, int table)
{
	MDB_stat st = {0};

	assert(kv->txn);
	worked(kv, table, mdb_stat(kv->txn, kv->dbi[table], &st));
	return (int64_t)st.ms_entries;
}

static MDB_cursor *cursor(struct kv *kv, int table)
{
	MDB_cursor *c = NULL;

	assert(kv->txn);
	if (kv->failed || !worked(kv, table, mdb_cursor_open(kv->txn, kv->dbi[table], &c)))
		return NULL;
	return c;
}

static void walk(struct kv *kv, int table, struct span from, bool back, kv_fn *fn, void *arg)
{
	MDB_cursor *c = cursor(kv, table);
	MDB_val k = val_of(from), v;
	int rc;

	if (!c)
		return;
	rc = mdb_cursor_get(c, &k, &v, from.n ? MDB_SET_RANGE : MDB_FIRST);
	if (back) /* nothing at or behind `from`: the last of all is before it */
		rc = mdb_cursor_get(c, &k, &v, rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
	while (worked(kv, table, rc) && fn(arg, span_of(&k), span_of(&v)))
		rc = mdb_cursor_get(c, &k, &v, back ? MDB_PREV : MDB_NEXT);
	mdb_cursor_close(c);
}

void kv_walk(struct kv *kv, int table, struct span from, kv_fn *fn, void *arg)
{
	walk(kv, table, from, false, fn, arg);
}

void kv_walk_back(struct kv *kv, int table, struct span from, kv_fn *fn, void *arg)
{
	walk(kv, table, from, true, fn, arg);
}

int64_t kv_trim(struct kv *kv, int table, struct span before, int64_t max)
{
	MDB_cursor *c = cursor(kv, table);
	MDB_val k, v, bound = val_of(before);
	int64_t n = 0;

	while (c && n < max && worked(kv, table, mdb_cursor_get(c, &k, &v, MDB_FIRST)) &&
		mdb_cmp(kv->txn, kv->dbi[table], &k, &bound) < 0 &&
		worked(kv, table, mdb_cursor_del(c, 0)))
		n++;
	if (c)
		mdb_cursor_close(c);
	return n;
}
