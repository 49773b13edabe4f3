/*
 * Looking into the text of a record without decoding it. The text is what rec_write() made: no
 * white space between, strings escaped as json_str() does. It may end before its closing brace.
 */
#ifndef ARENA_JOBS_SCAN_H
#define ARENA_JOBS_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/buf.h"

/* A piece of the text. */
struct raw {
	const char *p;
	size_t n;
};

/* The value of a field of the outermost object, as it is written; a string has its quotes. */
bool scan_field(struct raw text, const char *name, struct raw *ret);

/* The same as a whole number, or what it is when it is left out. */
int64_t scan_int(struct raw text, const char *name, int64_t dflt);

/* Append what a written string says; false: it is none. */
bool scan_string(struct raw value, struct buf *out);

#endif
