/*
 * The body of a worker's request over plain HTTP: frames are kept as text, within the bound for
 * all bodies together; a part of a file goes into a temporary file of the blob store, and only
 * after the bridge has said that it knows the session and the upload.
 */
#ifndef ARENA_GATEWAY_PARCEL_H
#define ARENA_GATEWAY_PARCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/buf.h"
#include "proto/err.h"
#include "proto/rpc.h"

#define PARCEL_FRAMES (1 << 20) /* bytes of frames in one request */
#define PARCEL_PART   (4 << 20) /* bytes of a file */

struct request;

/* In struct request, zeroed. */
struct parcel {
	struct buf text;
	struct blob_writer *file;
	bool waste;         /* it begins behind what is there: nobody needs it */
	ask_done_fn *asked; /* what comes after the bridge's answer about it */
};

/* In the request's begin: answers it, suspends it, or lets its body come. */
void parcel_begin(struct request *r);

/* A piece. OVERLOADED, STORE. */
enum err parcel_feed(struct request *r, const char *p, size_t n);

/* In the request's done. */
void parcel_free(struct request *r);

#endif
