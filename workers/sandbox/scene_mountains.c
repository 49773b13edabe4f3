/* Ranges of mountains that slide past each other, with mist between them. */
#include "noise.h"
#include "scene.h"
#include "sky.h"

enum { RANGES = 6 };

void draw_mountains(const struct shot *shot, float t, struct canvas *c)
{
	static const unsigned near_dark[] = {0x16342c, 0x1b0f26, 0x03060e};
	struct sky sky = sky_at(shot, c, t, 0.62f);
	float unit = canvas_unit(c);
	struct rgb dark = rgb_hex(near_dark[shot->hour]);

	sky_paint(&sky, c, t);
	for (int i = 0; i < RANGES; i++) {
		float near = (float)i / (RANGES - 1);
		struct rgb air = rgb_mix(sky.low, sky.mid, 0.35f + 0.3f * near);
		struct rgb top = rgb_mix(air, dark, 0.22f + 0.78f * near);
		struct ridge r = {
			.seed = shot->seed + (uint64_t)i * 31,
			.y = (float)c->h * (0.50f + 0.40f * near * near + 0.05f * near),
			.amp = unit * (0.16f - 0.07f * near),
			.freq = 1.1f + 0.5f * near,
			.shift = shot->drift * t * (0.006f + 0.05f * near * near) + (float)i * 9,
			.rough = 0.95f - 0.75f * near,
			.top = top,
			.bottom = rgb_mix(top, rgb_mix(air, sky.light, 0.1f), 0.75f * (1 - near)),
		};

		paint_ridge(c, &r);
	}
}
