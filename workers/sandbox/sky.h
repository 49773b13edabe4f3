/* The sky that outdoor scenes share: gradient, sun or moon, clouds, stars. */
#ifndef ARENA_SANDBOX_SKY_H
#define ARENA_SANDBOX_SKY_H

#include "scene.h"

struct sky {
	struct rgb top, mid, low; /* from the zenith to the horizon */
	struct rgb light;         /* of sun or moon */
	struct rgb cloud;
	float horizon;      /* in shorter sides from the top */
	float sun_x, sun_y; /* in shorter sides */
	float clouds;       /* 0 none .. 1 */
	float drift;        /* of the clouds, in shorter sides */
	uint64_t seed;
	enum hour hour;
};

/* horizon: as a part of the canvas' height. */
struct sky sky_at(const struct shot *shot, const struct canvas *c, float t, float horizon);

/* The colour of the air at (x, y) in shorter sides: a soft_fn for struct sky. */
struct rgb sky_colour(const void *sky, float x, float y);

/* Covers the canvas: field, then bodies. */
void sky_paint(const struct sky *sky, struct canvas *c, float t);

/* Only the stars and the disc of sun or moon, for scenes that paint the field themselves. */
void sky_bodies(const struct sky *sky, struct canvas *c, float t);

#endif
