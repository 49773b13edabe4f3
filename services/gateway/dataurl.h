/* data: URLs with base64 (RFC 2397). Pure. */
#ifndef ARENA_GATEWAY_DATAURL_H
#define ARENA_GATEWAY_DATAURL_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/err.h"

bool dataurl_is(const char *s); /* does it begin as one? */

/*
 * Decode in pieces of at most 48 KiB, each given to sink. ERR_BAD_PARAM: no data URL, or not
 * well-formed base64 (white space in it is skipped); else what sink returned.
 */
enum err dataurl_decode(
	const char *s, enum err (*sink)(void *arg, const void *p, size_t n), void *arg);

#endif
