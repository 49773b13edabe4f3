/*
 * Which picture a prompt gets, and its frames. To add a style: one file with a draw function, one
 * line in the table of scene.c.
 */
#ifndef ARENA_SANDBOX_SCENE_H
#define ARENA_SANDBOX_SCENE_H

#include "paint.h"

#include <stdint.h>

enum hour { HOUR_DAY, HOUR_DUSK, HOUR_NIGHT };

struct shot {
	const struct style *style;
	uint64_t seed;
	enum hour hour;
	int snow, rain; /* falls in front of everything */
	float drift;    /* which way the camera floats: -1 or 1 */
};

struct style {
	const char *name;
	const char *words; /* patterns of words.h: English and Spanish, folded */
	/* Draws the frame at second t. Covers the whole canvas; a pure function of shot and t. */
	void (*draw)(const struct shot *shot, float t, struct canvas *c);
	unsigned weather; /* enum weather: what may fall in it */
	enum hour hour;   /* when the prompt names none */
};

enum weather { WEATHER_NONE = 0, WEATHER_RAIN = 1, WEATHER_SNOW = 2, WEATHER_ANY = 3 };

/* `folded` is words_fold() of the prompt. */
void scene_choose(const char *folded, uint64_t seed, struct shot *ret);

/* t: seconds since the start. Thread-safe: shot is only read. */
void scene_draw(const struct shot *shot, float t, struct canvas *c);

/* The table, for tests: NULL past its end. */
const struct style *scene_style(unsigned i);

void draw_aurora(const struct shot *shot, float t, struct canvas *c);
void draw_city(const struct shot *shot, float t, struct canvas *c);
void draw_fire(const struct shot *shot, float t, struct canvas *c);
void draw_forest(const struct shot *shot, float t, struct canvas *c);
void draw_meadow(const struct shot *shot, float t, struct canvas *c);
void draw_mountains(const struct shot *shot, float t, struct canvas *c);
void draw_sea(const struct shot *shot, float t, struct canvas *c);
void draw_shapes(const struct shot *shot, float t, struct canvas *c);
void draw_silk(const struct shot *shot, float t, struct canvas *c);
void draw_snow(const struct shot *shot, float t, struct canvas *c);
void draw_space(const struct shot *shot, float t, struct canvas *c);

#endif
