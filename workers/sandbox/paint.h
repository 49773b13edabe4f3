/*
 * One frame's pixels and the strokes that all scenes share. A canvas belongs to one thread; cairo
 * and direct pixel strokes may be mixed freely. Lengths are pixels, from the top left.
 */
#ifndef ARENA_SANDBOX_PAINT_H
#define ARENA_SANDBOX_PAINT_H

#include "colour.h"

#include <cairo.h>
#include <stdint.h>

struct canvas {
	int w, h;
	int stride;   /* in pixels */
	uint32_t *px; /* xRGB */
	cairo_t *cr;  /* draws on the same pixels */
	cairo_surface_t *surface;
	int32_t *grid;   /* of paint_soft: three 16.16 numbers for each knot */
	int32_t *line;   /* of paint_soft: rows on the way from one row of knots to the next */
	int32_t *dither; /* eight rows of thresholds */
};

/* NULL when there is no memory. Result must be passed to canvas_free(). */
struct canvas *canvas_new(int w, int h);
void canvas_free(struct canvas *c); /* NULL is fine */

/* The shorter side: what sizes of strokes are relative to. */
static inline float canvas_unit(const struct canvas *c)
{
	return (float)(c->w < c->h ? c->w : c->h);
}

/* The colour at (x, y), both in units of the shorter side. */
typedef struct rgb soft_fn(const void *ctx, float x, float y);

/*
 * Covers the canvas with a smooth field: fn is asked at `detail` points along the shorter side and
 * the pixels between are interpolated and dithered (8 bits alone show bands in a night sky).
 */
void paint_soft(struct canvas *c, int detail, soft_fn *fn, const void *ctx);

/* Adds light: a soft dot of radius r. Positions need not be whole; motion stays smooth. */
void paint_glow(struct canvas *c, float x, float y, float r, struct rgb colour, float strength);

/* A disc with a clean edge. */
void paint_disc(struct canvas *c, float x, float y, float r, struct rgb colour, float alpha);

/*
 * Everything below a rolling line, from `top` at the line to `bottom` at the canvas' lower edge.
 * y: height of the line; amp: how far it rolls; freq: rolls per shorter side; shift: how far the
 * ground has moved, in shorter sides; rough: 0 hills .. 1 crags.
 */
struct ridge {
	uint64_t seed;
	float y, amp, freq, shift, rough;
	struct rgb top, bottom;
};

void paint_ridge(struct canvas *c, const struct ridge *r);

/* Height in pixels of the ridge's line at pixel x: things stand on it. */
float ridge_at(const struct canvas *c, const struct ridge *r, float x);

static inline void paint_source(struct canvas *c, struct rgb k, float alpha)
{
	cairo_set_source_rgba(c->cr, k.r, k.g, k.b, alpha);
}

#endif
