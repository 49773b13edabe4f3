/* Hills in the sun, grass and flowers that sway, petals in the wind. */
#include "flora.h"
#include "noise.h"
#include "scene.h"
#include "sky.h"
#include "weather.h"

#include <math.h>

enum { HILLS = 4, BLADES = 150, FLOWERS = 26, PETALS = 28 };

static float wind(float x, float t)
{
	return 0.5f * sinf(t * 1.3f + x * 2.1f) + 0.5f * noise1(7, x * 1.5f - t * 0.8f);
}

static void grass(
	const struct shot *shot, float t, struct canvas *c, struct rgb dark, struct rgb lit)
{
	float unit = canvas_unit(c), wide = (float)c->w / unit;

	for (int row = 0; row < 2; row++) {
		cairo_new_path(c->cr);
		for (uint32_t i = 0; i < (uint32_t)(BLADES * wide); i++) {
			uint64_t s = shot->seed ^ (uint64_t)(101 + row);
			float x = hash01(s, i) * wide;
			float h = unit * (row ? 0.13f : 0.19f) * hash_in(s + 9, i, 0.5f, 1.2f);

			flora_blade(c, x * unit, (float)c->h + 2, h,
				h * (0.35f * wind(x, t) + hash_in(s + 8, i, -0.25f, 0.25f)),
				unit * 0.0045f);
		}
		paint_source(c, row ? dark : lit, 1);
		cairo_fill(c->cr);
	}
}

static void bloom(struct canvas *c, float x, float y, float r, float turn, struct rgb k)
{
	cairo_new_path(c->cr);
	for (int p = 0; p < 6; p++) {
		float a = turn + (float)p * 1.0472f;

		cairo_new_sub_path(c->cr);
		cairo_arc(c->cr, x + cosf(a) * r * 0.62f, y + sinf(a) * r * 0.55f, r * 0.45f, 0,
			2 * M_PI);
	}
	paint_source(c, k, 0.96f);
	cairo_fill(c->cr);
	paint_disc(c, x, y, r * 0.34f, rgb_hex(0xffd34d), 1);
}

static void flowers(const struct shot *shot, float t, struct canvas *c, struct rgb stem)
{
	static const unsigned hues[] = {0xff6f91, 0xffffff, 0xf9a03f, 0xc678ff, 0xff4f4f, 0x7fb4ff};
	float unit = canvas_unit(c), wide = (float)c->w / unit;
	uint64_t s = shot->seed ^ 105;

	for (uint32_t i = 0; i < (uint32_t)(FLOWERS * wide); i++) {
		float x = hash01(s, i) * wide, h = unit * hash_in(s + 1, i, 0.10f, 0.30f);
		float lean = h * (0.22f * wind(x, t) + hash_in(s + 2, i, -0.12f, 0.12f));
		float r = unit * hash_in(s + 3, i, 0.012f, 0.026f);
		struct rgb k = rgb_hex(hues[(int)(hash01(s + 4, i) * 6)]);

		cairo_new_path(c->cr);
		flora_blade(c, x * unit, (float)c->h + 2, h, lean, unit * 0.003f);
		paint_source(c, stem, 1);
		cairo_fill(c->cr);
		bloom(c, x * unit + lean, (float)c->h + 2 - h, r, lean * 0.02f + (float)i, k);
	}
}

static void petals(const struct shot *shot, float t, struct canvas *c)
{
	float unit = canvas_unit(c);

	for (uint32_t i = 0; i < PETALS; i++) {
		uint64_t s = shot->seed ^ 111;
		float life = hash01(s, i) + shot->drift * t * hash_in(s + 1, i, 0.03f, 0.08f);
		float x = (life - floorf(life)) * 1.2f - 0.1f;
		float y = hash01(s + 2, i) + 0.05f * sinf(t * 1.2f + (float)i);

		cairo_save(c->cr);
		cairo_translate(c->cr, x * (float)c->w, y * (float)c->h * 0.85f);
		cairo_rotate(c->cr, t * hash_in(s + 3, i, -2, 2) + (float)i);
		cairo_scale(c->cr, unit * 0.011f,
			unit * 0.005f * (0.5f + 0.5f * fabsf(sinf(t * 2 + (float)i))) + 0.5);
		cairo_new_path(c->cr);
		cairo_arc(c->cr, 0, 0, 1, 0, 2 * M_PI);
		cairo_restore(c->cr);
		paint_source(c, rgb_hex(0xffe3ec), 0.85f);
		cairo_fill(c->cr);
	}
}

void draw_meadow(const struct shot *shot, float t, struct canvas *c)
{
	static const unsigned lit[] = {0x7cc04a, 0xb8873c, 0x1f4a4a};
	static const unsigned dark[] = {0x1f6a2e, 0x4a3318, 0x071c22};
	struct sky sky = sky_at(shot, c, t, 0.66f);
	float unit = canvas_unit(c);

	sky_paint(&sky, c, t);
	for (int i = 0; i < HILLS; i++) {
		float near = (float)i / (HILLS - 1);
		struct rgb air = rgb_mix(sky.low, sky.mid, 0.4f);
		struct ridge r = {
			.seed = shot->seed + (uint64_t)i * 23,
			.y = (float)c->h * (0.58f + 0.27f * near),
			.amp = unit * 0.075f,
			.freq = 0.9f + 0.3f * near,
			.shift = shot->drift * t * (0.006f + 0.02f * near) + (float)i * 4,
			.top = rgb_mix(rgb_hex(lit[shot->hour]), air, 0.55f * (1 - near)),
			.bottom = rgb_mix(rgb_hex(dark[shot->hour]), air, 0.35f * (1 - near)),
		};

		paint_ridge(c, &r);
	}
	grass(shot, t, c, rgb_hex(dark[shot->hour]),
		rgb_mix(rgb_hex(lit[shot->hour]), rgb_hex(dark[shot->hour]), 0.5f));
	flowers(shot, t, c, rgb_hex(dark[shot->hour]));
	if (shot->hour == HOUR_NIGHT)
		weather_motes(
			c, shot->seed, t, (float)c->h * 0.5f, (float)c->h, 40, rgb_hex(0xd8ff7a));
	else
		petals(shot, t, c);
}
