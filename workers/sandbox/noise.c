#include "noise.h"

#include <math.h>

uint64_t hash_mix(uint64_t v) /* splitmix64, Steele and others, OOPSLA 2014 */
{
	v += 0x9e3779b97f4a7c15u;
	v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9u;
	v = (v ^ (v >> 27)) * 0x94d049bb133111ebu;
	return v ^ (v >> 31);
}

uint64_t hash_text(const char *s)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a, then mixed: close texts, far seeds */

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	return hash_mix(h);
}

/* Cheap on purpose: noise2 asks four times for each point of a field. */
static uint32_t hash32(uint32_t v)
{
	v ^= v >> 16;
	v *= 0x7feb352du;
	v ^= v >> 15;
	v *= 0x846ca68bu;
	return v ^ (v >> 16);
}

static float unit(uint32_t v)
{
	return (float)(v >> 8) * (1.0f / 16777216.0f);
}

float hash01(uint64_t seed, uint32_t n)
{
	return unit(hash32((uint32_t)seed ^ hash32((uint32_t)(seed >> 32) + n * 0x9e3779b9u)));
}

float hash_in(uint64_t seed, uint32_t n, float lo, float hi)
{
	return lo + (hi - lo) * hash01(seed, n);
}

static float lattice(uint32_t seed, int32_t x, int32_t y)
{
	uint32_t v = hash32(seed ^ (uint32_t)x * 0x27d4eb2fu ^ (uint32_t)y * 0x165667b1u);

	return unit(v) * 2 - 1;
}

static float fade(float t)
{
	return t * t * t * (t * (t * 6 - 15) + 10);
}

float noise2(uint64_t seed, float x, float y)
{
	uint32_t s = (uint32_t)(seed ^ (seed >> 32));
	float fx = floorf(x), fy = floorf(y);
	int32_t ix = (int32_t)fx, iy = (int32_t)fy;
	float u = fade(x - fx), v = fade(y - fy);
	float a = lattice(s, ix, iy), b = lattice(s, ix + 1, iy);
	float c = lattice(s, ix, iy + 1), d = lattice(s, ix + 1, iy + 1);

	a += (b - a) * u;
	c += (d - c) * u;
	return a + (c - a) * v;
}

float noise1(uint64_t seed, float x)
{
	uint32_t s = (uint32_t)(seed ^ (seed >> 32));
	float fx = floorf(x);
	int32_t ix = (int32_t)fx;
	float a = lattice(s, ix, 0), b = lattice(s, ix + 1, 0);

	return a + (b - a) * fade(x - fx);
}

float fbm2(uint64_t seed, float x, float y, int octaves)
{
	float sum = 0, amp = 0.55f;

	for (int i = 0; i < octaves; i++) {
		sum += amp * noise2(seed + (uint64_t)i * 7919, x, y);
		/* Turned a little each time, so that the lattice does not show. */
		float nx = 1.62f * x + 1.18f * y + 3.1f;

		y = -1.18f * x + 1.62f * y + 7.7f;
		x = nx;
		amp *= 0.5f;
	}
	return sum;
}
