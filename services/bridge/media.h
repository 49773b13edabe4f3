/*
 * Looking at what a worker handed in: runs the program arena-media (a short-lived process that
 * drops all rights before it decodes strange bytes) and reads what it found.
 */
#ifndef ARENA_BRIDGE_MEDIA_H
#define ARENA_BRIDGE_MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/err.h"

struct media {
	int64_t width, height, duration_ms;
	double fps;
	bool remuxed; /* OUTDIR/video.mp4 is there, and is to be used instead */
	int64_t sprite_columns, sprite_rows;
};

#define MEDIA_WHY 160

/*
 * Probe the file `in`; poster.webp, sprite.webp and perhaps video.mp4 come into the folder
 * `outdir`. Blocks, at most time_ms: then the program is killed. ERR_BAD_PARAM: not a video that
 * plays, why says in plain words. ERR_INTERNAL: the program could not be run, or broke (logged).
 * Any thread.
 */
enum err media_probe(const char *program, const char *in, const char *outdir, int64_t time_ms,
	struct media *ret, char why[MEDIA_WHY]);

/* Make an empty folder of mode 0700 below `base`; path has room for size bytes. ERR_STORE, logged.
 */
enum err media_dir_make(const char *base, char *path, size_t size);

/* Remove such a folder and the files in it. */
void media_dir_remove(const char *path);

/* Remove folders that an earlier process left below base, older than age_s. */
void media_dir_sweep(const char *base, int64_t age_s);

/* Where the program is when the settings do not say: beside the running one. */
void media_program_beside(char *path, size_t size);

#endif
