/* Writing JSON straight into a buffer. */
#ifndef ARENA_GATEWAY_JSON_OUT_H
#define ARENA_GATEWAY_JSON_OUT_H

#include <stdint.h>

#include "proto/buf.h"

/* A string with its quotes, escaped; null for NULL. s is valid UTF-8. */
void json_str(struct buf *out, const char *s);

/* ,"key":value (the comma unless the buffer ends with an opening brace). key: a constant. */
void json_key(struct buf *out, const char *key);
void json_kv_str(struct buf *out, const char *key, const char *value);
void json_kv_int(struct buf *out, const char *key, int64_t value);
void json_kv_bool(struct buf *out, const char *key, int value);

#endif
