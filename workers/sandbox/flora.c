#include "flora.h"

#include "noise.h"

#include <math.h>

void flora_pine(struct canvas *c, float x, float y, float h, float lean, uint64_t seed)
{
	int tiers = 4 + (int)(hash01(seed, 1) * 3);
	float half = h * hash_in(seed, 2, 0.19f, 0.27f);

	cairo_move_to(c->cr, x + lean, y - h);
	for (int side = 1; side >= -1; side -= 2) {
		for (int k = 0; k < tiers; k++) {
			int i = side > 0 ? k : tiers - 1 - k;
			float f = (float)(i + 1) / (float)tiers;
			float edge = half * (0.2f + 0.8f * f) *
				     hash_in(seed, (uint32_t)(10 + i * 2 + side), 0.85f, 1.15f);
			float level = y - h * (1 - f * 0.9f);
			float at = x + lean * (1 - f);

			if (side > 0) {
				cairo_line_to(c->cr, at + edge, level);
				cairo_line_to(c->cr, at + edge * 0.42f, level - h * 0.02f);
			} else {
				cairo_line_to(c->cr, at - edge * 0.42f, level - h * 0.02f);
				cairo_line_to(c->cr, at - edge, level);
			}
		}
		if (side > 0) {
			cairo_line_to(c->cr, x + h * 0.022f, y - h * 0.1f);
			cairo_line_to(c->cr, x + h * 0.022f, y + h * 0.05f);
			cairo_line_to(c->cr, x - h * 0.022f, y + h * 0.05f);
			cairo_line_to(c->cr, x - h * 0.022f, y - h * 0.1f);
		}
	}
	cairo_close_path(c->cr);
}

void flora_pines(struct canvas *c, const struct ridge *ground, float pitch, float h, float t,
	struct rgb colour)
{
	float unit = canvas_unit(c), step = pitch * unit;
	float shift = ground->shift * unit;
	int first = (int)floorf(shift / step) - 2;
	int last = (int)ceilf((shift + (float)c->w) / step) + 2;

	cairo_new_path(c->cr);
	for (int i = first; i <= last; i++) {
		uint64_t id = hash_mix(ground->seed + (uint64_t)(int64_t)i);
		float x = ((float)i + hash_in(id, 3, -0.4f, 0.4f)) * step - shift;
		float tall = h * hash_in(id, 4, 0.55f, 1.15f);
		float lean = tall * 0.018f * sinf(t * 1.1f + (float)i * 1.7f);

		flora_pine(c, x, ridge_at(c, ground, x) + h * 0.03f, tall, lean, id);
	}
	paint_source(c, colour, 1);
	cairo_fill(c->cr);
}

void flora_blade(struct canvas *c, float x, float y, float h, float lean, float width)
{
	cairo_move_to(c->cr, x - width, y);
	cairo_line_to(c->cr, x - width * 0.8f + lean * 0.22f, y - h * 0.5f);
	cairo_line_to(c->cr, x + lean, y - h);
	cairo_line_to(c->cr, x + width * 0.8f + lean * 0.28f, y - h * 0.5f);
	cairo_line_to(c->cr, x + width, y);
	cairo_close_path(c->cr);
}
