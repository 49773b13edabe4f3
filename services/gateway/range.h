/* The Range header (RFC 9110, section 14): the one byte range that players and downloaders ask for.
 * Pure. */
#ifndef ARENA_GATEWAY_RANGE_H
#define ARENA_GATEWAY_RANGE_H

#include <stdint.h>

enum range_kind {
	RANGE_ALL,  /* none was asked for, or it is to be ignored: answer 200 with everything */
	RANGE_PART, /* answer 206 with this part */
	RANGE_NONE  /* nothing of it is there: answer 416 and tell the size */
};

struct range {
	int64_t first;  /* offset of the first byte */
	int64_t length; /* 1 or more */
};

/*
 * header: its value, or NULL. size: bytes of the whole, 0 or more. Takes `bytes=` with `a-b`, `a-`
 * or `-n`; what is malformed, has another unit or asks for several ranges is ignored, as the
 * RFC allows. *ret is filled for RANGE_PART only.
 */
enum range_kind range_parse(const char *header, int64_t size, struct range *ret);

#endif
