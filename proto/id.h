/* Names that are made, not given: request ids, job ids, tokens. Thread-safe. */
#ifndef ARENA_ID_H
#define ARENA_ID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A request id: 16 random bytes, shown as 32 hex digits. */
struct rid {
	uint8_t b[16];
};

#define RID_HEX 33 /* with the NUL */
#define ID_MAX  48 /* room for any id made here, with the NUL */

struct rid rid_new(void);
const char *rid_hex(const struct rid *rid, char out[RID_HEX]); /* returns out */
bool rid_parse(const char *hex, struct rid *ret);

/*
 * prefix and 32 hex digits of a UUIDv7 (RFC 9562, section 5.7): ids made later sort later, also
 * within one millisecond of one process.
 */
void id_new(const char *prefix, char out[ID_MAX]);

/* Is it prefix and 32 lower-case hex digits? Whatever comes from outside is asked this first. */
bool id_ok(const char *prefix, const char *id);

/* n random bytes as 2n hex digits and a NUL: lease tokens, key ids. */
void token_hex(size_t n, char *out);

#endif
