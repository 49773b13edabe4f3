/* What a client notes on a video for itself: pairs of texts, which mean nothing to us. */
#ifndef ARENA_METADATA_H
#define ARENA_METADATA_H

#include "buf.h"
#include "messages.h"

/* As OpenAI bounds them on its other objects; lengths in characters. */
#define METADATA_PAIRS 16
#define METADATA_KEY   64
#define METADATA_VALUE 512

/* Not too many, and each has a key and a value. */
bool metadata_ok(const struct tag *t, size_t n);

/* ,"metadata":{"key":"value"}, the comma as json_key() has it; {} when there is none. */
void json_kv_metadata(struct buf *out, const struct tag *t, size_t n);

#endif
