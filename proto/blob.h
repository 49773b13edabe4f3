/*
 * The blob store: files named by their SHA-256, written once, never changed. Behind it stands a
 * folder (DATA/blobs/ab/abcdef..., and DATA/blobs/tmp for what is being written) that every service
 * shares.
 *
 * Writing and pins. A writer writes a temporary file. blob_seal() says what its name will be, and
 * the file goes with its writer as before; blob_commit() links it under
 * its name, and the writer's own link stays as a *pin* until blob_release(): a file with a second
 * link is in somebody's hands and is not removed. So: commit, tell jobs, release. When jobs says
 * BLOB_GONE, commit again (the pin still has the bytes) and ask again.
 *
 * One writer belongs to one thread at a time. Everything else is thread-safe.
 */
#ifndef ARENA_BLOB_H
#define ARENA_BLOB_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "err.h"

#define BLOB_NAME 65 /* 64 hex digits and a NUL */

struct blobs;       /* the store */
struct blob_writer; /* one file on its way in */

/* Makes the folders when they are not there. ERR_STORE, logged. */
enum err blobs_open(const char *data_dir, struct blobs **ret);
void blobs_close(struct blobs *b);

bool blob_name_ok(const char *name); /* 64 lower-case hex digits? */

/* limit: bytes; writing more is ERR_TOO_LARGE. */
enum err blob_create(struct blobs *b, int64_t limit, struct blob_writer **ret);

/*
 * Name a temporary file so that it outlives this process and can be continued by another one
 * (uploads that survive a reconnect): `key` is [A-Za-z0-9_-]{1,80}. *size is what is there already:
 * 0 if new.
 */
enum err blob_resume(
	struct blobs *b, const char *key, int64_t limit, struct blob_writer **ret, int64_t *size);

enum err blob_write(struct blob_writer *w, const void *p, size_t n);
int64_t blob_written(const struct blob_writer *w);

/*
 * The file is whole: sync it and say its name, without having it in the store yet. Nothing may be
 * written any more. May be called again. *name is filled. ERR_STORE.
 */
enum err blob_seal(struct blob_writer *w, char name[BLOB_NAME]);

/* Was it sealed, by this writer or by the one that blob_resume() goes on for? */
bool blob_sealed(const struct blob_writer *w);

/* Sync, name, pin; sealed before or not. May be called again after BLOB_GONE. *name is filled.
 * ERR_STORE. */
enum err blob_commit(struct blob_writer *w, char name[BLOB_NAME]);

/* Path of the temporary file or pin, to hand to a child process. Good until w is sealed or goes. */
const char *blob_path(const struct blob_writer *w);

/*
 * For a file that one service writes and another reads: the writer's file within the store, and
 * opening it there for reading. ERR_NOT_FOUND, ERR_STORE. The caller closes *fd.
 */
const char *blob_temporary(const struct blob_writer *w);
enum err blob_open_temporary(struct blobs *b, const char *name, int *fd);

/* Let go of the temporary file or pin and free w. NULL is fine. */
void blob_release(struct blob_writer *w);

/* Free w and keep the named temporary file for a later blob_resume(). */
void blob_suspend(struct blob_writer *w);

/* Copy a whole file in: create, write, seal. */
enum err blob_import(struct blobs *b, const char *path, int64_t limit, struct blob_writer **ret,
	char name[BLOB_NAME], int64_t *size);

/* Open for reading. ERR_NOT_FOUND, ERR_STORE. The caller closes *fd. */
enum err blob_open(struct blobs *b, const char *name, int *fd, int64_t *size);

bool blob_exists(struct blobs *b, const char *name);

/* Remove unless somebody has a pin on it or it is not there. True: it is gone. */
bool blob_remove(struct blobs *b, const char *name);

/*
 * Call fn for every blob that has not been touched for min_age_ms and has no pin; fn says whether
 * to remove it. Temporary files of that age go too. Returns how many were removed.
 */
int64_t blob_sweep(struct blobs *b, int64_t now_ms, int64_t min_age_ms,
	bool (*fn)(void *arg, const char *name), void *arg);

#endif
