/* All frames of a clip, drawn by several threads, handed out in order. */
#ifndef ARENA_SANDBOX_FILM_H
#define ARENA_SANDBOX_FILM_H

#include "paint.h"
#include "yuv.h"

struct reel {
	int w, h, frames;
	/* Draws frame i over the whole canvas. Called by several threads at once. */
	void (*draw)(const void *ctx, int i, struct canvas *c);
	const void *ctx; /* only read; must outlive film_run() */
};

/*
 * Draws all frames on `threads` threads; take() gets each, in order, in the calling thread, and
 * returns 0 to go on. 0 when all were taken, -1 when take() stopped it or there is no memory.
 */
int film_run(const struct reel *reel, int threads,
	int (*take)(void *arg, int i, const struct yuv *), void *arg);

#endif
