/* Colours as three floats, 0..1, already gamma-coded (sRGB): what a painter mixes by eye. */
#ifndef ARENA_SANDBOX_COLOUR_H
#define ARENA_SANDBOX_COLOUR_H

struct rgb {
	float r, g, b;
};

static inline struct rgb rgb_hex(unsigned hex)
{
	return (struct rgb){(float)(hex >> 16 & 255) / 255, (float)(hex >> 8 & 255) / 255,
		(float)(hex & 255) / 255};
}

static inline struct rgb rgb_mix(struct rgb a, struct rgb b, float t)
{
	return (struct rgb){a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
}

/* a + b * k */
static inline struct rgb rgb_add(struct rgb a, struct rgb b, float k)
{
	return (struct rgb){a.r + b.r * k, a.g + b.g * k, a.b + b.b * k};
}

static inline float clamp01(float v)
{
	return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* 0 below lo, 1 above hi, an S between; lo may be the larger one. */
static inline float smooth(float lo, float hi, float v)
{
	float t = clamp01((v - lo) / (hi - lo));

	return t * t * (3 - 2 * t);
}

#endif
