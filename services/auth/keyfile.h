/*
 * DATA/auth/keys.json: every key that was ever made, without the keys themselves. The file is only
 * ever replaced whole (temporary file, sync, rename, sync of the folder), by one process at a time
 * (flock on keys.lock), so readers need no lock and a crash leaves the old file or the new one.
 */
#ifndef ARENA_AUTH_KEYFILE_H
#define ARENA_AUTH_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "proto/err.h"
#include "proto/id.h"

#define KEY_ID   21  /* "key_", 16 hex digits, NUL */
#define KEY_NAME 129 /* for people; with the NUL */
#define KEY_HASH 32
#define KEY_CODE 33 /* 32 hex digits, NUL: codes.h */

enum key_kind { KEY_API, KEY_WORKER };

struct key {
	char id[KEY_ID];
	char name[KEY_NAME];
	enum key_kind kind;
	uint8_t hash[KEY_HASH]; /* BLAKE2b-256 of the key */
	bool unlimited;         /* no rate limit, no quota: the operator's own */
	int64_t created_at;     /* ms since 1970 */
	int64_t revoked_at;     /* 0: still good */
	/* a worker's key that was made by pairing; else "" */
	char owner[KEY_ID];     /* the API key that made the code */
	char code[KEY_CODE];    /* the code's hash: it makes no other key */
	char taken_by[RID_HEX]; /* the request that did: repeated, it gets this key again */
};

struct key_list {
	struct key *keys; /* oldest first */
	size_t n;
};

/* Which version of the file this is; all zero: there is none. */
struct key_stamp {
	ino_t inode;
	off_t size;
	struct timespec mtime;
};

const char *key_kind_name(enum key_kind kind); /* "api", "worker" */

/* 1 to 128 bytes of UTF-8 without control characters? */
bool key_name_ok(const char *name);

/* Makes DATA and DATA/auth (mode 0700) when they are not there. ERR_STORE, logged. */
enum err keyfile_prepare(const char *data_dir);

/* The file's version at the moment. Never fails. */
struct key_stamp keyfile_stamp(const char *data_dir);
bool key_stamp_same(const struct key_stamp *a, const struct key_stamp *b);

/*
 * Read it. No file: an empty list and a zero stamp. ERR_STORE when it cannot be read or makes no
 * sense, logged. The list must be passed to key_list_free().
 */
enum err keyfile_read(const char *data_dir, struct key_list *ret, struct key_stamp *stamp);

/*
 * Change it: read, call fn on the list, write. All under the lock, so changes by several processes
 * follow each other. What fn returns other than ERR_OK is passed on and nothing is written.
 * fresh: there was no file yet.
 */
typedef enum err keyfile_fn(void *arg, bool fresh, struct key_list *list);
enum err keyfile_change(const char *data_dir, keyfile_fn *fn, void *arg);

/* Only one process at a time past this: flock on DATA/auth/NAME. The fd is to be closed, or -1. */
int keyfile_lock(const char *data_dir, const char *name);

void key_list_add(struct key_list *l, const struct key *k); /* copies */
void key_list_free(struct key_list *l);

/* Replace a file of mode 0600 whole, safe against a crash at any moment. ERR_STORE, logged. */
enum err file_replace(const char *path, const void *p, size_t n);

/* A small file as a NUL-terminated string, to be passed to free(). ERR_NOT_FOUND, ERR_STORE. */
enum err file_read(const char *path, size_t limit, char **ret);

#endif
