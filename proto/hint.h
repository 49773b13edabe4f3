/*
 * Hints: PUB/SUB over nng. A hint says "look": the reader then asks. nng drops hints silently when
 * a queue is full or a connection is down, so each carries its publisher's number, a gap is
 * counted and reported, and a slow poll covers what is lost. Nothing is correct only because a
 * hint came.
 */
#ifndef ARENA_HINT_H
#define ARENA_HINT_H

#include <stdint.h>

#include "messages.h"

struct teller;
struct listener;

/* Returns NULL and logs when it cannot listen at url. */
struct teller *teller_open(const char *url, const uint8_t key[32]);

/* Never blocks. Call from one thread only. */
void tell(struct teller *t, enum msg_type type, const void *rec);

/*
 * Called from one nng thread at a time; must not block. rec is gone when it returns.
 * type 0, rec NULL: hints were lost, or the connection is new: look at everything you care for.
 */
typedef void hint_fn(void *arg, int type, const void *rec);

/* urls: one or several publishers, commas between. types: 0-terminated list of messages wanted. */
struct listener *listener_open(
	const char *urls, const uint8_t key[32], const int *types, hint_fn *fn, void *arg);

#endif
