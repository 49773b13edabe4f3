/* Curtains of northern light over pines and a still lake. */
#include "flora.h"
#include "noise.h"
#include "scene.h"
#include "weather.h"

#include <math.h>

enum { CURTAINS = 3, COLUMNS = 360 };

/* A curtain as seen at one x: nothing of it depends on the height but how it fades. */
struct fold {
	float edge, rays, light;
};

struct lights {
	struct rgb top, low, colour[CURTAINS], fringe;
	float horizon, wide;
	struct fold folds[COLUMNS + 1][CURTAINS];
};

static struct fold fold_at(uint64_t s, int i, float x, float t)
{
	float along = x * 1.5f + 0.6f * noise2(s, x * 1.7f, t * 0.16f + (float)i);
	float broad = 0.5f + 0.5f * noise2(s + 3, along * 1.3f - t * 0.12f, t * 0.06f);
	float rays = 0.55f + 0.45f * noise2(s + 2, along * 9, t * 0.5f);

	/* The lower edge hangs and sways; light climbs from it in rays and fades. */
	return (struct fold){
		.edge = 0.52f + 0.12f * (float)i - 0.22f * (float)(i == 1) +
			0.24f * noise2(s + 1, along * 1.25f, t * 0.13f) +
			0.05f * noise2(s + 4, along * 4.2f, t * 0.25f),
		.rays = rays,
		.light = (0.35f + 0.65f * rays) * broad * broad * 1.6f,
	};
}

static struct rgb light_at(const void *ctx, float x, float y)
{
	const struct lights *a = ctx;
	float v = y / a->horizon;
	struct rgb k = rgb_mix(a->top, a->low, clamp01(v));
	int column = (int)(fminf(x / a->wide, 1) * COLUMNS);

	for (int i = 0; i < CURTAINS; i++) {
		const struct fold *f = &a->folds[column][i];
		float up = f->edge - v;

		if (up < -0.09f)
			continue;
		float glow = smooth(-0.09f, 0.04f, up) * expf(-up * (5.0f - 2.6f * f->rays));

		k = rgb_add(k, rgb_mix(a->colour[i], a->fringe, smooth(0.08f, 0.42f, up)),
			glow * f->light);
	}
	return k;
}

void draw_aurora(const struct shot *shot, float t, struct canvas *c)
{
	static const unsigned sets[3][CURTAINS + 1] = {
		{0x2dff9b, 0x19d3c5, 0x5affa0, 0x8a3dff},
		{0x22e3c0, 0x3f8cff, 0x7affd0, 0xd43dff},
		{0x9dff5a, 0x2dffb2, 0x38c6ff, 0xff4f9a},
	};
	const unsigned *set = sets[(int)(hash01(shot->seed, 70) * 3)];
	float unit = canvas_unit(c), shore = (float)c->h * 0.74f;
	struct lights a = {
		.top = rgb_hex(0x030716),
		.low = rgb_hex(0x123049),
		.fringe = rgb_hex(set[CURTAINS]),
		.horizon = shore / unit,
		.wide = (float)c->w / unit,
	};

	for (int i = 0; i < CURTAINS; i++) {
		a.colour[i] = rgb_hex(set[i]);
		for (int x = 0; x <= COLUMNS; x++)
			a.folds[x][i] = fold_at(
				shot->seed + (uint64_t)i * 101, i, a.wide * (float)x / COLUMNS, t);
	}
	paint_soft(c, 120, light_at, &a);
	weather_stars(c, shot->seed, t, shore, 220);
	for (int i = 0; i < 2; i++) {
		struct ridge r = {
			.seed = shot->seed + (uint64_t)i * 3,
			.y = shore - unit * (i ? 0.012f : 0.06f),
			.amp = unit * (i ? 0.02f : 0.09f),
			.freq = i ? 2.0f : 1.3f,
			.shift = shot->drift * t * (i ? 0.012f : 0.005f),
			.rough = i ? 0.2f : 0.8f,
			.top = rgb_hex(i ? 0x02060d : 0x0a1b2c),
			.bottom = rgb_hex(i ? 0x02060d : 0x10283a),
		};

		if (i)
			flora_pines(c, &r, 0.035f, unit * 0.11f, t, rgb_hex(0x02060d));
		paint_ridge(c, &r);
	}
	weather_mirror(c, (int)shore, t, rgb_hex(0x04101c), 0.28f);
}
