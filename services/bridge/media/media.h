/* Examines one file that a stranger sent and makes what pages need of it. */
#ifndef ARENA_MEDIA_MEDIA_H
#define ARENA_MEDIA_MEDIA_H

#include "report.h"

enum {
	MEDIA_POSTER_SIDE = 1280, /* pixels, the longer one, at most */
	MEDIA_TILE_WIDTH = 160,
	MEDIA_GRID = 5, /* tiles in a row, and rows, of the sprite sheet */
};

struct media_files {
	int in;     /* for reading */
	int poster; /* these three for reading and writing, empty; -1: not wanted */
	int sprite;
	int video;
};

/* Opens nothing. What it did not make stays empty. */
void media_examine(const struct media_files *files, struct report *ret);

#endif
