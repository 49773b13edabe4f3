/* Pictures to files. */
#ifndef ARENA_MEDIA_WEBP_H
#define ARENA_MEDIA_WEBP_H

#include <stdint.h>

/* Writes w x h pixels of BGRA (no gaps) to fd as WebP; quality 0..100. 0 or -1. */
int webp_write(int fd, const uint8_t *bgra, int w, int h, float quality);

#endif
