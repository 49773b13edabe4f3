#include "weather.h"

#include "noise.h"

#include <math.h>
#include <stddef.h>

/* v wrapped into [0, 1): what leaves at one side comes back at the other. */
static float wrap(float v)
{
	return v - floorf(v);
}

void weather_snow(struct canvas *c, uint64_t seed, float t, float density)
{
	float unit = canvas_unit(c);
	float tall = (float)c->h / unit, wide = (float)c->w / unit;
	int count = (int)(130 * density * tall * wide);

	for (uint32_t i = 0; i < (uint32_t)count; i++) {
		float near = hash01(seed ^ 11, i); /* 0 far, small, slow .. 1 near */

		near *= near;
		float fall = (0.07f + 0.22f * near) * t / tall;
		float sway = 0.02f * sinf(t * hash_in(seed ^ 12, i, 0.6f, 1.8f) + (float)i);
		float x = wrap(hash01(seed ^ 13, i) + sway + (0.02f + 0.05f * near) * t / wide);
		float y = wrap(hash01(seed ^ 14, i) + fall);
		float r = unit * (0.0035f + 0.0095f * near);

		paint_glow(c, (x * 1.1f - 0.05f) * (float)c->w, (y * 1.1f - 0.05f) * (float)c->h, r,
			rgb_hex(0xf4f8ff), 0.45f + 0.5f * hash01(seed ^ 15, i));
	}
}

void weather_rain(struct canvas *c, uint64_t seed, float t)
{
	float unit = canvas_unit(c);
	int count = (int)(110 * (float)c->h / unit * (float)c->w / unit);

	for (int layer = 0; layer < 2; layer++) {
		float length = unit * (layer ? 0.075f : 0.04f);

		cairo_new_path(c->cr);
		for (uint32_t i = (uint32_t)layer; i < (uint32_t)count; i += 2) {
			float speed = (layer ? 1.5f : 1.0f) + 0.3f * hash01(seed ^ 21, i);
			float y = wrap(hash01(seed ^ 22, i) + speed * t) * ((float)c->h + length);
			float x = hash01(seed ^ 23, i) * (float)c->w * 1.15f - y * 0.12f;

			cairo_move_to(c->cr, x, y - length);
			cairo_line_to(c->cr, x - length * 0.12f, y);
		}
		paint_source(c, rgb_hex(0xd6e4f5), layer ? 0.26f : 0.15f);
		cairo_set_line_width(c->cr, unit * (layer ? 0.0026f : 0.0018f));
		cairo_stroke(c->cr);
	}
}

void weather_stars(struct canvas *c, uint64_t seed, float t, float y_end, int count)
{
	float unit = canvas_unit(c);
	int n = (int)((float)count * (float)c->w / unit * y_end / unit);

	for (uint32_t i = 0; i < (uint32_t)n; i++) {
		float v = hash01(seed ^ 31, i), y = v * y_end;
		float size = hash01(seed ^ 32, i);
		float blink = 0.75f + 0.25f * sinf(t * hash_in(seed ^ 33, i, 1, 4) + (float)i);
		struct rgb k = rgb_mix(rgb_hex(0xbfd4ff), rgb_hex(0xfff1d8), hash01(seed ^ 34, i));

		size *= size * size;
		paint_glow(c, hash01(seed ^ 35, i) * (float)c->w, y,
			fmaxf(1.3f, unit * (0.0016f + 0.0042f * size)), k,
			(0.35f + 0.65f * size) * blink * smooth(1, 0.7f, v));
	}
}

void weather_motes(
	struct canvas *c, uint64_t seed, float t, float y0, float y1, int count, struct rgb colour)
{
	float unit = canvas_unit(c);

	for (uint32_t i = 0; i < (uint32_t)count; i++) {
		float near = hash01(seed ^ 41, i);
		float pulse =
			0.5f + 0.5f * sinf(t * hash_in(seed ^ 42, i, 0.8f, 2.4f) + (float)i * 2);
		float x = hash01(seed ^ 43, i) + 0.06f * noise1(seed + i, t * 0.35f);
		float y = hash01(seed ^ 44, i) + 0.10f * noise1(seed + i + 99, t * 0.35f);
		float r = unit * (0.006f + 0.012f * near * near);
		float px = x * (float)c->w, py = y0 + y * (y1 - y0);

		paint_glow(c, px, py, r * 3, colour, 0.22f * pulse);
		paint_glow(c, px, py, r, colour, 0.9f * pulse);
	}
}

/* a and b mixed by f/256, all four bytes at once. */
static uint32_t mix_px(uint32_t a, uint32_t b, uint32_t f)
{
	uint32_t rb = (a & 0xff00ff) * (256 - f) + (b & 0xff00ff) * f;
	uint32_t g = (a & 0xff00) * (256 - f) + (b & 0xff00) * f;

	return (rb >> 8 & 0xff00ff) | (g >> 8 & 0xff00);
}

void weather_mirror(struct canvas *c, int y0, float t, struct rgb tint, float mix)
{
	float unit = canvas_unit(c), depth = (float)(c->h - y0);
	uint32_t flat = (uint32_t)(tint.r * 255) << 16 | (uint32_t)(tint.g * 255) << 8 |
			(uint32_t)(tint.b * 255);

	cairo_surface_flush(c->surface);
	for (int y = y0 < 1 ? 1 : y0; y < c->h; y++) {
		float d = (float)(y - y0) / depth; /* 0 far .. 1 near */
		float far = 1 / (0.06f + d);
		float ripple =
			sinf(far * 9 + t * 2.1f) * 0.5f + noise1(77, far * 5 + t * 1.3f) * 0.8f;
		float from =
			(float)y0 - (float)(y - y0) * 1.05f - ripple * unit * (0.004f + 0.012f * d);
		int shift = (int)(noise1(78, far * 3.1f - t * 0.9f) * unit * (0.002f + 0.008f * d));
		uint32_t f = (uint32_t)((mix + (1 - mix) * 0.55f * d * d) * 256);

		from = fminf(fmaxf(from, 0), (float)(y0 > 1 ? y0 - 2 : 0));
		int row = (int)from;
		uint32_t part = (uint32_t)((from - (float)row) * 256);
		const uint32_t *a = c->px + (size_t)row * (size_t)c->stride;
		const uint32_t *b = a + c->stride;
		uint32_t *out = c->px + (size_t)y * (size_t)c->stride;

		for (int x = 0; x < c->w; x++) {
			int sx = x + shift;

			sx = sx < 0 ? 0 : sx >= c->w ? c->w - 1 : sx;
			out[x] = mix_px(mix_px(a[sx], b[sx], part), flat, f);
		}
	}
	cairo_surface_mark_dirty(c->surface);
}
