/*
 * A rate limit as a leaky bucket (GCRA, ITU-T I.371): so many requests a minute, and as many of
 * them at once as `burst`. Pure: the time is an argument, in microseconds that never go back.
 * One bucket is one number, so nothing ticks and an unused bucket costs nothing.
 */
#ifndef ARENA_AUTH_BUCKET_H
#define ARENA_AUTH_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

struct bucket {
	int64_t full_at_us; /* when it is full again if nothing more is taken; 0: it is full */
};

struct bucket_answer {
	bool ok;                /* taken; else nothing was taken */
	int64_t remaining;      /* that could be taken right now */
	int64_t reset_ms;       /* until it is full again, rounded up */
	int64_t retry_after_ms; /* until one more can be taken, rounded up; 0 when ok */
};

/* per_minute and burst: 1 or more. */
struct bucket_answer bucket_take(
	struct bucket *b, int64_t now_us, int64_t per_minute, int64_t burst);

#endif
