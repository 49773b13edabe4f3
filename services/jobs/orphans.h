/*
 * The search for files that no job refers to (a service was killed between writing a file and
 * telling us). It walks the blob store in a thread of its own, as that may take long, and only
 * collects names: whether one is really needed by nobody, only the jobs thread can say, and only
 * the jobs thread removes one, so no job can come to refer to it meanwhile.
 */
#ifndef ARENA_JOBS_ORPHANS_H
#define ARENA_JOBS_ORPHANS_H

#include <stdbool.h>
#include <stdint.h>

#include "inbox.h"
#include "proto/blob.h"
#include "proto/buf.h"

struct orphans;

/* Wakes the inbox when it has found some. */
struct orphans *orphans_start(
	struct blobs *blobs, struct inbox *inbox, int64_t every_ms, int64_t age_ms);
void orphans_stop(struct orphans *o); /* NULL is fine */

/* Adds what was found (BLOB_NAME bytes each) and lets the search go on. */
void orphans_take(struct orphans *o, struct buf *names);

#endif
