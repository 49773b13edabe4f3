/*
 * Files that workers send in binary frames, written into the blob store as they come. A broken
 * connection leaves the file where it is (blob_resume): the worker goes on from there, at any
 * bridge that shares the store. The loop's thread owns them; only the sync at the end is a task.
 */
#ifndef ARENA_BRIDGE_UPLOAD_H
#define ARENA_BRIDGE_UPLOAD_H

#include "services/bridge/lease.h"

void upload_open(struct lease *l, const struct frame_upload *f);

/* A binary frame. Returns what makes no sense about it, or NULL. */
const char *upload_chunk(struct link *w, const uint8_t *p, size_t n);

/*
 * The same by name, from a file of n bytes that begin at offset; bytes that are there already are
 * passed over. job NULL: of the only lease that has such an upload. *ret is how much is there
 * now, also when nothing was written because a part before these is missing. fd -1: only that.
 * UNKNOWN_UPLOAD, TOO_LARGE, STORE.
 */
enum err upload_part(
	struct link *w, const char *job, const char *name, int fd, int64_t offset, int64_t *ret);

void upload_end(struct link *w, const struct frame_upload_end *f);

/* The whole, sealed file of that name, out of the lease's uploads; NULL: there is none. The
 * caller's. */
struct blob_writer *upload_take(struct lease *l, const char *name);

/* The lease needs them no more. keep: leave the files, to be gone on with. */
void uploads_leave(struct lease *l, bool keep);

#endif
