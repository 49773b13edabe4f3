/* A flight through stars and gas, past a planet. */
#include "noise.h"
#include "scene.h"
#include "weather.h"

#include <math.h>

struct gas {
	struct rgb base, one, two;
	float t, drift;
	uint64_t seed;
};

static struct rgb gas_at(const void *ctx, float x, float y)
{
	const struct gas *g = ctx;
	float px = x * 1.3f + g->t * 0.018f * g->drift, py = y * 1.3f + g->t * 0.008f;
	float wx = noise2(g->seed, px * 1.1f, py * 1.1f + g->t * 0.03f);
	float wy = noise2(g->seed + 5, px * 1.1f + 9, py * 1.1f);
	float a = fbm2(g->seed + 1, px + wx * 0.7f, py + wy * 0.7f, 5);
	float b = fbm2(g->seed + 2, px * 1.4f - wy * 0.6f, py * 1.4f + wx * 0.6f + 4, 4);
	struct rgb k = g->base;

	k = rgb_add(k, g->one, 0.75f * smooth(-0.15f, 0.75f, a));
	k = rgb_add(k, g->two, 0.65f * smooth(0.05f, 0.8f, b));
	return rgb_add(k, rgb_hex(0xffe8d0), 0.35f * smooth(0.35f, 0.85f, a + b * 0.6f));
}

static void flight(const struct shot *shot, float t, struct canvas *c)
{
	float unit = canvas_unit(c), cx = (float)c->w * 0.5f, cy = (float)c->h * 0.42f;
	float reach = (float)(c->w > c->h ? c->w : c->h) * 0.62f;

	for (uint32_t i = 0; i < 260; i++) {
		float z = hash01(shot->seed ^ 81, i) - t * 0.09f;

		z = 0.06f + 0.94f * (z - floorf(z)); /* 1 far .. 0 behind us */
		float angle = hash01(shot->seed ^ 82, i) * 6.2832f;
		float off = (0.04f + hash01(shot->seed ^ 83, i)) * reach * 0.16f / z;
		float light = smooth(1, 0.75f, z);
		float r = unit * (0.0022f + 0.0013f / z);

		paint_glow(c, cx + cosf(angle) * off, cy + sinf(angle) * off, fmaxf(1.4f, r),
			rgb_mix(rgb_hex(0xffffff), rgb_hex(0xa9c8ff), hash01(shot->seed ^ 84, i)),
			light * 0.95f);
	}
}

static void planet(const struct shot *shot, float t, struct canvas *c)
{
	static const unsigned sets[4][3] = {{0xffd9a8, 0xc5643c, 0x2a0f1c},
		{0xbfe6ff, 0x3d7fd0, 0x06122f}, {0xe6d0ff, 0x7c4fd0, 0x160a33},
		{0xd4ffe9, 0x2f9f8f, 0x04201f}};
	const unsigned *set = sets[(int)(hash01(shot->seed, 85) * 4)];
	float unit = canvas_unit(c), r = unit * hash_in(shot->seed, 86, 0.17f, 0.27f);
	float x = (float)c->w * (0.5f + shot->drift * (0.24f - 0.012f * t));
	float y = (float)c->h * hash_in(shot->seed, 87, 0.2f, 0.3f);
	cairo_pattern_t *ball = cairo_pattern_create_radial(
		x - r * 0.5f, y - r * 0.45f, r * 0.05f, x - r * 0.25f, y - r * 0.2f, r * 1.3f);

	for (int i = 0; i < 3; i++) {
		struct rgb k = rgb_hex(set[i]);

		cairo_pattern_add_color_stop_rgb(ball, (double[]){0, 0.45, 1}[i], k.r, k.g, k.b);
	}
	paint_glow(c, x - r * 0.06f, y - r * 0.06f, r * 1.32f, rgb_hex(set[1]), 0.6f);
	cairo_new_path(c->cr);
	cairo_arc(c->cr, x, y, r, 0, 2 * M_PI);
	cairo_set_source(c->cr, ball);
	cairo_fill(c->cr);
	cairo_pattern_destroy(ball);
	cairo_save(c->cr);
	cairo_arc(c->cr, x, y, r, 0, 2 * M_PI);
	cairo_clip(c->cr);
	for (uint32_t i = 0; i < 9; i++) { /* bands of cloud, bent with the ball */
		float lat = -0.85f + 0.2f * (float)i + 0.06f * hash01(shot->seed ^ 88, i);

		cairo_save(c->cr);
		cairo_translate(c->cr, x, y);
		cairo_rotate(c->cr, -0.35);
		cairo_scale(c->cr, r * sqrtf(1 - lat * lat) * 1.1f, r * 0.16f);
		cairo_new_path(c->cr);
		cairo_arc(c->cr, 0.04 * sin(t * 0.5 + i), lat / 0.16f, 1, 0.15, M_PI - 0.15);
		cairo_restore(c->cr);
		paint_source(c, rgb_hex(i % 2 ? set[0] : set[2]), 0.16f);
		cairo_set_line_width(c->cr, r * hash_in(shot->seed ^ 89, i, 0.03f, 0.1f));
		cairo_stroke(c->cr);
	}
	cairo_restore(c->cr);
}

void draw_space(const struct shot *shot, float t, struct canvas *c)
{
	static const unsigned sets[3][2] = {
		{0x6a2fb8, 0x1f7fd0}, {0x0f6f9f, 0xc0387f}, {0x9a3a2a, 0x2a4fb0}};
	const unsigned *set = sets[(int)(hash01(shot->seed, 80) * 3)];
	struct gas g = {
		rgb_hex(0x04050f), rgb_hex(set[0]), rgb_hex(set[1]), t, shot->drift, shot->seed};

	paint_soft(c, 72, gas_at, &g);
	weather_stars(c, shot->seed, t, (float)c->h * 1.4f, 110);
	flight(shot, t, c);
	planet(shot, t, c);
}
