/* A JSON array of frames, cut into its frames. Pure. */
#ifndef ARENA_BRIDGE_BATCH_H
#define ARENA_BRIDGE_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#define BATCH_MAX 1024 /* frames */

struct piece {
	const char *p; /* into the text */
	size_t n;
};

/*
 * Cut n bytes. Only where an element ends is looked at here: whoever reads the frame sees whether
 * it is JSON. False: no array, or too many. *count is set otherwise.
 */
bool batch_cut(const char *p, size_t n, struct piece pieces[BATCH_MAX], size_t *count);

#endif
