/*
 * multipart/form-data (RFC 7578, RFC 2046 section 5.1) read as it arrives, in pieces of any size.
 * Pure: memory is bounded by one part's head; the bytes of the parts are passed on in place.
 */
#ifndef ARENA_GATEWAY_MULTIPART_H
#define ARENA_GATEWAY_MULTIPART_H

#include <stddef.h>

#include "proto/err.h"

struct multipart;

struct part {
	const char *name;     /* of the field */
	const char *filename; /* NULL: it has none */
	const char *type;     /* its Content-Type, or NULL */
};

/* Each returns ERR_OK, or the error at which reading stops for good. */
struct multipart_sink {
	enum err (*head)(void *arg, const struct part *p); /* a part begins; p is gone after it */
	enum err (*data)(void *arg, const char *p, size_t n);
	enum err (*end)(void *arg); /* the part is complete */
};

/* content_type: the request's header. ERR_BAD_MULTIPART: no usable boundary in it. */
enum err multipart_new(const char *content_type, const struct multipart_sink *sink, void *arg,
	struct multipart **ret);

/* ERR_BAD_MULTIPART, or what the sink said; and the same again ever after. */
enum err multipart_feed(struct multipart *m, const char *p, size_t n);

/* Nothing more comes. ERR_BAD_MULTIPART: the closing boundary has not been seen. */
enum err multipart_end(struct multipart *m);

void multipart_free(struct multipart *m); /* NULL is fine */

#endif
