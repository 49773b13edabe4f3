/*
 * What kind of image is this, and how large? Told from the bytes, never from a name or a header
 * that came with them. Nothing is decoded: that happens in a process of its own, later.
 */
#ifndef ARENA_IMAGE_H
#define ARENA_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

struct image_info {
	const char *mime; /* image/png, image/jpeg, image/webp or image/gif: a constant */
	int width;        /* pixels as stored, 1 or more */
	int height;
};

/* ERR_BAD_IMAGE: none of the four, damaged, or cut short before its size is told. */
enum err image_sniff(const uint8_t *p, size_t n, struct image_info *ret);

/* The same of a file; reads what it needs and no more, and leaves the file position alone. */
enum err image_sniff_fd(int fd, struct image_info *ret);

#endif
