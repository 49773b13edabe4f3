/* Things that grow: outlines added to the current path of a canvas, filled by the caller at once.
 */
#ifndef ARENA_SANDBOX_FLORA_H
#define ARENA_SANDBOX_FLORA_H

#include "paint.h"

/* A conifer that stands at (x, y), h high; lean: how far the top is blown sideways. */
void flora_pine(struct canvas *c, float x, float y, float h, float lean, uint64_t seed);

/* A row of pines along a ridge, `pitch` apart (shorter sides), about h high (pixels); fills it. */
void flora_pines(struct canvas *c, const struct ridge *ground, float pitch, float h, float t,
	struct rgb colour);

/* A blade of grass from (x, y). */
void flora_blade(struct canvas *c, float x, float y, float h, float lean, float width);

#endif
