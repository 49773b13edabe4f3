/* Rows of trees in mist, with beams of light by day and fireflies by night. */
#include "flora.h"
#include "noise.h"
#include "scene.h"
#include "sky.h"
#include "weather.h"

#include <math.h>

enum { ROWS = 6, BEAMS = 7 };

struct air {
	struct rgb high, low, beam;
	float sun_x, tall, t, strength;
	uint64_t seed;
};

static struct rgb air_colour(const void *ctx, float x, float y)
{
	const struct air *a = ctx;
	float v = y / a->tall;
	struct rgb k = rgb_mix(a->high, a->low, smooth(0, 0.75f, v));
	float dx = x - a->sun_x, dy = y + 0.15f;
	float angle = atan2f(dx, dy);
	float rays = fbm2(a->seed, angle * 7 + a->t * 0.05f, a->t * 0.11f, 3);
	float d = sqrtf(dx * dx + dy * dy);

	k = rgb_add(k, a->beam, expf(-1.6f * d) * 0.8f * a->strength);
	return rgb_add(k, a->beam, smooth(-0.05f, 0.7f, rays) * expf(-0.9f * d) * a->strength);
}

static void trunks(struct canvas *c, const struct ridge *g, float pitch, float width, struct rgb k)
{
	float unit = canvas_unit(c), step = pitch * unit, shift = g->shift * unit;
	int first = (int)floorf(shift / step) - 1,
	    last = (int)ceilf((shift + (float)c->w) / step) + 1;

	cairo_new_path(c->cr);
	for (int i = first; i <= last; i++) {
		uint64_t id = hash_mix(g->seed * 3 + (uint64_t)(int64_t)i);
		float x = ((float)i + hash_in(id, 1, -0.35f, 0.35f)) * step - shift;
		float w = width * hash_in(id, 2, 0.6f, 1.3f), foot = ridge_at(c, g, x) + width;
		float lean = width * hash_in(id, 3, -2, 2);

		cairo_move_to(c->cr, x - w * 0.9f, foot);
		cairo_curve_to(c->cr, x - w * 0.5f, foot * 0.8f, x - w * 0.4f, foot * 0.5f,
			x + lean - w * 0.35f, -2);
		cairo_line_to(c->cr, x + lean + w * 0.35f, -2);
		cairo_curve_to(c->cr, x + w * 0.4f, foot * 0.5f, x + w * 0.5f, foot * 0.8f,
			x + w * 0.9f, foot);
		cairo_close_path(c->cr);
	}
	paint_source(c, k, 1);
	cairo_fill(c->cr);
}

static struct air air_at(const struct shot *shot, const struct canvas *c, float t)
{
	static const unsigned high[] = {0x4d7f62, 0xd98a4e, 0x0a1a2c};
	static const unsigned low[] = {0xd9ecc4, 0xffdfa0, 0x23506a};
	static const unsigned beam[] = {0xfff3b8, 0xffc670, 0x7fb8e8};
	float unit = canvas_unit(c);

	return (struct air){
		.high = rgb_hex(high[shot->hour]),
		.low = rgb_hex(low[shot->hour]),
		.beam = rgb_hex(beam[shot->hour]),
		.sun_x = (float)c->w / unit * hash_in(shot->seed, 60, 0.2f, 0.8f),
		.tall = (float)c->h / unit,
		.t = t,
		.strength = shot->hour == HOUR_NIGHT ? 0.3f : 0.55f,
		.seed = shot->seed,
	};
}

void draw_forest(const struct shot *shot, float t, struct canvas *c)
{
	static const unsigned dark[] = {0x0b2417, 0x2a1209, 0x020a12};
	struct air air = air_at(shot, c, t);
	float unit = canvas_unit(c);
	struct rgb near_dark = rgb_hex(dark[shot->hour]);

	paint_soft(c, 84, air_colour, &air);
	for (int i = 0; i < ROWS; i++) {
		float near = (float)i / (ROWS - 1);
		struct rgb k = rgb_mix(air.low, near_dark, 0.22f + 0.78f * near);
		struct ridge r = {
			.seed = shot->seed + (uint64_t)i * 13,
			.y = (float)c->h * (0.62f + 0.30f * near * near),
			.amp = unit * 0.04f,
			.freq = 1.3f,
			.shift = shot->drift * t * (0.008f + 0.06f * near * near) + (float)i * 7,
			.top = k,
			.bottom = rgb_mix(k, air.low, 0.45f * (1 - near)),
		};

		if (i == 2 || i == 4)
			trunks(c, &r, 0.16f + 0.2f * near, unit * (0.006f + 0.026f * near * near),
				k);
		else
			flora_pines(c, &r, 0.045f + 0.09f * near,
				unit * (0.26f + 0.34f * near * (1.25f - near)), t, k);
		paint_ridge(c, &r);
	}
	weather_motes(c, shot->seed, t, (float)c->h * 0.3f, (float)c->h * 0.95f,
		shot->hour == HOUR_NIGHT ? 46 : 22,
		shot->hour == HOUR_NIGHT ? rgb_hex(0xd8ff7a) : rgb_hex(0xfff0c0));
}
