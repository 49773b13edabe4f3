/* One thread that calls a function every so often. */
#ifndef ARENA_GATEWAY_TICKER_H
#define ARENA_GATEWAY_TICKER_H

#include <stdint.h>

struct ticker;

struct ticker *ticker_start(int64_t every_ms, void (*fn)(void *arg, int64_t now_us), void *arg);
void ticker_stop(struct ticker *t); /* fn does not run any more; NULL is fine */

#endif
