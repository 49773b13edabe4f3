/* A job as it arrives on stdin: JSON to struct, checked. Pure: no files are touched. */
#ifndef ARENA_SANDBOX_SPEC_H
#define ARENA_SANDBOX_SPEC_H

#include "clip_err.h"

#include <stddef.h>
#include <stdint.h>

enum {
	SPEC_FPS = 24, /* unless the job says */
	SPEC_FPS_MAX = 60,
	SPEC_SECONDS_MAX = 20,
	SPEC_SIDE_MIN = 64,
	SPEC_LONG_MAX = 1920,
	SPEC_SHORT_MAX = 1080,
	SPEC_PROMPT_MAX = 32000, /* characters, not bytes */
	SPEC_JSON_MAX = 1 << 20, /* bytes; 32,000 characters escaped as \uXXXX pairs fit */
};

struct spec {
	char *prompt;     /* valid UTF-8, never NULL; may be empty when there is an image */
	char *image;      /* path of the picture to begin with, or NULL */
	char *last_image; /* path of the picture to end with, or NULL */
	int seconds;      /* 1..20 */
	int fps;          /* 1..60 */
	int width;        /* pixels, even */
	int height;       /* pixels, even */
	uint64_t seed;    /* the caller's, or a hash of the prompt */
};

/*
 * Reads one JSON object of n bytes. On failure *why (a constant) says in plain words what is
 * wrong and the struct stays untouched. Result must be passed to spec_clear().
 */
enum clip_err spec_parse(const char *json, size_t n, const char **why, struct spec *ret);

void spec_clear(struct spec *spec);

#endif
