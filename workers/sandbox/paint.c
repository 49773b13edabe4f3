#include "paint.h"

#include "noise.h"
#include "wide.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELL_MIN = 4, CHANNELS = 3, RIDGE_STEP = 6 };

/* Ordered dither in 16.16: 0 <= d < 1, in an 8x8 pattern that stands still (moving noise costs
 * bits). */
static void dither_row(int y, int w, int32_t *row)
{
	for (int x = 0; x < w; x++) {
		int v = 0;

		for (int bit = 0; bit < 3; bit++) {
			int xb = x >> bit & 1, yb = y >> bit & 1;

			v |= ((xb ^ yb) << 1 | yb) << (4 - 2 * bit);
		}
		row[x] = v << 10;
	}
}

struct canvas *canvas_new(int w, int h)
{
	struct canvas *c = calloc(1, sizeof(*c));
	size_t gw = (size_t)w / CELL_MIN + 3, gh = (size_t)h / CELL_MIN + 3;

	if (!c)
		return NULL;
	c->w = w;
	c->h = h;
	c->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, w, h);
	c->cr = cairo_create(c->surface);
	c->grid = calloc(gw * gh * CHANNELS, sizeof(*c->grid));
	c->line = calloc((size_t)w * CHANNELS * 3, sizeof(*c->line));
	c->dither = calloc((size_t)w * 8, sizeof(*c->dither));
	if (!c->grid || !c->line || !c->dither || cairo_status(c->cr) != CAIRO_STATUS_SUCCESS) {
		canvas_free(c);
		return NULL;
	}
	c->px = (uint32_t *)(void *)cairo_image_surface_get_data(c->surface);
	c->stride = cairo_image_surface_get_stride(c->surface) / 4;
	cairo_set_antialias(c->cr, CAIRO_ANTIALIAS_FAST);
	cairo_set_tolerance(c->cr, 0.25);
	for (int y = 0; y < 8; y++)
		dither_row(y, w, c->dither + (size_t)y * (size_t)w);
	return c;
}

void canvas_free(struct canvas *c)
{
	if (!c)
		return;
	cairo_destroy(c->cr);
	cairo_surface_destroy(c->surface);
	free(c->grid);
	free(c->line);
	free(c->dither);
	free(c);
}

static int32_t fixed(float v)
{
	return (int32_t)(clamp01(v) * (254.0f * 65536)); /* 254: room for the dither */
}

/* Stretches one row of knots to the canvas' width: three planes, one after the other. */
static void widen(const struct canvas *c, const int32_t *knots, int cell, int32_t *out)
{
	for (int k = 0; k < CHANNELS; k++, out += c->w) {
		for (int x = 0, g = k; x < c->w; g += CHANNELS) {
			int32_t v = knots[g], step = (knots[g + CHANNELS] - v) / cell;
			int end = x + cell < c->w ? x + cell : c->w;

			for (; x < end; x++, v += step)
				out[x] = v;
		}
	}
}

/* One row of pixels from the planes at v, which then move on by step. Kept simple: it is
 * vectorised. */
WIDE static void soft_row(int w, int32_t *restrict v, const int32_t *restrict step,
	const int32_t *restrict dither, uint32_t *restrict out)
{
	for (int x = 0; x < w; x++)
		out[x] = (uint32_t)(((v[x] + dither[x]) & 0xff0000) |
				    ((v[w + x] + dither[x]) >> 8 & 0xff00) |
				    (v[2 * w + x] + dither[x]) >> 16);
	for (int x = 0; x < CHANNELS * w; x++)
		v[x] += step[x];
}

static void soft_spread(struct canvas *c, int cell, int gw)
{
	int n = CHANNELS * c->w;
	int32_t *now = c->line, *next = now + n, *step = next + n;
	float part = 1 / (float)cell;

	widen(c, c->grid, cell, next);
	for (int y = 0; y < c->h; y++) {
		if (y % cell == 0) {
			memcpy(now, next, (size_t)n * sizeof(*now));
			widen(c, c->grid + (size_t)(y / cell + 1) * (size_t)gw * CHANNELS, cell,
				next);
			for (int i = 0; i < n; i++)
				step[i] = (int32_t)((float)(next[i] - now[i]) * part);
		}
		soft_row(c->w, now, step, c->dither + (size_t)(y & 7) * (size_t)c->w,
			c->px + (size_t)y * (size_t)c->stride);
	}
}

void paint_soft(struct canvas *c, int detail, soft_fn *fn, const void *ctx)
{
	float unit = canvas_unit(c);
	int cell = (int)unit / detail > CELL_MIN ? (int)unit / detail : CELL_MIN;
	int gw = c->w / cell + 2, gh = c->h / cell + 2;
	int32_t *out = c->grid;

	for (int y = 0; y < gh; y++) {
		for (int x = 0; x < gw; x++, out += CHANNELS) {
			struct rgb k = fn(ctx, (float)(x * cell) / unit, (float)(y * cell) / unit);

			out[0] = fixed(k.r);
			out[1] = fixed(k.g);
			out[2] = fixed(k.b);
		}
	}
	cairo_surface_flush(c->surface);
	soft_spread(c, cell, gw);
	cairo_surface_mark_dirty(c->surface);
}

static uint32_t add_light(uint32_t px, int r, int g, int b)
{
	r += (int)(px >> 16 & 255);
	g += (int)(px >> 8 & 255);
	b += (int)(px & 255);
	return (uint32_t)((r > 255 ? 255 : r) << 16 | (g > 255 ? 255 : g) << 8 |
			  (b > 255 ? 255 : b));
}

void paint_glow(struct canvas *c, float x, float y, float r, struct rgb colour, float strength)
{
	if (!(x + r > 0 && y + r > 0 && x - r < (float)c->w && y - r < (float)c->h) || r <= 0)
		return;

	int x0 = x - r < 0 ? 0 : (int)(x - r), x1 = (int)fminf(x + r + 1, (float)c->w);
	int y0 = y - r < 0 ? 0 : (int)(y - r), y1 = (int)fminf(y + r + 1, (float)c->h);
	float inv = 1 / (r * r);
	struct rgb k = {
		colour.r * strength * 255, colour.g * strength * 255, colour.b * strength * 255};

	cairo_surface_flush(c->surface);
	for (int py = y0; py < y1; py++) {
		uint32_t *row = c->px + (size_t)py * (size_t)c->stride;
		float dy = (float)py + 0.5f - y;

		for (int px = x0; px < x1; px++) {
			float dx = (float)px + 0.5f - x;
			float a = 1 - (dx * dx + dy * dy) * inv;

			if (a <= 0)
				continue;
			a *= a;
			row[px] =
				add_light(row[px], (int)(k.r * a), (int)(k.g * a), (int)(k.b * a));
		}
	}
	cairo_surface_mark_dirty_rectangle(c->surface, x0, y0, x1 - x0, y1 - y0);
}

void paint_disc(struct canvas *c, float x, float y, float r, struct rgb colour, float alpha)
{
	paint_source(c, colour, alpha);
	cairo_new_path(c->cr);
	cairo_arc(c->cr, x, y, r, 0, 2 * M_PI);
	cairo_fill(c->cr);
}

float ridge_at(const struct canvas *c, const struct ridge *r, float x)
{
	float u = (x / canvas_unit(c) + r->shift) * r->freq;
	float hills = noise1(r->seed, u) * 0.7f + noise1(r->seed + 1, u * 2.3f) * 0.3f;
	float crags = 0.6f - 1.5f * fabsf(noise1(r->seed + 2, u * 1.7f)) +
		      0.35f * noise1(r->seed + 3, u * 6.1f) + 0.12f * noise1(r->seed + 4, u * 17);

	return r->y - r->amp * (hills * (1 - r->rough) + crags * r->rough);
}

void paint_ridge(struct canvas *c, const struct ridge *r)
{
	cairo_pattern_t *fill = cairo_pattern_create_linear(0, r->y - r->amp, 0, c->h);
	float step = fmaxf((float)c->w / 200, RIDGE_STEP);
	/* The corners stay on the same spots of the ground while it moves: no shimmer. */
	float first = -step - fmodf(r->shift * canvas_unit(c), step);
	float end = (float)c->w + 2 * step;

	cairo_pattern_add_color_stop_rgb(fill, 0, r->top.r, r->top.g, r->top.b);
	cairo_pattern_add_color_stop_rgb(fill, 1, r->bottom.r, r->bottom.g, r->bottom.b);
	cairo_new_path(c->cr);
	cairo_move_to(c->cr, first, c->h + 1);
	for (int i = 0; first + (float)i * step <= end; i++) {
		float x = first + (float)i * step;

		cairo_line_to(c->cr, x, ridge_at(c, r, x));
	}
	cairo_line_to(c->cr, end, c->h + 1);
	cairo_close_path(c->cr);
	cairo_set_source(c->cr, fill);
	cairo_fill(c->cr);
	cairo_pattern_destroy(fill);
}
