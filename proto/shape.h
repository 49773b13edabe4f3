/*
 * JSON from outside, read by tables of rules into structs: each rule says what a field must be, so
 * that what was read needs no more checks.
 */
#ifndef ARENA_SHAPE_H
#define ARENA_SHAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum shape_type {
	SHAPE_END,
	SHAPE_STR,  /* const char *; lo..hi bytes; absent: NULL */
	SHAPE_INT,  /* int64_t; lo..hi; absent: dflt */
	SHAPE_NUM,  /* double; lo..hi; absent: dflt */
	SHAPE_BOOL, /* bool; absent: dflt */
	SHAPE_STRS, /* const char *const *, and size_t count; lo..hi of them, each of up to 64 bytes
		     */
	SHAPE_OBJ,  /* the struct itself, read by sub */
	SHAPE_LIST  /* const struct *, and size_t count; lo..hi of them, each read by sub */
};

struct shape {
	const char *name;
	enum shape_type type;
	size_t offset;
	int64_t lo, hi;
	bool need; /* absent or null is wrong */
	int64_t dflt;
	bool (*ok)(const char *s); /* STR, and each of STRS: more that must hold; may be NULL */
	size_t count_offset;       /* STRS, LIST */
	size_t sub_size;           /* LIST; STRS: 0, or each may be empty and have so many bytes */
	const struct shape *sub;   /* OBJ, LIST */
};

#define SHAPE_WHY 120 /* room for what is wrong, with the NUL */

struct doc; /* a parsed text; owns all that was read from it */

/* ERR_BAD_JSON: no JSON object, or not UTF-8. The result must be passed to doc_free(). */
enum err doc_parse(const char *json, size_t n, struct doc **ret);

/* A string at the top, or NULL when it is not there or no string. */
const char *doc_str(const struct doc *d, const char *name);

/*
 * Read by the rules, up to SHAPE_END, into a zeroed struct of `size` bytes. NULL when a rule is
 * broken; `why` says which ("percent: 0 to 100"). The result lives as long as d. Fields without a
 * rule are ignored.
 */
const void *doc_read(struct doc *d, const struct shape *shapes, size_t size, char why[SHAPE_WHY]);

void doc_free(struct doc *d);

/* Well-formed UTF-8 (RFC 3629) without NULs? */
bool utf8_ok(const char *p, size_t n);

/* No control characters: fit for one line of a log or a page. */
bool line_ok(const char *s);

#endif
