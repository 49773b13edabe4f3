/* The inside of the store, shared by its files: its tables, and keys for them. */
#ifndef ARENA_JOBS_STORE_INSIDE_H
#define ARENA_JOBS_STORE_INSIDE_H

#include "kv.h"
#include "proto/id.h"
#include "store.h"

/* What each holds is said where its name is, in store.c. */
enum table {
	JOBS,
	OWNED,
	LIVE,
	EXPIRY,
	IDEM,
	ENDED,
	REFS,
	MODELS,
	MINUTES,
	NUMBERS,
	CHANGES,
	FILES,
	TYPICAL,
	ENDPOINTS,
	HOOKS,
	HOOKED,
	VOTES,
	TABLES
};

struct store {
	struct kv *kv;
	int64_t change;  /* number of the newest change */
	bool changed;    /* it has grown in this transaction */
	bool remembered; /* it is what the disk says, and this transaction */
};

/* A key being put together. Times and numbers are big-endian, so they sort. */
struct key {
	unsigned char b[512];
	size_t n;
};

void key_add(struct key *k, const void *p, size_t n);
void key_str(struct key *k, const char *s);
void key_be8(struct key *k, int64_t v);
struct key key_of(const char *name);
struct key key_owned(const char *owner, const char *name); /* owner NUL name */

void be8_put(unsigned char b[8], int64_t v);
int64_t be8_get(const void *p);

/* An id from the end of a key; false: not one of ours. */
bool id_from(struct span key, size_t skip, char id[ID_MAX]);

struct span span(const struct key *k);
extern const struct span nothing;

void table_put(struct store *s, enum table t, const struct key *k, const void *p, size_t n);
void table_del(struct store *s, enum table t, const struct key *k);
/* What is found is good until the next write. */
bool table_get(struct store *s, enum table t, const struct key *k, struct span *ret);

/* A table with keys of key_owned(): one owner's ids from behind `after` (NULL: all), oldest or
 * newest first, until fn says no. */
typedef bool owned_fn(void *arg, const char *id, struct span val);
void table_walk_owned(struct store *s, enum table t, const char *owner, const char *after,
	bool ascending, owned_fn *fn, void *arg);

#endif
