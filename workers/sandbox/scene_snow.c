/* Snowy hills with pines, and snow that falls. */
#include "flora.h"
#include "noise.h"
#include "scene.h"
#include "sky.h"
#include "weather.h"

enum { HILLS = 4 };

void draw_snow(const struct shot *shot, float t, struct canvas *c)
{
	static const unsigned lit[] = {0xf6fbff, 0xf0e0ec, 0x7f95c4};
	static const unsigned shade[] = {0xa9c6e2, 0x7f78a8, 0x22335f};
	static const unsigned wood[] = {0x24474a, 0x2b2346, 0x081024};
	struct sky sky = sky_at(shot, c, t, 0.6f);
	float unit = canvas_unit(c);

	sky_paint(&sky, c, t);
	for (int i = 0; i < HILLS; i++) {
		float near = (float)i / (HILLS - 1);
		float far = 1 - near;
		struct rgb air = rgb_mix(sky.low, sky.mid, 0.5f);
		struct ridge r = {
			.seed = shot->seed + (uint64_t)i * 17,
			.y = (float)c->h * (0.53f + 0.33f * near),
			.amp = unit * (0.07f + 0.03f * far),
			.freq = 1.0f + 0.35f * near,
			.shift = shot->drift * t * (0.006f + 0.035f * near) + (float)i * 5,
			.rough = i ? 0.0f : 0.5f,
			.top = rgb_mix(rgb_hex(lit[shot->hour]), air, 0.55f * far),
			.bottom = rgb_mix(rgb_hex(shade[shot->hour]), air, 0.4f * far),
		};

		if (i)
			flora_pines(c, &r, 0.035f + 0.05f * near,
				unit * (0.07f + 0.2f * near * near), t,
				rgb_mix(rgb_hex(wood[shot->hour]), air, 0.7f * far));
		paint_ridge(c, &r);
	}
	weather_snow(c, shot->seed, t, 1.5f);
}
