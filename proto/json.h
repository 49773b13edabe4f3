/* Writing JSON straight into a buffer, without a tree in between. Reading is cJSON's. */
#ifndef ARENA_JSON_H
#define ARENA_JSON_H

#include <stdint.h>

#include "buf.h"

/* A string with its quotes, escaped; null for NULL. s is valid UTF-8. */
void json_str(struct buf *out, const char *s);

void json_int(struct buf *out, int64_t value);
void json_num(struct buf *out, double value); /* finite; as short as keeps its value */

/* Before each element of a list: a comma, unless the buffer ends with an opening bracket. */
void json_next(struct buf *out);

/* ,"key":value (the comma as json_next() has it). key: a constant. */
void json_key(struct buf *out, const char *key);
void json_kv_str(struct buf *out, const char *key, const char *value);
void json_kv_int(struct buf *out, const char *key, int64_t value);
void json_kv_bool(struct buf *out, const char *key, int value);
void json_kv_num(struct buf *out, const char *key, double value);
void json_kv_known(struct buf *out, const char *key, int64_t value); /* null unless above 0 */
void json_kv_time(struct buf *out, const char *key, int64_t ms);     /* seconds; null for 0 */
void json_kv_strs(struct buf *out, const char *key, const char *const *s, size_t n);

#endif
