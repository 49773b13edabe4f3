/* Folds of colour that flow into each other. */
#include "noise.h"
#include "scene.h"
#include "weather.h"

#include <math.h>

enum { INKS = 4 };

struct cloth {
	struct rgb ink[INKS];
	float t;
	uint64_t seed;
};

static struct rgb cloth_at(const void *ctx, float x, float y)
{
	const struct cloth *s = ctx;
	float t = s->t * 0.13f;
	float a = noise2(s->seed, x * 1.1f + t, y * 0.9f - t * 0.7f);
	float b = noise2(s->seed + 1, x * 0.9f - t * 0.6f + a, y * 1.1f + t);
	float fold = sinf((x * 1.6f + y * 1.1f + a * 1.9f + b * 1.4f) * 2.6f + t * 4);
	float sheen = powf(0.5f + 0.5f * fold, 5);
	struct rgb k = rgb_mix(s->ink[0], s->ink[1], smooth(-0.7f, 0.7f, a + 0.35f * fold));

	k = rgb_mix(k, s->ink[2], smooth(-0.1f, 0.9f, b - 0.25f * fold));
	k = rgb_mix(k, rgb_hex(0x000000), 0.28f * smooth(0.1f, -1, fold));
	return rgb_add(k, s->ink[3], sheen * 0.32f);
}

void draw_silk(const struct shot *shot, float t, struct canvas *c)
{
	static const unsigned sets[][INKS] = {
		{0x2b1055, 0xd53a9d, 0xff9a6b, 0xffe0c8},
		{0x02283d, 0x0e8f9f, 0x8fe3c0, 0xfff6d5},
		{0x1b1464, 0x3f5efb, 0xfc466b, 0xffd0e4},
		{0x3a0d12, 0xc33c2f, 0xf7b733, 0xfff1c9},
		{0x0b132b, 0x5b3fd0, 0x2fb7d8, 0xe3f5ff},
	};
	const unsigned *set = sets[(int)(hash01(shot->seed, 130) * 5)];
	struct cloth s = {.t = t, .seed = shot->seed};

	for (int i = 0; i < INKS; i++)
		s.ink[i] = rgb_hex(set[i]);
	paint_soft(c, 90, cloth_at, &s);
	weather_motes(c, shot->seed, t, 0, (float)c->h, 16, rgb_hex(0xfff3df));
}
