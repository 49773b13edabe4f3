/*
 * Chance that repeats: everything here is a pure function of its arguments, so that any frame can
 * be drawn by any thread in any order and the same job gives the same video.
 */
#ifndef ARENA_SANDBOX_NOISE_H
#define ARENA_SANDBOX_NOISE_H

#include <stdint.h>

uint64_t hash_mix(uint64_t v);
uint64_t hash_text(const char *s);

/* The n-th number of the row that belongs to seed; 0 <= result < 1. */
float hash01(uint64_t seed, uint32_t n);

/* The same, spread evenly over [lo, hi). */
float hash_in(uint64_t seed, uint32_t n, float lo, float hi);

/* Smooth noise, one feature per unit of x (and y); result in -1..1. */
float noise1(uint64_t seed, float x);
float noise2(uint64_t seed, float x, float y);

/* Several octaves of noise2, result about -1..1. */
float fbm2(uint64_t seed, float x, float y, int octaves);

#endif
