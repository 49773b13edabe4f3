/*
 * Signed links: a path with `?exp=SECONDS&sig=HEX`, good for whoever has it until it expires.
 * sig is HMAC-SHA-256 of "path\nwhat\nexp" under the key of linkkey.h, its first half (RFC 2104,
 * section 5); checked in constant time.
 */
#ifndef ARENA_SIGN_H
#define ARENA_SIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"

/* Adds ?exp=..&sig=.. for this path to out. expires_s: unix seconds. `what` goes into the
 * signature, e.g. the variant of a result, and is not part of the link; may be "". */
void sign_add(struct buf *out, const uint8_t key[32], const char *path, const char *what,
	int64_t expires_s);

/* exp and sig as they came in the query; false when wrong or expired. NULLs are wrong. */
bool sign_check(const uint8_t key[32], const char *path, const char *what, const char *exp,
	const char *sig, int64_t now_s);

#endif
