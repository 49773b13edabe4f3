/* A file of the blob store as an answer: whole or in part, with validators, for GET and HEAD. */
#ifndef ARENA_GATEWAY_SERVE_H
#define ARENA_GATEWAY_SERVE_H

#include "http.h"
#include "proto/blob.h"

struct file {
	const char *sha256;
	const char *type;
	const char
		*name; /* for people who keep it: nothing that a header could not hold in quotes */
};

/* Answers in any case; does not resume. */
void serve_file(struct exchange *x, struct blobs *blobs, const struct file *f);

#endif
