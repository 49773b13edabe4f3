/*
 * The picture as the camera sees it: upright, opaque, as large as the frames need. A picture of
 * about the frame's shape fills it; a very different one stands whole before a blurred copy of
 * itself, and one with transparent parts before a soft background.
 */
#ifndef ARENA_SANDBOX_PLATE_H
#define ARENA_SANDBOX_PLATE_H

#include "camera.h"
#include "paint.h"
#include "photo.h"

struct plate;

/* For frames of w x h. Takes nothing of photo. NULL when there is no memory. */
struct plate *plate_new(const struct photo *photo, int w, int h);
void plate_free(struct plate *plate); /* NULL is fine */

/* Whether the picture stands whole before something else. */
int plate_is_framed(const struct plate *plate);

/*
 * Covers the canvas with what the camera sees at `at` (0..1); with an opacity below 1, what is
 * there shows through. Thread-safe: plate is only read.
 */
void plate_draw(const struct plate *plate, enum motion motion, uint64_t seed, double at,
	double opacity, struct canvas *c);

#endif
