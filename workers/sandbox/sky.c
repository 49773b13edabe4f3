#include "sky.h"

#include "noise.h"
#include "weather.h"

#include <math.h>

struct palette {
	unsigned top, mid, low, light, cloud;
};

/* Two of each, so that two seeds of one prompt differ. */
static const struct palette palettes[][2] = {
	[HOUR_DAY] = {{0x2463ad, 0x6fb1e4, 0xe3f1f4, 0xfff6dd, 0xffffff},
		{0x1d7fae, 0x86cbe0, 0xfdf2d6, 0xfff2c4, 0xfffaf2}},
	[HOUR_DUSK] = {{0x2a2559, 0xb4517c, 0xffb367, 0xffe1a6, 0xff9e87},
		{0x163a63, 0xc8727a, 0xffd9a0, 0xfff0c8, 0xf7a491}},
	[HOUR_NIGHT] = {{0x040817, 0x0d1c40, 0x29497a, 0xe8eefc, 0x31456e},
		{0x070618, 0x1b1a48, 0x4a3f7c, 0xf3ecff, 0x3d3a70}},
};

struct sky sky_at(const struct shot *shot, const struct canvas *c, float t, float horizon)
{
	const struct palette *p = &palettes[shot->hour][hash01(shot->seed, 50) < 0.5f];
	float unit = canvas_unit(c);
	float end = (float)c->h * horizon / unit, wide = (float)c->w / unit;
	struct sky sky = {
		.top = rgb_hex(p->top),
		.mid = rgb_hex(p->mid),
		.low = rgb_hex(p->low),
		.light = rgb_hex(p->light),
		.cloud = rgb_hex(p->cloud),
		.horizon = end,
		.clouds = shot->rain || shot->snow ? 0.95f : hash_in(shot->seed, 51, 0.3f, 0.75f),
		.drift = shot->drift * t * 0.028f,
		.seed = shot->seed,
		.hour = shot->hour,
	};

	sky.sun_x = wide * hash_in(shot->seed, 52, 0.2f, 0.8f);
	sky.sun_y = end * (shot->hour == HOUR_DUSK ? 0.86f - 0.006f * t
						   : hash_in(shot->seed, 53, 0.16f, 0.34f));
	if (shot->rain || shot->snow) {
		sky.top = rgb_mix(sky.top, rgb_hex(0x2b3542), 0.5f);
		sky.mid = rgb_mix(sky.mid, rgb_hex(0x5b6673), 0.45f);
		sky.low = rgb_mix(sky.low, rgb_hex(0x8b95a0), 0.35f);
	}
	return sky;
}

static float cloud_cover(const struct sky *sky, float x, float y)
{
	float v = y / sky->horizon;

	if (v >= 1)
		return 0;
	/* Flatter and denser towards the horizon, as clouds are that one sees from the side. */
	float depth = 0.35f + 1.25f * (1 - v);
	float n = fbm2(sky->seed ^ 0xc1, (x + sky->drift) * 1.9f / depth, y * 5.2f / depth, 4);

	return smooth(0.42f - 0.6f * sky->clouds, 0.75f, n) * smooth(1, 0.82f, v);
}

struct rgb sky_colour(const void *ctx, float x, float y)
{
	const struct sky *sky = ctx;
	float v = clamp01(y / sky->horizon);
	struct rgb k = v < 0.6f ? rgb_mix(sky->top, sky->mid, v / 0.6f)
				: rgb_mix(sky->mid, sky->low, (v - 0.6f) / 0.4f);
	float dx = x - sky->sun_x, dy = y - sky->sun_y;
	float d = sqrtf(dx * dx + dy * dy);
	float halo = expf(-d * (sky->hour == HOUR_NIGHT ? 6.5f : 3.6f));
	float cover = cloud_cover(sky, x, y);
	struct rgb cloud = rgb_mix(sky->cloud, k, sky->hour == HOUR_NIGHT ? 0.55f : 0.25f);

	k = rgb_mix(k, cloud, cover * 0.8f);
	return rgb_add(k, sky->light, halo * (sky->hour == HOUR_NIGHT ? 0.35f : 0.42f));
}

void sky_paint(const struct sky *sky, struct canvas *c, float t)
{
	paint_soft(c, 80, sky_colour, sky);
	sky_bodies(sky, c, t);
}

void sky_bodies(const struct sky *sky, struct canvas *c, float t)
{
	float unit = canvas_unit(c);
	float x = sky->sun_x * unit, y = sky->sun_y * unit;

	if (sky->hour == HOUR_NIGHT) {
		if (sky->clouds < 0.9f)
			weather_stars(c, sky->seed, t, sky->horizon * unit, 150);
		paint_disc(c, x, y, unit * 0.052f, sky->light, 0.95f);
		paint_disc(c, x + unit * 0.014f, y - unit * 0.010f, unit * 0.012f,
			rgb_hex(0xc3cbe0), 0.5f);
		paint_disc(c, x - unit * 0.017f, y + unit * 0.012f, unit * 0.017f,
			rgb_hex(0xc3cbe0), 0.4f);
	} else {
		float r = unit * (sky->hour == HOUR_DUSK ? 0.075f : 0.05f);

		paint_glow(c, x, y, r * 2.6f, sky->light, 0.28f);
		paint_disc(c, x, y, r, rgb_mix(sky->light, rgb_hex(0xffffff), 0.55f), 1);
	}
}
