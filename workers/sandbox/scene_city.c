/* A skyline with lit windows above wet asphalt, lights passing. */
#include "noise.h"
#include "scene.h"
#include "sky.h"
#include "weather.h"

#include <math.h>

enum { LAYERS = 4 };

struct block { /* one building, in pixels */
	uint64_t id;
	float x, w, top, foot;
};

/* The i-th building of a layer; all widths come from one pitch, so any i can be had at once. */
static struct block block_at(
	const struct canvas *c, uint64_t seed, float near, int i, float shift, float foot)
{
	float unit = canvas_unit(c), pitch = unit * (0.075f + 0.075f * near);
	struct block b = {.id = hash_mix(seed + (uint64_t)(int64_t)i)};
	float tall = hash01(b.id, 1);

	b.w = pitch * hash_in(b.id, 2, 0.8f, 1.05f);
	b.x = (float)i * pitch - shift * unit;
	b.foot = foot;
	b.top = foot - (float)c->h * (0.10f + (0.36f - 0.20f * near) * tall * tall + 0.06f * tall);
	return b;
}

static void windows(struct canvas *c, const struct block *b, float cell, float t, int pass)
{
	int cols = (int)(b->w / cell) - 1, rows = (int)((b->foot - b->top) / cell) - 1;

	for (int y = 0; y < rows; y++) {
		for (int x = 0; x < cols; x++) {
			uint32_t n = (uint32_t)(y * 64 + x);
			float lit = hash01(b->id ^ 7, n);

			if ((int)(lit * 97) % 3 != pass || lit < 0.37f)
				continue;
			/* A few are switched on and off while one looks. */
			float flip = noise1(b->id + n, t * 0.5f) > 0.55f ? 0.25f : 0;

			if (lit + flip < 0.62f)
				continue;
			cairo_rectangle(c->cr, b->x + cell * (0.75f + (float)x),
				b->top + cell * (0.8f + (float)y), cell * 0.5f, cell * 0.58f);
		}
	}
}

static void layer(
	const struct shot *shot, float t, struct canvas *c, float near, struct rgb k, float foot)
{
	static const unsigned glass[] = {0xffd98a, 0xfff0c8, 0x9fd8ff};
	float unit = canvas_unit(c), shift = shot->drift * t * (0.006f + 0.04f * near) + near * 11;
	float pitch = 0.075f + 0.075f * near, cell = unit * (0.011f + 0.010f * near);
	uint64_t seed = shot->seed + (uint64_t)(near * 64);
	int first = (int)floorf(shift / pitch) - 1;
	int last = (int)ceilf((shift + (float)c->w / unit) / pitch) + 1;

	cairo_new_path(c->cr);
	for (int i = first; i <= last; i++) {
		struct block b = block_at(c, seed, near, i, shift, foot);

		cairo_rectangle(c->cr, b.x, b.top, b.w, b.foot - b.top + 2);
		if (hash01(b.id, 3) < 0.3f) /* a mast */
			cairo_rectangle(c->cr, b.x + b.w * 0.5f, b.top - unit * 0.05f,
				unit * 0.003f, unit * 0.05f);
		if (hash01(b.id, 4) < 0.4f) /* a smaller top floor */
			cairo_rectangle(c->cr, b.x + b.w * 0.2f, b.top - unit * 0.018f, b.w * 0.55f,
				unit * 0.02f);
	}
	paint_source(c, k, 1);
	cairo_fill(c->cr);
	for (int pass = 0; pass < 3; pass++) {
		cairo_new_path(c->cr);
		for (int i = first; i <= last; i++) {
			struct block b = block_at(c, seed, near, i, shift, foot);

			windows(c, &b, cell, t, pass);
		}
		paint_source(c, rgb_hex(glass[pass]),
			(shot->hour == HOUR_DAY ? 0.25f : 0.55f) + 0.35f * near);
		cairo_fill(c->cr);
	}
	for (int i = first; i <= last; i++) { /* red lamps on the masts */
		struct block b = block_at(c, seed, near, i, shift, foot);

		if (hash01(b.id, 3) < 0.3f)
			paint_glow(c, b.x + b.w * 0.5f, b.top - unit * 0.05f, unit * 0.014f,
				rgb_hex(0xff3b30), 0.5f + 0.5f * sinf(t * 3 + (float)i));
	}
}

static void traffic(const struct shot *shot, float t, struct canvas *c, float street)
{
	float unit = canvas_unit(c), wide = (float)c->w / unit + 0.4f;

	for (uint32_t i = 0; i < 26; i++) {
		float way = i % 2 ? 1.0f : -1.0f;
		float x = hash01(shot->seed ^ 91, i) * wide +
			  way * t * hash_in(shot->seed ^ 92, i, 0.1f, 0.24f);

		x = (x / wide - floorf(x / wide)) * wide - 0.2f;
		float y = street - unit * (i % 2 ? 0.010f : 0.018f);
		struct rgb k = rgb_hex(i % 2 ? 0xff4436 : 0xfff0cf);

		paint_glow(c, x * unit, y, unit * 0.030f, k, 0.45f);
		paint_glow(c, x * unit, y, unit * 0.009f, k, 1);
	}
}

void draw_city(const struct shot *shot, float t, struct canvas *c)
{
	static const unsigned dark[] = {0x27384a, 0x170d24, 0x04060f};
	struct sky sky = sky_at(shot, c, t, 0.74f);
	float street = (float)c->h * 0.74f;

	if (shot->hour == HOUR_NIGHT) { /* the town lights its own haze */
		sky.low = hash01(shot->seed, 90) < 0.5f ? rgb_hex(0xb0407a) : rgb_hex(0x2a7fa8);
		sky.mid = rgb_mix(sky.mid, sky.low, 0.35f);
	}
	sky_paint(&sky, c, t);
	for (int i = 0; i < LAYERS; i++) {
		float near = (float)i / (LAYERS - 1);

		layer(shot, t, c, near,
			rgb_mix(rgb_mix(sky.low, sky.mid, 0.5f), rgb_hex(dark[shot->hour]),
				0.35f + 0.65f * near),
			street);
	}
	traffic(shot, t, c, street);
	weather_mirror(c, (int)street, t, rgb_hex(dark[shot->hour]), 0.34f);
}
