/* UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF. Pure. */
#ifndef ARENA_GATEWAY_UTF8_H
#define ARENA_GATEWAY_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* How many characters (code points) n bytes are; -1: not valid, or there is a NUL among them. */
int64_t utf8_count(const char *p, size_t n);

#endif
