/* Open water: waves that roll towards us, the light's path on them. */
#include "noise.h"
#include "scene.h"
#include "sky.h"

#include <math.h>

enum { WAVES = 7 };

struct water {
	struct sky sky;
	struct rgb far, near;
	float tall, t;
};

static struct rgb water_at(const void *ctx, float x, float y)
{
	const struct water *w = ctx;

	if (y <= w->sky.horizon)
		return sky_colour(&w->sky, x, y);

	float v = clamp01((y - w->sky.horizon) / (w->tall - w->sky.horizon));
	float z = 1 / (0.05f + v); /* perspective: far waves are small and slow */
	float cx = (x - w->sky.sun_x) * z;
	float chop = fbm2(w->sky.seed ^ 0x5e, cx * 0.9f + w->t * 0.1f, z * 2.6f + w->t * 0.55f, 3);
	struct rgb k = rgb_mix(w->far, w->near, smooth(0, 0.9f, v));
	float path = expf(-fabsf(x - w->sky.sun_x) * (5.5f - 3.5f * v));

	k = rgb_mix(k, rgb_mix(w->sky.low, w->sky.mid, 0.5f),
		0.45f * smooth(-0.1f, 0.6f, chop) * (1 - v * 0.6f));
	return rgb_add(
		k, w->sky.light, path * smooth(-0.15f, 0.55f, chop) * 0.75f * (1 - 0.75f * v));
}

static void sparkle(const struct water *w, struct canvas *c)
{
	float unit = canvas_unit(c), y0 = w->sky.horizon * unit, deep = ((float)c->h - y0) * 0.6f;

	for (uint32_t i = 0; i < 150; i++) {
		float v = hash01(w->sky.seed ^ 61, i);

		v *= v;
		float spread = 0.05f + 0.28f * v;
		float blink = sinf(w->t * hash_in(w->sky.seed ^ 63, i, 1.5f, 4) + (float)i * 2.4f);
		float x = w->sky.sun_x +
			  spread * (hash01(w->sky.seed ^ 62, i) + hash01(w->sky.seed ^ 64, i) - 1);

		if (blink > 0)
			paint_glow(c, x * unit, y0 + 2 + v * deep, unit * (0.004f + 0.008f * v),
				w->sky.light, blink * 0.8f * (1 - v));
	}
}

/* A wave: a crest line that rolls, lit at the edge, darker below. */
static void wave(struct canvas *c, const struct water *w, int i)
{
	float unit = canvas_unit(c), near = (float)(i + 1) / WAVES;
	float y0 = w->sky.horizon * unit,
	      swell = sinf(w->t * (1.25f - 0.4f * near) + (float)i * 1.9f);
	float y = y0 + ((float)c->h - y0) * (0.10f + 0.86f * near * near) +
		  swell * unit * 0.012f * near;
	float amp = unit * (0.006f + 0.030f * near), k = 8.5f - 5.2f * near;
	float roll = w->t * (0.9f + 0.35f * (float)(i % 3)) * (i % 2 ? 1.0f : -1.0f);
	struct rgb edge = rgb_mix(rgb_mix(w->near, w->sky.low, 0.55f), w->near, near * 0.55f);
	cairo_pattern_t *fill =
		cairo_pattern_create_linear(0, y - amp, 0, y + unit * (0.05f + 0.22f * near));

	cairo_pattern_add_color_stop_rgba(fill, 0, edge.r, edge.g, edge.b, 0.75);
	cairo_pattern_add_color_stop_rgba(fill, 0.3, w->near.r, w->near.g, w->near.b, 0.6);
	cairo_pattern_add_color_stop_rgba(fill, 1, w->near.r * 0.75, w->near.g * 0.75,
		w->near.b * 0.8, i == WAVES - 1 ? 0.9 : 0);
	cairo_new_path(c->cr);
	cairo_move_to(c->cr, -8, c->h + 1);
	for (int x = -8; x <= c->w + 8; x += 6) {
		float u = (float)x / unit;
		float s = sinf(u * k + roll + (float)i) * 0.6f +
			  sinf(u * k * 1.7f - roll * 1.3f + (float)i * 3) * 0.3f +
			  noise1(w->sky.seed + (uint64_t)i, u * 3 + roll * 0.4f) * 0.6f;

		cairo_line_to(c->cr, x, y - amp * (s + 0.35f * fabsf(s)));
	}
	cairo_line_to(c->cr, c->w + 8, c->h + 1);
	cairo_close_path(c->cr);
	cairo_set_source(c->cr, fill);
	cairo_fill(c->cr);
	cairo_pattern_destroy(fill);
}

void draw_sea(const struct shot *shot, float t, struct canvas *c)
{
	static const unsigned far[] = {0x3fa0c4, 0x8a5a80, 0x1a2f58};
	static const unsigned near[] = {0x07507e, 0x1b2550, 0x050d24};
	struct water w = {
		.sky = sky_at(shot, c, t, 0.46f),
		.far = rgb_hex(far[shot->hour]),
		.near = rgb_hex(near[shot->hour]),
		.tall = (float)c->h / canvas_unit(c),
		.t = t,
	};

	paint_soft(c, 110, water_at, &w);
	sky_bodies(&w.sky, c, t);
	sparkle(&w, c);
	for (int i = 0; i < WAVES; i++)
		wave(c, &w, i);
}
