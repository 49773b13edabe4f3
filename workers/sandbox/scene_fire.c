/* Flames from below, embers rising. */
#include "noise.h"
#include "scene.h"

#include <math.h>

struct blaze {
	float tall, t;
	uint64_t seed;
};

static struct rgb heat_colour(float h)
{
	static const unsigned stops[] = {
		0x090304, 0x3a0a08, 0xa81c08, 0xf0640c, 0xffc038, 0xfff4c4};
	enum { LAST = sizeof(stops) / sizeof(stops[0]) - 1 };
	float at = clamp01(h) * LAST;
	int i = at >= LAST ? LAST - 1 : (int)at;

	return rgb_mix(rgb_hex(stops[i]), rgb_hex(stops[i + 1]), at - (float)i);
}

static struct rgb blaze_at(const void *ctx, float x, float y)
{
	const struct blaze *b = ctx;
	float up = (b->tall - y) / b->tall; /* 0 below .. 1 above */
	float t = b->t;
	float sway = noise2(b->seed, x * 1.6f, y * 1.2f + t * 0.9f) * 0.22f * (0.3f + up);
	float a = fbm2(b->seed + 1, (x + sway) * 3.2f, y * 1.5f + t * 1.9f, 4);
	float n = fbm2(b->seed + 2, (x - sway) * 5.5f, y * 2.6f + t * 2.8f, 3);
	float tongue = noise2(b->seed + 3, x * 2.3f, t * 0.45f) * 0.16f;
	float h = 1.02f - up * (2.1f - tongue * 3) + a * 0.72f + n * 0.25f * (0.4f + up);

	return rgb_add(heat_colour(h * 0.86f), rgb_hex(0x3a0d06), 0.5f * (1 - up));
}

void draw_fire(const struct shot *shot, float t, struct canvas *c)
{
	float unit = canvas_unit(c);
	struct blaze b = {(float)c->h / unit, t, shot->seed};

	paint_soft(c, 96, blaze_at, &b);
	for (uint32_t i = 0; i < 110; i++) {
		float life =
			hash01(shot->seed ^ 95, i) + t * hash_in(shot->seed ^ 96, i, 0.12f, 0.3f);

		life -= floorf(life);
		float x = hash01(shot->seed ^ 97, i) +
			  0.07f * noise1(shot->seed + i, t * 0.8f + life * 2);
		float r = unit * hash_in(shot->seed ^ 98, i, 0.003f, 0.008f) * (1.2f - life);
		struct rgb k = rgb_mix(rgb_hex(0xffd070), rgb_hex(0xff5014), life);

		paint_glow(c, x * (float)c->w, (1.05f - life * 1.1f) * (float)c->h, r * 3.2f, k,
			0.35f * (1 - life));
		paint_glow(c, x * (float)c->w, (1.05f - life * 1.1f) * (float)c->h, r, k,
			1 - life * 0.6f);
	}
}
