#include "noise.h"

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

/* One round less than hash32, and no rounding call below: fields ask for this a million times a
 * frame. */
static float lattice(uint32_t seed, int32_t x, int32_t y)
{
	uint32_t v = seed ^ (uint32_t)x * 0x27d4eb2fu ^ (uint32_t)y * 0x165667b1u;

	v = (v ^ v >> 15) * 0x2c1b3c6du;
	v = (v ^ v >> 13) * 0x297a2d39u;
	return (float)(int32_t)(v ^ v >> 16) * (1.0f / 2147483648.0f);
}

static int32_t floor_int(float v)
{
	int32_t i = (int32_t)v;

	return i - (v < (float)i);
}

static float fade(float t)
{
	return t * t * (3 - 2 * t);
}

float noise2(uint64_t seed, float x, float y)
{
	uint32_t s = (uint32_t)(seed ^ (seed >> 32)) * 0x9e3779b9u;
	int32_t ix = floor_int(x), iy = floor_int(y);
	float u = fade(x - (float)ix), v = fade(y - (float)iy);
	float a = lattice(s, ix, iy), b = lattice(s, ix + 1, iy);
	float c = lattice(s, ix, iy + 1), d = lattice(s, ix + 1, iy + 1);

	a += (b - a) * u;
	c += (d - c) * u;
	return a + (c - a) * v;
}

float noise1(uint64_t seed, float x)
{
	uint32_t s = (uint32_t)(seed ^ (seed >> 32)) * 0x9e3779b9u;
	int32_t ix = floor_int(x);
	float a = lattice(s, ix, 0), b = lattice(s, ix + 1, 0);

	return a + (b - a) * fade(x - (float)ix);
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
