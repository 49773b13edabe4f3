/*
 * Ordered tables of bytes on disk, with transactions. Behind this stands LMDB, and nobody but
 * store.c may know even this header.
 *
 * One thread owns it and has at most one transaction open. Failures stick to the transaction:
 * once one operation has failed, later ones do nothing and the commit fails (see store.h).
 * Values that are found belong to the transaction, and are good only until the next write in it.
 */
#ifndef ARENA_JOBS_KV_H
#define ARENA_JOBS_KV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/err.h"

#define KV_KEY_MAX 511
#define KV_TABLES  32

struct kv;

struct span {
	const void *p;
	size_t n;
};

/* tables: n names, at most KV_TABLES; their places are their numbers. Reasons go to the log. */
enum err kv_open(
	const char *dir, int64_t map_size, const char *const *tables, int n, struct kv **ret);
void kv_close(struct kv *kv);

enum err kv_begin(struct kv *kv, bool write);
enum err kv_commit(struct kv *kv);
void kv_abort(struct kv *kv);
bool kv_failed(const struct kv *kv);

bool kv_get(struct kv *kv, int table, struct span key, struct span *ret);
void kv_put(struct kv *kv, int table, struct span key, struct span val);
void kv_del(struct kv *kv, int table, struct span key); /* fine when it is not there */
int64_t kv_count(struct kv *kv, int table);

/* fn says whether to go on. It must not write. */
typedef bool kv_fn(void *arg, struct span key, struct span val);

/* Forward: from the first key >= from. Backward: from the last key < from. */
void kv_walk(struct kv *kv, int table, struct span from, kv_fn *fn, void *arg);
void kv_walk_back(struct kv *kv, int table, struct span from, kv_fn *fn, void *arg);

/* Delete at most max entries from the start with keys < before. Returns how many. */
int64_t kv_trim(struct kv *kv, int table, struct span before, int64_t max);

#endif
