/* Tiles of bold geometry that turn a quarter at a time, in waves. */
#include "noise.h"
#include "scene.h"

#include <math.h>

enum { INKS = 5 };

static const unsigned palettes[][INKS] = {
	/* the first is the ground */
	{0x14213d, 0xfca311, 0xe5e5e5, 0xd62828, 0x3a86c8},
	{0xf4ede0, 0xe4572e, 0x17bebb, 0xffc914, 0x2e282a},
	{0x240046, 0xff5d8f, 0x7b2cbf, 0xffbe0b, 0x3a86ff},
	{0x073b4c, 0x06d6a0, 0xffd166, 0xef476f, 0xf1faee},
};

static void quarter(cairo_t *cr, double r)
{
	cairo_move_to(cr, -0.5, -0.5);
	cairo_arc(cr, -0.5, -0.5, r, 0, M_PI / 2);
	cairo_close_path(cr);
}

static void figure(cairo_t *cr, int kind)
{
	switch (kind) {
	case 0:
		quarter(cr, 1);
		break;
	case 1: /* two facing quarters: a leaf */
		cairo_arc(cr, -0.5, -0.5, 1, 0, M_PI / 2);
		cairo_arc(cr, 0.5, 0.5, 1, M_PI, 3 * M_PI / 2);
		break;
	case 2:
		cairo_arc(cr, 0, 0, 0.36, 0, 2 * M_PI);
		break;
	case 3:
		cairo_move_to(cr, -0.5, -0.5);
		cairo_line_to(cr, 0.5, -0.5);
		cairo_line_to(cr, -0.5, 0.5);
		cairo_close_path(cr);
		break;
	case 4: /* rings around a corner */
		cairo_arc(cr, -0.5, -0.5, 1, 0, M_PI / 2);
		cairo_arc_negative(cr, -0.5, -0.5, 0.68, M_PI / 2, 0);
		cairo_close_path(cr);
		quarter(cr, 0.36);
		break;
	default:
		cairo_rectangle(cr, -0.5, -0.16, 1, 0.32);
		break;
	}
}

/* How many quarter turns by now: rest, turn quickly, rest. */
static float turns(float beat)
{
	return floorf(beat) + smooth(0.45f, 1, beat - floorf(beat));
}

static void tile(const struct shot *shot, float t, struct canvas *c, int x, int y, float side)
{
	const unsigned *ink = palettes[(int)(hash01(shot->seed, 120) * 4)];
	uint64_t id = hash_mix(shot->seed + (uint64_t)(y * 64 + x));
	float beat = t * 0.55f + (float)(x + y) * 0.11f + hash01(id, 1) * 0.25f;
	int ground = (int)(hash01(id, 2) * INKS);
	int front = (ground + 1 + (int)(hash01(id, 3) * (INKS - 1))) % INKS;
	float grow = 1 - 0.06f * sinf(beat * 6.2832f);

	cairo_save(c->cr);
	cairo_translate(c->cr, ((double)x + 0.5) * side, ((double)y + 0.5) * side);
	cairo_scale(c->cr, side, side);
	paint_source(c, rgb_mix(rgb_hex(ink[ground]), rgb_hex(ink[0]), 0.72f), 1);
	cairo_rectangle(c->cr, -0.5, -0.5, 1.01, 1.01);
	cairo_fill(c->cr);
	cairo_rotate(c->cr,
		M_PI / 2 * (turns(beat) * (x % 2 ? 1 : -1) + (float)(int)(hash01(id, 4) * 4)));
	cairo_scale(c->cr, grow, grow);
	cairo_new_path(c->cr);
	figure(c->cr, (int)(hash01(id, 5) * 6));
	paint_source(c, rgb_hex(ink[front]), 1);
	cairo_fill(c->cr);
	cairo_restore(c->cr);
}

void draw_shapes(const struct shot *shot, float t, struct canvas *c)
{
	float unit = canvas_unit(c), side = unit / 5;
	int cols = (int)ceilf((float)c->w / side), rows = (int)ceilf((float)c->h / side);

	/* The edges of tiles that fall between pixels let a little of this through. */
	paint_source(c, rgb_hex(palettes[(int)(hash01(shot->seed, 120) * 4)][0]), 1);
	cairo_paint(c->cr);
	for (int y = 0; y < rows; y++)
		for (int x = 0; x < cols; x++)
			tile(shot, t, c, x, y, side);
}
