/* What falls, floats and twinkles in front of or behind a scene. t: seconds. */
#ifndef ARENA_SANDBOX_WEATHER_H
#define ARENA_SANDBOX_WEATHER_H

#include "paint.h"

#include <stdint.h>

void weather_snow(struct canvas *c, uint64_t seed, float t, float density);
void weather_rain(struct canvas *c, uint64_t seed, float t);

/* Twinkling stars from the top down to pixel y_end, fading out towards it. */
void weather_stars(struct canvas *c, uint64_t seed, float t, float y_end, int count);

/* Lights that wander and pulse: fireflies, pollen, dust. Between pixels y0 and y1. */
void weather_motes(
	struct canvas *c, uint64_t seed, float t, float y0, float y1, int count, struct rgb colour);

/*
 * Still water from pixel row y0 down: the rows above, upside down, rippled, mixed with tint
 * (0 a mirror .. 1 only tint).
 */
void weather_mirror(struct canvas *c, int y0, float t, struct rgb tint, float mix);

#endif
