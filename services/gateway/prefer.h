/* The Prefer header (RFC 7240): what a client would like better. Pure. */
#ifndef ARENA_GATEWAY_PREFER_H
#define ARENA_GATEWAY_PREFER_H

#include <stdbool.h>
#include <stdint.h>

struct prefer {
	bool respond_async;
	int64_t wait_s; /* -1: not said */
};

/*
 * Read one such header into *p, which begins as {.wait_s = -1}. What is not known or makes no sense
 * is ignored, and of the same preference the first one counts, as the RFC has it.
 */
void prefer_read(const char *value, struct prefer *p);

#endif
